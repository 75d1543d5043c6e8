"""What CloudFormation does with an operator's rights, or with its service role, is in the policies.

Which permissions it needs for a resource is told by the handlers in its registry, of which cfn-lint
has a copy. The embedded AWS makes resources with all rights, so it cannot show this.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.operator_policies import CLOUDFORMATION, CLOUDFORMATION_OPTIONAL, actions_of_iam
from tests.templates.reading import GENERATOR, SENDER, TEMPLATES

REGION = "eu-west-1"
# A stack's resources are not listed by their types.
HANDLERS = ("create", "read", "update", "delete")

# What handlers need for settings that no template has; with a type, of that one alone.
NOT_NEEDED = {
    "no key of the customer's": "kms:* logs:AssociateKmsKey logs:DisassociateKmsKey",
    "no name of one's own before the sign-in page": "cloudfront:updateDistribution",
    "no attributes of one's own": "cognito-idp:AddCustomAttributes",
    "no table is imported, copied to another region or streamed, or has a policy": (
        "dynamodb:*Import* dynamodb:*Replica dynamodb:Scan dynamodb:Query dynamodb:*Item "
        "dynamodb:*ableKinesisStreamingDestination dynamodb:UpdateKinesisStreamingDestination "
        "dynamodb:UpdateContributorInsights dynamodb:*tResourcePolicy "
        "dynamodb:DeleteResourcePolicy kinesis:* logs:CreateLogStream logs:DescribeLogStreams "
        "logs:PutLogEvents AWS::DynamoDB::Table/iam:CreateServiceLinkedRole"
    ),
    "no function is in a network, signed, in a container or versioned": (
        "ec2:* elasticfilesystem:* s3files:* lambda:GetCodeSigningConfig "
        "lambda:PutFunctionCodeSigningConfig lambda:DeleteFunctionCodeSigningConfig "
        "lambda:GetLayerVersion lambda:PutRuntimeManagementConfig "
        "lambda:PutFunctionRecursionConfig lambda:PutFunctionScalingConfig "
        "lambda:PassCapacityProvider lambda:PublishVersion s3:GetObjectVersion"
    ),
    "no role has managed policies": "iam:AttachRolePolicy iam:DetachRolePolicy",
    "no policy is one of users or groups": "iam:*UserPolicy iam:*GroupPolicy",
    "no log is masked, indexed, kept for ever or protected, or handed on": (
        "logs:PutDataProtectionPolicy logs:DeleteDataProtectionPolicy logs:PutIndexPolicy "
        "logs:DeleteIndexPolicy logs:DeleteRetentionPolicy logs:PutLogGroupDeletionProtection "
        "logs:PutBearerTokenAuthentication logs:DeleteResourcePolicy firehose:* "
        "AWS::Logs::LogGroup/logs:CreateLogDelivery AWS::Logs::LogGroup/logs:PutResourcePolicy"
    ),
    "no bucket is more than one of files": (
        "s3:PutBucketAbac s3:PutAnalyticsConfiguration s3:PutBucketCORS "
        "s3:PutInventoryConfiguration s3:PutMetricsConfiguration s3:PutReplicationConfiguration "
        "s3:*BucketWebsite s3:PutAccelerateConfiguration s3:PutObjectAcl s3:PutBucketAcl "
        "s3:PutBucketObjectLockConfiguration s3:PutIntelligentTieringConfiguration "
        "s3:CreateBucketMetadata* s3:DeleteBucketMetadata* s3:UpdateBucketMetadata* "
        "s3:DeleteObject s3tables:*"
    ),
    "no API is read from a file": "s3:getObject",
    "no configuration set tracks, archives or suppresses": (
        "ses:PutConfigurationSetTrackingOptions ses:PutConfigurationSetVdmOptions "
        "ses:PutConfigurationSetArchivingOptions ses:PutConfigurationSetSuppressionOptions"
    ),
    "no topic masks what it hands on": "sns:PutDataProtectionPolicy",
}
# What the registry does not tell, and where AWS does.
BESIDE = {
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
    "AWS::ApiGatewayV2::Stage": {
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    },
}

# These are read only where a setting names them.
_ALSO_READ = ("kms:", "s3:getObject", "iam:*")

TYPES = sorted({one["Type"] for template in TEMPLATES for one in template.resources.values()})
_ALWAYS = {
    one["Type"]
    for each in (SENDER, GENERATOR)
    for one in each.resources.values()
    if one.get("Condition") != "HasGatherPeriod"
}
known = cache(actions_of_iam)


def _handlers(type_name: str) -> Iterator[tuple[str, str]]:
    """Each handler of a type with each permission that it may need."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, type_name).schema
    for handler in HANDLERS:
        for permission in schema["handlers"].get(handler, {}).get("permissions", ()):
            yield handler, permission


def _needed(type_name: str) -> set[str]:
    """Those for what the templates have. The registry also has some that IAM does not know."""
    reads = {each for handler, each in _handlers(type_name) if handler == "read"}
    found = {each for _, each in _handlers(type_name) if each.lower() in known()}
    needed = {each for each in found if not _is_excused(type_name, each, each in reads)}
    return needed | BESIDE.get(type_name, set())


def _is_excused(type_name: str, permission: str, is_read: bool) -> bool:
    """What a handler reads it reads of every resource, whatever settings that has."""
    patterns = " ".join(NOT_NEEDED.values()).split()
    if is_read:
        patterns = [one for one in patterns if one.startswith(_ALSO_READ)]
    return any(_matches(type_name, permission, pattern) for pattern in patterns)


def _matches(type_name: str, permission: str, pattern: str) -> bool:
    whose = f"{type_name}/{permission}" if "/" in pattern else permission
    return fnmatchcase(whose, pattern)


@pytest.mark.parametrize("type_name", TYPES)
def test_cloudformation_may_make_each_resource(type_name: str) -> None:
    """A new type of resource needs its actions in one of the two policies."""
    granted = set(CLOUDFORMATION.actions)
    if type_name not in _ALWAYS:
        granted |= CLOUDFORMATION_OPTIONAL.actions

    assert _needed(type_name) - granted == set()


def test_nothing_is_allowed_that_no_resource_needs() -> None:
    """Neither in the one policy nor in the other; the second is for what is optional alone."""
    always = {action for each in TYPES if each in _ALWAYS for action in _needed(each)}
    needed = {action for each in TYPES for action in _needed(each)}

    assert CLOUDFORMATION.actions - always == set()
    assert CLOUDFORMATION_OPTIONAL.actions - needed == set()


@pytest.mark.parametrize("pattern", " ".join(NOT_NEEDED.values()).split())
def test_each_excuse_is_needed(pattern: str) -> None:
    """It is about something that a handler may need."""
    assert any(
        _matches(type_name, permission, pattern)
        for type_name in TYPES
        for _, permission in _handlers(type_name)
    )
