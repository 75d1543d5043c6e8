"""Why deploy/local/resource_types.py has each type: what moto's own CloudFormation does not do.

A test here, or in a service's test_gaps.py, fails once moto has closed the gap. Then delete the
class that the test names, its line in TYPES of deploy/local/resource_types.py, its tests, and the
test itself: moto's own class is used from then on.
"""

from __future__ import annotations

import pytest
from moto.cloudformation.parsing import get_model_map

from deploy.local.resource_types import TYPES

_ABSENT = (
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::Cognito::ManagedLoginBranding",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolDomain",
    "AWS::Cognito::UserPoolGroup",
    "AWS::Cognito::UserPoolResourceServer",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::S3::BucketPolicy",
    "AWS::Scheduler::Schedule",
    "AWS::Scheduler::ScheduleGroup",
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
    """Each of our own types is absent from moto or has a test in its service's test_gaps.py."""
    tested = {
        "AWS::CloudWatch::Dashboard",
        "AWS::DynamoDB::Table",
        "AWS::IAM::Role",
        "AWS::Lambda::Function",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::Route53::RecordSet",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
    }

    assert set(TYPES) == tested | set(_ABSENT)
