"""The resource types of the embedded CloudFormation.

TYPES are s3link's own; they exist because moto lacks the type or drops properties of it.
tests/local/test_resource_types.py and each service's test_gaps.py say which gap each fills, and
fail once moto has closed it. Every other type that moto supports is taken from moto.
"""

from __future__ import annotations

from deploy.local.apigateway.domains import ApiMapping, DomainName
from deploy.local.apigateway.resource_types import Api, Authorizer, Integration, Route, Stage
from deploy.local.cloudformation.resource_type import ResourceType
from deploy.local.cloudwatch.resource_types import Alarm, Dashboard
from deploy.local.cognito.resource_types import (
    ManagedLoginBranding,
    UserPool,
    UserPoolClient,
    UserPoolDomain,
    UserPoolGroup,
    UserPoolResourceServer,
)
from deploy.local.dynamodb.resource_types import Table
from deploy.local.iam.resource_types import Role
from deploy.local.lambda_.resource_types import EventInvokeConfig, Function, Permission
from deploy.local.logs import LogGroup
from deploy.local.route53 import RecordSet
from deploy.local.s3.resource_types import Bucket, BucketPolicy
from deploy.local.scheduler.resource_types import Schedule, ScheduleGroup
from deploy.local.ses.resource_types import (
    ConfigurationSet,
    ConfigurationSetEventDestination,
    Template,
)
from deploy.local.sns.resource_types import Subscription, Topic, TopicPolicy
from deploy.local.sqs import Queue, QueuePolicy

TYPES: dict[str, type[ResourceType]] = {
    resource_type.type_name: resource_type
    for resource_type in (
        Api,
        ApiMapping,
        Authorizer,
        DomainName,
        Integration,
        Route,
        Stage,
        Alarm,
        Dashboard,
        ManagedLoginBranding,
        UserPool,
        UserPoolClient,
        UserPoolDomain,
        UserPoolGroup,
        UserPoolResourceServer,
        Table,
        EventInvokeConfig,
        Function,
        Permission,
        Role,
        RecordSet,
        LogGroup,
        Bucket,
        BucketPolicy,
        Schedule,
        ScheduleGroup,
        ConfigurationSet,
        ConfigurationSetEventDestination,
        Template,
        Subscription,
        Topic,
        TopicPolicy,
        Queue,
        QueuePolicy,
    )
}
