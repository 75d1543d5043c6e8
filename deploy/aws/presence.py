"""Asks the services whether a resource that CloudFormation made is still there. It only reads.

CloudFormation itself does not look: what somebody deletes behind its back stays in its lists.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deploy.aws.explain import NOT_THERE, error_code

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

ALARM = "AWS::CloudWatch::Alarm"
# CloudWatch: "AlarmNames … up to 100 items".
ALARMS_PER_CALL = 100

# As the services say it of what only CloudFormation works with, too.
_NOT_THERE = NOT_THERE | {
    "404",  # what a HEAD request, which has no body, makes of NoSuchBucket
    "ConfigurationSetDoesNotExist",
    "DashboardNotFoundError",
    "NoSuchBucketPolicy",
    "NoSuchEntity",
    "NoSuchHostedZone",
    "NotFoundException",
    "ResourceNotFound",
    "TemplateDoesNotExist",
}
# The policy of a topic that was given none, or whose own was taken away.
_DEFAULT_TOPIC_POLICY = "__default_policy_ID"

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """How one type is asked for: by its name, and by the properties that say what it belongs to.

    `ask` answers False, or has the service say that there is no such thing.
    """

    ask: Callable[[Clients, str, Properties], object]
    needs: tuple[str, ...] = ()


def says_not_there(exc: ClientError) -> bool:
    """Whether a service says that what it was asked about does not exist."""
    return error_code(exc) in _NOT_THERE


def is_there(clients: Clients, type_name: str, name: str, properties: Properties) -> bool | None:
    """Whether a resource exists, by its physical id; None where nobody knows how to ask.

    Raises what the service answers otherwise, such as that the caller may not ask.
    """
    question = QUESTIONS.get(type_name)
    if question is None or not all(properties.get(needed) for needed in question.needs):
        return None
    try:
        # Some types' ids begin with what they belong to: "api|route".
        return question.ask(clients, name.rpartition("|")[2], properties) is not False
    except ClientError as exc:
        if says_not_there(exc):
            return False
        raise


def alarms_there(clients: Clients, names: Sequence[str]) -> frozenset[str]:
    """Those of at most ALARMS_PER_CALL alarms that exist."""
    answer = clients.cloudwatch.describe_alarms(AlarmNames=list(names))
    return frozenset(alarm["AlarmName"] for alarm in answer["MetricAlarms"])


def _log_group(clients: Clients, name: str, _: Properties) -> bool:
    found = clients.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return any(group["logGroupName"] == name for group in found)


def _event_destination(clients: Clients, name: str, properties: Properties) -> bool:
    found = clients.ses.describe_configuration_set(
        ConfigurationSetName=properties["ConfigurationSetName"],
        ConfigurationSetAttributeNames=["eventDestinations"],
    )
    wanted = properties["EventDestination"].get("Name", name)
    return any(one["Name"] == wanted for one in found.get("EventDestinations", []))


def _topic_policy(clients: Clients, _: str, properties: Properties) -> bool:
    topic = clients.sns.get_topic_attributes(TopicArn=properties["Topics"][0])
    policy = json.loads(topic["Attributes"].get("Policy", "{}"))
    return bool(policy) and policy.get("Id") != _DEFAULT_TOPIC_POLICY


def _queue_policy(clients: Clients, _: str, properties: Properties) -> bool:
    queue = clients.sqs.get_queue_attributes(
        QueueUrl=properties["Queues"][0], AttributeNames=["Policy"]
    )
    return bool(queue.get("Attributes", {}).get("Policy"))


def _permission(clients: Clients, name: str, properties: Properties) -> bool:
    policy = clients.awslambda.get_policy(FunctionName=properties["FunctionName"])["Policy"]
    return any(statement["Sid"] == name for statement in json.loads(policy)["Statement"])


def _record(clients: Clients, _: str, properties: Properties) -> bool:
    name, kind = properties["Name"], properties["Type"]
    return kind in record_types(clients, properties["HostedZoneId"], name)


def record_types(clients: Clients, zone: str, name: str) -> frozenset[str]:
    """The types of the records that a hosted zone has for a name."""
    found = clients.route53.list_resource_record_sets(HostedZoneId=zone, StartRecordName=name)
    records = found["ResourceRecordSets"]
    return frozenset(one["Type"] for one in records if one["Name"].rstrip(".") == name)


def _user_pool_domain(clients: Clients, name: str, _: Properties) -> bool:
    found = clients.cognito.describe_user_pool_domain(Domain=name)
    return bool(found["DomainDescription"].get("UserPoolId"))


QUESTIONS: Mapping[str, Question] = {
    "AWS::ApiGatewayV2::Api": Question(lambda c, name, p: c.apigatewayv2.get_api(ApiId=name)),
    "AWS::ApiGatewayV2::ApiMapping": Question(
        lambda c, name, p: c.apigatewayv2.get_api_mapping(
            ApiMappingId=name, DomainName=p["DomainName"]
        ),
        needs=("DomainName",),
    ),
    "AWS::ApiGatewayV2::Authorizer": Question(
        lambda c, name, p: c.apigatewayv2.get_authorizer(ApiId=p["ApiId"], AuthorizerId=name),
        needs=("ApiId",),
    ),
    "AWS::ApiGatewayV2::DomainName": Question(
        lambda c, name, p: c.apigatewayv2.get_domain_name(DomainName=name)
    ),
    "AWS::ApiGatewayV2::Integration": Question(
        lambda c, name, p: c.apigatewayv2.get_integration(ApiId=p["ApiId"], IntegrationId=name),
        needs=("ApiId",),
    ),
    "AWS::ApiGatewayV2::Route": Question(
        lambda c, name, p: c.apigatewayv2.get_route(ApiId=p["ApiId"], RouteId=name),
        needs=("ApiId",),
    ),
    "AWS::ApiGatewayV2::Stage": Question(
        lambda c, name, p: c.apigatewayv2.get_stage(ApiId=p["ApiId"], StageName=name),
        needs=("ApiId",),
    ),
    ALARM: Question(lambda c, name, p: name in alarms_there(c, [name])),
    "AWS::CloudWatch::Dashboard": Question(
        lambda c, name, p: c.cloudwatch.get_dashboard(DashboardName=name)
    ),
    "AWS::Cognito::ManagedLoginBranding": Question(
        lambda c, name, p: c.cognito.describe_managed_login_branding_by_client(
            UserPoolId=p["UserPoolId"], ClientId=p["ClientId"]
        ),
        needs=("UserPoolId", "ClientId"),
    ),
    "AWS::Cognito::UserPool": Question(
        lambda c, name, p: c.cognito.describe_user_pool(UserPoolId=name)
    ),
    "AWS::Cognito::UserPoolClient": Question(
        lambda c, name, p: c.cognito.describe_user_pool_client(
            UserPoolId=p["UserPoolId"], ClientId=name
        ),
        needs=("UserPoolId",),
    ),
    "AWS::Cognito::UserPoolDomain": Question(_user_pool_domain),
    "AWS::Cognito::UserPoolGroup": Question(
        lambda c, name, p: c.cognito.get_group(UserPoolId=p["UserPoolId"], GroupName=name),
        needs=("UserPoolId",),
    ),
    "AWS::Cognito::UserPoolResourceServer": Question(
        lambda c, name, p: c.cognito.describe_resource_server(
            UserPoolId=p["UserPoolId"], Identifier=name
        ),
        needs=("UserPoolId",),
    ),
    "AWS::DynamoDB::Table": Question(lambda c, name, p: c.dynamodb.describe_table(TableName=name)),
    "AWS::IAM::Policy": Question(
        lambda c, name, p: c.iam.get_role_policy(
            RoleName=p["Roles"][0], PolicyName=p["PolicyName"]
        ),
        needs=("Roles", "PolicyName"),
    ),
    "AWS::IAM::Role": Question(lambda c, name, p: c.iam.get_role(RoleName=name)),
    "AWS::Lambda::EventInvokeConfig": Question(
        lambda c, name, p: c.awslambda.get_function_event_invoke_config(
            FunctionName=p["FunctionName"]
        ),
        needs=("FunctionName",),
    ),
    "AWS::Lambda::Function": Question(
        lambda c, name, p: c.awslambda.get_function_configuration(FunctionName=name)
    ),
    "AWS::Lambda::Permission": Question(_permission, needs=("FunctionName",)),
    "AWS::Logs::LogGroup": Question(_log_group),
    "AWS::Route53::RecordSet": Question(_record, needs=("HostedZoneId", "Name", "Type")),
    "AWS::S3::Bucket": Question(
        lambda c, name, p: c.s3.head_bucket(Bucket=name, ExpectedBucketOwner=c.account)
    ),
    "AWS::S3::BucketPolicy": Question(
        lambda c, name, p: c.s3.get_bucket_policy(
            Bucket=p["Bucket"], ExpectedBucketOwner=c.account
        ),
        needs=("Bucket",),
    ),
    "AWS::SES::ConfigurationSet": Question(
        lambda c, name, p: c.ses.describe_configuration_set(ConfigurationSetName=name)
    ),
    "AWS::SES::ConfigurationSetEventDestination": Question(
        _event_destination, needs=("ConfigurationSetName", "EventDestination")
    ),
    # Nothing documents whether the physical id is the template's name.
    "AWS::SES::Template": Question(
        lambda c, name, p: c.ses.get_template(TemplateName=p["Template"].get("TemplateName", name)),
        needs=("Template",),
    ),
    "AWS::SNS::Subscription": Question(
        lambda c, name, p: c.sns.get_subscription_attributes(SubscriptionArn=name)
    ),
    "AWS::SNS::Topic": Question(lambda c, name, p: c.sns.get_topic_attributes(TopicArn=name)),
    "AWS::SNS::TopicPolicy": Question(_topic_policy, needs=("Topics",)),
    "AWS::SQS::Queue": Question(
        lambda c, name, p: c.sqs.get_queue_attributes(QueueUrl=name, AttributeNames=["QueueArn"])
    ),
    "AWS::SQS::QueuePolicy": Question(_queue_policy, needs=("Queues",)),
    "AWS::Scheduler::Schedule": Question(lambda c, name, p: c.scheduler.get_schedule(Name=name)),
    "AWS::Scheduler::ScheduleGroup": Question(
        lambda c, name, p: c.scheduler.get_schedule_group(Name=name)
    ),
}
