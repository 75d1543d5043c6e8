"""Why deploy/local/resource_types.py has each type: what moto's own CloudFormation does not do.

A test here fails once moto has closed the gap. Then delete the class that the test names, its
line in TYPES of deploy/local/resource_types.py, its tests, and the test here: moto's own
class is used from then on.
"""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.parsing import get_model_map

from deploy.local.resource_types import TYPES
from tests.local.dynamodb.tables import SCHEMA, TABLE

_REGION = "eu-west-1"
_ACCOUNT = "123456789012"
_ASSUMED = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]}


class PlainMoto:
    """moto's own CloudFormation, with one resource called Subject."""

    def __init__(self) -> None:
        self._backend = CloudFormationBackend(_REGION, _ACCOUNT)

    def client(self, service: str) -> Any:
        return boto3.client(
            service, region_name=_REGION, aws_access_key_id="a", aws_secret_access_key="b"
        )

    def create(self, type_name: str, properties: dict[str, Any]) -> str:
        """Make a stack with the resource; gives what Ref gives."""
        self._backend.create_stack("stack", self._template(type_name, properties), {})
        return self.physical_id()

    def update(self, type_name: str, properties: dict[str, Any]) -> None:
        body = self._template(type_name, properties)
        self._backend.update_stack("stack", body, None, [], None)

    def physical_id(self) -> str:
        resources = self._backend.get_stack("stack").resource_map
        return str(resources["Subject"].physical_resource_id)

    def _template(self, type_name: str, properties: dict[str, Any]) -> str:
        return json.dumps({"Resources": {"Subject": {"Type": type_name, "Properties": properties}}})


@pytest.fixture
def moto() -> Iterator[PlainMoto]:
    with mock_aws(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield PlainMoto()


_ABSENT = (
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::S3::BucketPolicy",
    "AWS::Scheduler::Schedule",
    "AWS::SES::ConfigurationSet",
    "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SES::Template",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
)


@pytest.mark.parametrize("type_name", _ABSENT)
def test_types_that_moto_lacks(type_name: str) -> None:
    """moto's CloudFormation drops these types. Gap of the class with this `type_name`."""
    assert type_name not in get_model_map()


def test_every_type_has_its_gap() -> None:
    """Each of our own types is either absent from moto or has a test in this file."""
    tested = {
        "AWS::CloudWatch::Dashboard",
        "AWS::DynamoDB::Table",
        "AWS::IAM::Role",
        "AWS::Lambda::Function",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
    }

    assert set(TYPES) == tested | set(_ABSENT)


@pytest.mark.parametrize(
    ("name", "value", "operation", "answer"),
    [
        ("VersioningConfiguration", {"Status": "Enabled"}, "get_bucket_versioning", "Status"),
        (
            "LoggingConfiguration",
            {"DestinationBucketName": "subject"},
            "get_bucket_logging",
            "LoggingEnabled",
        ),
        (
            "NotificationConfiguration",
            {"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
            "get_bucket_notification_configuration",
            "EventBridgeConfiguration",
        ),
    ],
)
def test_bucket(
    moto: PlainMoto, name: str, value: dict[str, Any], operation: str, answer: str
) -> None:
    """moto drops this property of a bucket, and others. Gap of s3.Bucket."""
    moto.create("AWS::S3::Bucket", {"BucketName": "subject", name: value})

    given = getattr(moto.client("s3"), operation)(Bucket="subject")

    assert answer not in given


@pytest.mark.parametrize(
    ("name", "value", "operation"),
    [
        (
            "LifecycleConfiguration",
            {"Rules": [{"Status": "Enabled", "ExpirationInDays": 1}]},
            "get_bucket_lifecycle_configuration",
        ),
        (
            "PublicAccessBlockConfiguration",
            {"BlockPublicAcls": True},
            "get_public_access_block",
        ),
        (
            "OwnershipControls",
            {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "get_bucket_ownership_controls",
        ),
    ],
)
def test_bucket_configuration(
    moto: PlainMoto, name: str, value: dict[str, Any], operation: str
) -> None:
    """moto drops this property of a bucket, and others. Gap of s3.Bucket."""
    s3 = moto.client("s3")
    moto.create("AWS::S3::Bucket", {"BucketName": "subject", name: value})

    with pytest.raises(s3.exceptions.ClientError) as missing:
        getattr(s3, operation)(Bucket="subject")

    assert missing.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_function(moto: PlainMoto) -> None:
    """moto drops dead letters, logging and tracing of a function. Gap of functions.Function."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("main.py", "def handle(event, context): pass")
    s3 = moto.client("s3")
    s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": _REGION})
    s3.put_object(Bucket="code", Key="zip", Body=content.getvalue())
    role = moto.client("iam").create_role(
        RoleName="worker", AssumeRolePolicyDocument=json.dumps(_ASSUMED)
    )
    moto.create(
        "AWS::Lambda::Function",
        {
            "FunctionName": "subject",
            "Runtime": "python3.13",
            "Handler": "main.handle",
            "Role": role["Role"]["Arn"],
            "Code": {"S3Bucket": "code", "S3Key": "zip"},
            "DeadLetterConfig": {"TargetArn": f"arn:aws:sqs:{_REGION}:{_ACCOUNT}:letters"},
            "LoggingConfig": {"LogFormat": "JSON"},
            "TracingConfig": {"Mode": "Active"},
        },
    )

    given = moto.client("lambda").get_function_configuration(FunctionName="subject")

    assert "DeadLetterConfig" not in given
    assert "LoggingConfig" not in given
    assert given["TracingConfig"] == {"Mode": "PassThrough"}


def test_permission() -> None:
    """moto cannot take a permission away again. Gap of functions.Permission."""
    model = get_model_map()["AWS::Lambda::Permission"]

    assert hasattr(model.delete_from_cloudformation_json, "__isabstractmethod__")


def test_topic(moto: PlainMoto) -> None:
    """moto makes a new topic at every change, without its subscribers. Gap of sns.Topic."""
    sns = moto.client("sns")
    arn = moto.create("AWS::SNS::Topic", {"TopicName": "subject"})
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:{_REGION}:{_ACCOUNT}:queue")

    moto.update("AWS::SNS::Topic", {"TopicName": "subject", "DisplayName": "Alarms"})

    assert sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"] == []


def test_queue(moto: PlainMoto) -> None:
    """moto ignores most changes of a queue. Gap of sqs.Queue."""
    url = moto.create("AWS::SQS::Queue", {"QueueName": "subject", "MessageRetentionPeriod": 60})

    moto.update("AWS::SQS::Queue", {"QueueName": "subject", "MessageRetentionPeriod": 120})

    given = moto.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert given["Attributes"]["MessageRetentionPeriod"] == "60"


def test_log_group(moto: PlainMoto) -> None:
    """moto ignores changes of a log group. Gap of logs.LogGroup."""
    moto.create("AWS::Logs::LogGroup", {"LogGroupName": "subject", "RetentionInDays": 1})

    moto.update("AWS::Logs::LogGroup", {"LogGroupName": "subject", "RetentionInDays": 30})

    [group] = moto.client("logs").describe_log_groups()["logGroups"]
    assert group["retentionInDays"] == 1


def test_role(moto: PlainMoto) -> None:
    """moto stores inline policies so that nobody can read them. Gap of iam.Role."""
    document = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    moto.create(
        "AWS::IAM::Role",
        {
            "RoleName": "subject",
            "AssumeRolePolicyDocument": _ASSUMED,
            "Policies": [{"PolicyName": "read", "PolicyDocument": document}],
        },
    )

    given = moto.client("iam").get_role_policy(RoleName="subject", PolicyName="read")

    assert given["PolicyDocument"] != document


def test_dashboard(moto: PlainMoto) -> None:
    """moto gives a dashboard another name at every change. Gap of cloudwatch.Dashboard."""
    before = moto.create("AWS::CloudWatch::Dashboard", {"DashboardBody": "{}"})

    moto.update("AWS::CloudWatch::Dashboard", {"DashboardBody": '{"widgets": []}'})

    assert moto.physical_id() != before


def test_table(moto: PlainMoto) -> None:
    """moto drops expiry and recovery of a table, and cannot change one. Gap of dynamodb.Table."""
    moto.create(
        "AWS::DynamoDB::Table",
        {
            **SCHEMA,
            "TimeToLiveSpecification": {"AttributeName": "ExpiresAt", "Enabled": True},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        },
    )

    dynamodb = moto.client("dynamodb")
    expiry = dynamodb.describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=TABLE)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]
    assert expiry == {"TimeToLiveStatus": "DISABLED"}
    assert recovery["PointInTimeRecoveryStatus"] == "DISABLED"
    update = get_model_map()["AWS::DynamoDB::Table"].update_from_cloudformation_json
    assert hasattr(update, "__isabstractmethod__")
