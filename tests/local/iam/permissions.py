"""Calls of AWS that functions make, each with everything that a role must be allowed for it."""

from __future__ import annotations

import json
import time
from typing import Any

REGION = "eu-west-1:123456789012"
S3, SES = "arn:aws:s3:::exchange", f"arn:aws:ses:{REGION}"
TABLE, INDEX = (f"arn:aws:dynamodb:{REGION}:table/rows{end}" for end in ("", "/index/by-day"))
QUEUE, TOPIC = f"arn:aws:sqs:{REGION}:letters", f"arn:aws:sns:{REGION}:alarms"
FUNCTION = f"arn:aws:lambda:{REGION}:function:function"
LOG = f"arn:aws:logs:{REGION}:log-group:log:log-stream:stream"
QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/letters"

ITEM = {"Id": {"S": "1"}}
MAIL: dict[str, Any] = {
    "Source": "Files <files@example.com>",
    "Template": "announcement",
    "TemplateData": "{}",
    "ConfigurationSetName": "mails",
    "Destination": {"ToAddresses": ["bob@example.com"]},
}
BULK: dict[str, Any] = {
    **{name: MAIL[name] for name in ("Source", "Template", "ConfigurationSetName")},
    "DefaultTemplateData": "{}",
    "Destinations": [{"Destination": MAIL["Destination"]}],
}
TEXT = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello"}}}
RAW = {"Data": b"From: Files <files@example.com>\nTo: bob@example.com\nSubject: Hello\n\nHello\n"}
UPDATE = {
    "UpdateExpression": "SET Moment = :d",
    "ExpressionAttributeValues": {":d": {"S": "2026-11-25"}},
}
QUERY = {
    "KeyConditionExpression": "#id = :id",
    "ExpressionAttributeNames": {"#id": "Id"},
    "ExpressionAttributeValues": {":id": {"S": "1"}},
}
BY_DAY = {
    "IndexName": "by-day",
    "KeyConditionExpression": "Moment = :d",
    "ExpressionAttributeValues": {":d": {"S": "2026-11-25"}},
}
ROW = {"TableName": "rows", "Key": ITEM}
UPDATED, PUT = {**ROW, **UPDATE}, {"TableName": "rows", "Item": ITEM}
CHECKED = {**ROW, "ConditionExpression": "attribute_exists(Id)"}
OTHER_ROW = {"TableName": "rows", "Key": {"Id": {"S": "2"}}}
THIRD_ROW = {"TableName": "rows", "Item": {"Id": {"S": "3"}}}
LINE = {"timestamp": int(time.time() * 1000), "message": "x"}
LETTER = {"Id": "1", "MessageBody": "x"}
FILE = {"Bucket": "exchange", "Key": "a b/ü.pdf"}
OBJECT = f"{S3}/a b/ü.pdf"
STACK = f"arn:aws:cloudformation:{REGION}:stack/stack/*"
ROLE = "arn:aws:iam::123456789012:role/maker"
SCHEDULE = {
    "Name": "weekly",
    "ScheduleExpression": "rate(7 days)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": QUEUE, "RoleArn": ROLE},
}
TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})

# The call, and everything that must be allowed.
CALLS: list[tuple[str, str, dict[str, Any], list[tuple[str, str]]]] = [
    ("s3", "get_object", FILE, [("s3:GetObject", OBJECT)]),
    ("s3", "head_object", FILE, [("s3:GetObject", OBJECT)]),
    ("s3", "get_object", {**FILE, "VersionId": "?"}, [("s3:GetObjectVersion", OBJECT)]),
    ("s3", "head_object", {**FILE, "VersionId": "?"}, [("s3:GetObjectVersion", OBJECT)]),
    ("s3", "get_object_tagging", FILE, [("s3:GetObjectTagging", OBJECT)]),
    ("s3", "put_object", FILE, [("s3:PutObject", OBJECT)]),
    (
        *("s3", "put_object", {**FILE, "Tagging": "a=b"}),
        [("s3:PutObject", OBJECT), ("s3:PutObjectTagging", OBJECT)],
    ),
    (
        *("s3", "copy_object", {**FILE, "CopySource": {"Bucket": "exchange", "Key": "old ü"}}),
        [("s3:PutObject", OBJECT), ("s3:GetObject", f"{S3}/old ü")],
    ),
    ("s3", "create_multipart_upload", FILE, [("s3:PutObject", OBJECT)]),
    ("s3", "delete_object", {**FILE, "Key": "new"}, [("s3:DeleteObject", f"{S3}/new")]),
    (
        *("s3", "delete_object", {**FILE, "Key": "new", "VersionId": "null"}),
        [("s3:DeleteObjectVersion", f"{S3}/new")],
    ),
    (
        *("s3", "delete_objects"),
        {"Bucket": "exchange", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y"}]}},
        [("s3:DeleteObject", f"{S3}/x"), ("s3:DeleteObject", f"{S3}/y")],
    ),
    ("s3", "list_objects_v2", {"Bucket": "exchange"}, [("s3:ListBucket", S3)]),
    ("s3", "head_bucket", {"Bucket": "exchange"}, [("s3:ListBucket", S3)]),
    ("s3", "list_object_versions", {"Bucket": "exchange"}, [("s3:ListBucketVersions", S3)]),
    (
        *("s3", "create_bucket"),
        {
            "Bucket": "made-here",
            "ObjectOwnership": "BucketOwnerEnforced",
            "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"},
        },
        [
            ("s3:CreateBucket", "arn:aws:s3:::made-here"),
            ("s3:PutBucketOwnershipControls", "arn:aws:s3:::made-here"),
        ],
    ),
    ("s3", "get_bucket_versioning", {"Bucket": "exchange"}, [("s3:GetBucketVersioning", S3)]),
    ("s3", "list_buckets", {}, [("s3:ListAllMyBuckets", "*")]),
    (
        *("ses", "send_bulk_templated_email", BULK),
        [
            ("ses:SendBulkTemplatedEmail", f"{SES}:identity/files@example.com"),
            ("ses:SendBulkTemplatedEmail", f"{SES}:template/announcement"),
            ("ses:SendBulkTemplatedEmail", f"{SES}:configuration-set/mails"),
        ],
    ),
    (
        *("ses", "send_templated_email", {**MAIL, "Source": "x@example.org"}),
        [
            ("ses:SendTemplatedEmail", f"{SES}:identity/example.org"),
            ("ses:SendTemplatedEmail", f"{SES}:template/announcement"),
            ("ses:SendTemplatedEmail", f"{SES}:configuration-set/mails"),
        ],
    ),
    (
        *("ses", "send_email"),
        {"Source": MAIL["Source"], "Destination": MAIL["Destination"], "Message": TEXT},
        [("ses:SendEmail", f"{SES}:identity/files@example.com")],
    ),
    (
        *("ses", "send_raw_email", {"RawMessage": RAW}),
        [("ses:SendRawEmail", f"{SES}:identity/files@example.com")],
    ),
    ("ses", "get_send_quota", {}, [("ses:GetSendQuota", "*")]),
    ("dynamodb", "get_item", ROW, [("dynamodb:GetItem", TABLE)]),
    ("dynamodb", "put_item", PUT, [("dynamodb:PutItem", TABLE)]),
    ("dynamodb", "update_item", UPDATED, [("dynamodb:UpdateItem", TABLE)]),
    ("dynamodb", "delete_item", OTHER_ROW, [("dynamodb:DeleteItem", TABLE)]),
    ("dynamodb", "query", {"TableName": "rows", **QUERY}, [("dynamodb:Query", TABLE)]),
    ("dynamodb", "query", {"TableName": "rows", **BY_DAY}, [("dynamodb:Query", INDEX)]),
    ("dynamodb", "scan", {"TableName": "rows"}, [("dynamodb:Scan", TABLE)]),
    (
        *("dynamodb", "batch_write_item"),
        {"RequestItems": {"rows": [{"PutRequest": {"Item": ITEM}}]}},
        [("dynamodb:BatchWriteItem", TABLE)],
    ),
    (
        *("dynamodb", "batch_get_item", {"RequestItems": {"rows": {"Keys": [ITEM]}}}),
        [("dynamodb:BatchGetItem", TABLE)],
    ),
    (
        *("dynamodb", "transact_write_items"),
        {
            "TransactItems": [
                {"Update": UPDATED},
                {"Put": THIRD_ROW},
                {"Delete": OTHER_ROW},
                {"ConditionCheck": {**CHECKED, "Key": {"Id": {"S": "4"}}}},
            ]
        },
        [
            ("dynamodb:UpdateItem", TABLE),
            ("dynamodb:PutItem", TABLE),
            ("dynamodb:DeleteItem", TABLE),
            ("dynamodb:ConditionCheckItem", TABLE),
        ],
    ),
    (
        *("dynamodb", "transact_get_items", {"TransactItems": [{"Get": ROW}]}),
        [("dynamodb:GetItem", TABLE)],
    ),
    ("dynamodb", "describe_table", {"TableName": "rows"}, [("dynamodb:DescribeTable", TABLE)]),
    ("dynamodb", "list_tables", {}, [("dynamodb:ListTables", "*")]),
    ("sns", "publish", {"TopicArn": TOPIC, "Message": "x"}, [("sns:Publish", TOPIC)]),
    ("sns", "create_topic", {"Name": "alarms"}, [("sns:CreateTopic", TOPIC)]),
    (
        *("sns", "publish_batch"),
        {"TopicArn": TOPIC, "PublishBatchRequestEntries": [{"Id": "1", "Message": "x"}]},
        [("sns:Publish", TOPIC)],
    ),
    (
        *("sqs", "send_message", {"QueueUrl": QUEUE_URL, "MessageBody": "x"}),
        [("sqs:SendMessage", QUEUE)],
    ),
    (
        *("sqs", "send_message_batch", {"QueueUrl": QUEUE_URL, "Entries": [LETTER]}),
        [("sqs:SendMessage", QUEUE)],
    ),
    ("sqs", "receive_message", {"QueueUrl": QUEUE_URL}, [("sqs:ReceiveMessage", QUEUE)]),
    ("sqs", "purge_queue", {"QueueUrl": QUEUE_URL}, [("sqs:PurgeQueue", QUEUE)]),
    ("sqs", "get_queue_url", {"QueueName": "letters"}, [("sqs:GetQueueUrl", QUEUE)]),
    (
        *("lambda", "invoke", {"FunctionName": "function", "InvocationType": "DryRun"}),
        [("lambda:InvokeFunction", FUNCTION)],
    ),
    (
        *("lambda", "invoke", {"FunctionName": FUNCTION, "InvocationType": "DryRun"}),
        [("lambda:InvokeFunction", FUNCTION)],
    ),
    ("lambda", "get_function", {"FunctionName": "function"}, [("lambda:GetFunction", FUNCTION)]),
    (
        *("logs", "put_log_events"),
        {"logGroupName": "log", "logStreamName": "stream", "logEvents": [LINE]},
        [("logs:PutLogEvents", LOG)],
    ),
    (
        *("cloudwatch", "put_metric_data"),
        {"Namespace": "mine", "MetricData": [{"MetricName": "x", "Value": 1}]},
        [("cloudwatch:PutMetricData", "*")],
    ),
    ("cloudwatch", "describe_alarms", {}, [("cloudwatch:DescribeAlarms", "*")]),
    (
        *("cloudwatch", "get_dashboard", {"DashboardName": "board"}),
        [("cloudwatch:GetDashboard", "arn:aws:cloudwatch::123456789012:dashboard/board")],
    ),
    (
        *("apigatewayv2", "get_domain_name", {"DomainName": "files.example.com"}),
        [("apigateway:GET", "arn:aws:apigateway:eu-west-1::/domainnames/files.example.com")],
    ),
    (
        *("apigatewayv2", "get_apis", {}),
        [("apigateway:GET", "arn:aws:apigateway:eu-west-1::/apis")],
    ),
    (
        *("scheduler", "get_schedule", {"Name": "daily"}),
        [("scheduler:GetSchedule", f"arn:aws:scheduler:{REGION}:schedule/default/daily")],
    ),
    (
        *("scheduler", "create_schedule", SCHEDULE),
        [
            ("scheduler:CreateSchedule", f"arn:aws:scheduler:{REGION}:schedule/default/weekly"),
            ("iam:PassRole", ROLE),
        ],
    ),
    (
        *("scheduler", "get_schedule_group", {"Name": "default"}),
        [("scheduler:GetScheduleGroup", f"arn:aws:scheduler:{REGION}:schedule-group/default")],
    ),
    ("iam", "get_role", {"RoleName": "maker"}, [("iam:GetRole", ROLE)]),
    ("iam", "list_roles", {}, [("iam:ListRoles", "*")]),
    ("cloudformation", "describe_stacks", {}, [("cloudformation:DescribeStacks", "*")]),
    (
        *("cloudformation", "describe_stacks", {"StackName": "stack"}),
        [("cloudformation:DescribeStacks", STACK)],
    ),
    (
        *("cloudformation", "create_change_set"),
        {"StackName": "stack", "ChangeSetName": "one", "TemplateBody": TEMPLATE, "RoleARN": ROLE},
        [("cloudformation:CreateChangeSet", STACK), ("iam:PassRole", ROLE)],
    ),
    (
        *("cloudformation", "describe_type"),
        {"Type": "RESOURCE", "TypeName": "AWS::SQS::Queue"},
        [("cloudformation:DescribeType", "*")],
    ),
    (
        *("xray", "put_trace_segments", {"TraceSegmentDocuments": ["{}"]}),
        [("xray:PutTraceSegments", "*")],
    ),
    ("sts", "get_caller_identity", {}, []),
]
