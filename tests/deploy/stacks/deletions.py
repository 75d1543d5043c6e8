"""Deletes resources behind CloudFormation's back, as somebody in the console does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from deploy.aws.clients import Clients
from deploy.stacks.drift.references import StackNames, resolved
from deploy.stacks.lookup import StackState, resources
from deploy.stacks.templates import Template

Deletion = Callable[[Clients, str, Mapping[str, Any]], object]


def _delete_bucket(clients: Clients, name: str, _: Mapping[str, Any]) -> None:
    for page in clients.s3.get_paginator("list_object_versions").paginate(Bucket=name):
        for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            clients.s3.delete_object(Bucket=name, Key=one["Key"], VersionId=one["VersionId"])
    clients.s3.delete_bucket(Bucket=name)


def _delete_role(clients: Clients, name: str, _: Mapping[str, Any]) -> None:
    for policy in clients.iam.list_role_policies(RoleName=name)["PolicyNames"]:
        clients.iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for policy in clients.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        clients.iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    clients.iam.delete_role(RoleName=name)


def _delete_record(clients: Clients, _: str, properties: Mapping[str, Any]) -> None:
    zone, name = properties["HostedZoneId"], properties["Name"]
    for record in clients.route53.list_resource_record_sets(HostedZoneId=zone)[
        "ResourceRecordSets"
    ]:
        if record["Name"].rstrip(".") == name:
            clients.route53.change_resource_record_sets(
                HostedZoneId=zone,
                ChangeBatch={"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]},
            )


def _delete_pool(clients: Clients, name: str, _: Mapping[str, Any]) -> None:
    domain = clients.cognito.describe_user_pool(UserPoolId=name)["UserPool"].get("Domain")
    if domain:
        clients.cognito.delete_user_pool_domain(UserPoolId=name, Domain=domain)
    clients.cognito.update_user_pool(UserPoolId=name, DeletionProtection="INACTIVE")
    clients.cognito.delete_user_pool(UserPoolId=name)


def _reset_topic_policy(clients: Clients, _: str, properties: Mapping[str, Any]) -> None:
    clients.sns.set_topic_attributes(
        TopicArn=properties["Topics"][0],
        AttributeName="Policy",
        AttributeValue='{"Id": "__default_policy_ID", "Statement": []}',
    )


# One for each type that stands in a template; a new type needs a line here.
DELETIONS: Mapping[str, Deletion] = {
    "AWS::ApiGatewayV2::Api": lambda c, name, p: c.apigatewayv2.delete_api(ApiId=name),
    "AWS::ApiGatewayV2::ApiMapping": lambda c, name, p: c.apigatewayv2.delete_api_mapping(
        ApiMappingId=name, DomainName=p["DomainName"]
    ),
    "AWS::ApiGatewayV2::Authorizer": lambda c, name, p: c.apigatewayv2.delete_authorizer(
        ApiId=p["ApiId"], AuthorizerId=name
    ),
    "AWS::ApiGatewayV2::DomainName": lambda c, name, p: c.apigatewayv2.delete_domain_name(
        DomainName=name
    ),
    "AWS::ApiGatewayV2::Integration": lambda c, name, p: c.apigatewayv2.delete_integration(
        ApiId=p["ApiId"], IntegrationId=name
    ),
    "AWS::ApiGatewayV2::Route": lambda c, name, p: c.apigatewayv2.delete_route(
        ApiId=p["ApiId"], RouteId=name
    ),
    "AWS::ApiGatewayV2::Stage": lambda c, name, p: c.apigatewayv2.delete_stage(
        ApiId=p["ApiId"], StageName=name
    ),
    "AWS::CloudWatch::Alarm": lambda c, name, p: c.cloudwatch.delete_alarms(AlarmNames=[name]),
    "AWS::CloudWatch::Dashboard": lambda c, name, p: c.cloudwatch.delete_dashboards(
        DashboardNames=[name]
    ),
    "AWS::Cognito::ManagedLoginBranding": lambda c, name, p: (
        c.cognito.delete_managed_login_branding(
            UserPoolId=p["UserPoolId"], ManagedLoginBrandingId=name.partition("|")[2]
        )
    ),
    "AWS::Cognito::UserPool": _delete_pool,
    "AWS::Cognito::UserPoolClient": lambda c, name, p: c.cognito.delete_user_pool_client(
        UserPoolId=p["UserPoolId"], ClientId=name
    ),
    "AWS::Cognito::UserPoolDomain": lambda c, name, p: c.cognito.delete_user_pool_domain(
        UserPoolId=p["UserPoolId"], Domain=name
    ),
    "AWS::Cognito::UserPoolGroup": lambda c, name, p: c.cognito.delete_group(
        UserPoolId=p["UserPoolId"], GroupName=name
    ),
    "AWS::Cognito::UserPoolResourceServer": lambda c, name, p: c.cognito.delete_resource_server(
        UserPoolId=p["UserPoolId"], Identifier=name
    ),
    "AWS::DynamoDB::Table": lambda c, name, p: c.dynamodb.delete_table(TableName=name),
    "AWS::IAM::Policy": lambda c, name, p: c.iam.delete_role_policy(
        RoleName=p["Roles"][0], PolicyName=p["PolicyName"]
    ),
    "AWS::IAM::Role": _delete_role,
    "AWS::Lambda::EventInvokeConfig": lambda c, name, p: (
        c.awslambda.delete_function_event_invoke_config(FunctionName=p["FunctionName"])
    ),
    "AWS::Lambda::Function": lambda c, name, p: c.awslambda.delete_function(FunctionName=name),
    "AWS::Lambda::Permission": lambda c, name, p: c.awslambda.remove_permission(
        FunctionName=p["FunctionName"], StatementId=name
    ),
    "AWS::Logs::LogGroup": lambda c, name, p: c.logs.delete_log_group(logGroupName=name),
    "AWS::Route53::RecordSet": _delete_record,
    "AWS::S3::Bucket": _delete_bucket,
    "AWS::S3::BucketPolicy": lambda c, name, p: c.s3.delete_bucket_policy(Bucket=p["Bucket"]),
    "AWS::SES::ConfigurationSet": lambda c, name, p: c.ses.delete_configuration_set(
        ConfigurationSetName=name
    ),
    "AWS::SES::ConfigurationSetEventDestination": lambda c, name, p: (
        c.ses.delete_configuration_set_event_destination(
            ConfigurationSetName=p["ConfigurationSetName"], EventDestinationName="mail-events"
        )
    ),
    "AWS::SES::Template": lambda c, name, p: c.ses.delete_template(
        TemplateName=p["Template"]["TemplateName"]
    ),
    "AWS::SNS::Subscription": lambda c, name, p: c.sns.unsubscribe(SubscriptionArn=name),
    "AWS::SNS::Topic": lambda c, name, p: c.sns.delete_topic(TopicArn=name),
    "AWS::SNS::TopicPolicy": _reset_topic_policy,
    "AWS::SQS::Queue": lambda c, name, p: c.sqs.delete_queue(QueueUrl=name),
    "AWS::SQS::QueuePolicy": lambda c, name, p: c.sqs.set_queue_attributes(
        QueueUrl=p["Queues"][0], Attributes={"Policy": ""}
    ),
    "AWS::Scheduler::Schedule": lambda c, name, p: c.scheduler.delete_schedule(Name=name),
    "AWS::Scheduler::ScheduleGroup": lambda c, name, p: c.scheduler.delete_schedule_group(
        Name=name
    ),
}


def delete_by_hand(clients: Clients, state: StackState, template: Template, logical_id: str) -> str:
    """Delete one resource of a stack by its service's own API; gives its physical id."""
    made = {one.logical_id: one.name for one in resources(clients, state.stack_id)}
    resource = template.resources[logical_id]
    properties = resolved(resource.properties, StackNames(state, made, template))
    DELETIONS[resource.type](clients, made[logical_id], properties)
    return made[logical_id]
