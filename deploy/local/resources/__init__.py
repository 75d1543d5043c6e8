"""The resource types of the embedded CloudFormation.

TYPES are s3link's own; they exist because moto lacks the type or drops properties of it.
tests/local/test_resources_gaps.py says which gap each fills, and fails once moto has closed it.
Every other type that moto supports is taken from moto.
"""

from __future__ import annotations

from deploy.local.resources import (
    apigateway,
    cloudwatch,
    dynamodb,
    functions,
    iam,
    logs,
    s3,
    scheduler,
    ses,
    sns,
    sqs,
)
from deploy.local.resources.interface import ResourceType
from deploy.local.resources.moto_types import moto_type

TYPES: dict[str, type[ResourceType]] = {
    resource_type.type_name: resource_type
    for resource_type in (
        apigateway.Api,
        apigateway.Authorizer,
        apigateway.Integration,
        apigateway.Route,
        apigateway.Stage,
        cloudwatch.Alarm,
        cloudwatch.Dashboard,
        dynamodb.Table,
        functions.EventInvokeConfig,
        functions.Function,
        functions.Permission,
        iam.Role,
        logs.LogGroup,
        s3.Bucket,
        s3.BucketPolicy,
        scheduler.Schedule,
        ses.ConfigurationSet,
        ses.ConfigurationSetEventDestination,
        ses.Template,
        sns.Subscription,
        sns.Topic,
        sns.TopicPolicy,
        sqs.Queue,
        sqs.QueuePolicy,
    )
}


def is_known_type(type_name: str) -> bool:
    return type_name in TYPES or moto_type(type_name) is not None


def new_resource(type_name: str) -> ResourceType:
    """The one who will look after a new resource of a type that is known."""
    if type_name in TYPES:
        return TYPES[type_name]()
    handler = moto_type(type_name)
    if handler is None:
        raise ValueError(f"{type_name} is not known")
    return handler
