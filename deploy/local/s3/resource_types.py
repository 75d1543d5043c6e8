"""S3 bucket and bucket policy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceError,
    ResourceType,
    pairs,
)
from deploy.local.iam.policies import lets_service, read_policy

_NAME_LENGTH = 63  # characters, S3's limit

# What stands below a lifecycle rule in the template, and where the API wants it.
_RULE_PLACES: Mapping[str, tuple[str, ...]] = {
    "Id": ("ID",),
    "Status": ("Status",),
    "ExpirationInDays": ("Expiration", "Days"),
    "ExpiredObjectDeleteMarker": ("Expiration", "ExpiredObjectDeleteMarker"),
    "NoncurrentVersionExpiration": ("NoncurrentVersionExpiration",),
    "NoncurrentVersionExpirationInDays": ("NoncurrentVersionExpiration", "NoncurrentDays"),
    "AbortIncompleteMultipartUpload": ("AbortIncompleteMultipartUpload",),
    "Prefix": ("Filter", "Prefix"),
}


class Bucket(ResourceType):
    type_name = "AWS::S3::Bucket"
    properties = frozenset(
        {
            "BucketName",
            "BucketEncryption",
            "LifecycleConfiguration",
            "LoggingConfiguration",
            "NotificationConfiguration",
            "OwnershipControls",
            "PublicAccessBlockConfiguration",
            "Tags",
            "VersioningConfiguration",
        }
    )
    replaced_by = frozenset({"BucketName"})
    name_property = "BucketName"

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        name = properties.get("BucketName") or context.generated_name(_NAME_LENGTH).lower()
        arguments: dict[str, Any] = {"Bucket": name}
        if context.region != "us-east-1":
            arguments["CreateBucketConfiguration"] = {"LocationConstraint": context.region}
        context.clients.s3.create_bucket(**arguments)
        try:
            self._configure(name, {}, properties, context)
        except Exception:
            # CloudFormation removes what it could not finish.
            context.clients.s3.delete_bucket(Bucket=name)
            raise
        return PhysicalResource(name, _attributes(name, context))

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        self._configure(physical.physical_id, before, after, context)
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.s3.delete_bucket(Bucket=physical.physical_id)

    def _configure(
        self, name: str, before: Properties, after: Properties, context: Context
    ) -> None:
        calls = _Calls(name, context)
        calls.ownership(after.get("OwnershipControls"))
        calls.public_access_block(after.get("PublicAccessBlockConfiguration"))
        calls.encryption(after.get("BucketEncryption"))
        calls.versioning(after.get("VersioningConfiguration"), before)
        calls.lifecycle(after.get("LifecycleConfiguration"))
        calls.logging(after.get("LoggingConfiguration"))
        calls.notification(after.get("NotificationConfiguration"))
        calls.tagging(context.tags(after))


class BucketPolicy(ResourceType):
    type_name = "AWS::S3::BucketPolicy"
    properties = frozenset({"Bucket", "PolicyDocument"})
    replaced_by = frozenset({"Bucket"})

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        context.clients.s3.put_bucket_policy(
            Bucket=properties["Bucket"], Policy=json.dumps(properties["PolicyDocument"])
        )
        return PhysicalResource(properties["Bucket"])

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        return self.create(after, context)

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.s3.delete_bucket_policy(Bucket=properties["Bucket"])


class _Calls:
    """One method per property of a bucket: the call that sets it, or takes it away."""

    def __init__(self, bucket: str, context: Context) -> None:
        self._bucket = bucket
        self._context = context
        self._clients = context.clients

    def _put(self, operation: str, **arguments: Any) -> None:
        self._clients.call(self._clients.s3, operation, {"Bucket": self._bucket, **arguments})

    def ownership(self, given: Properties | None) -> None:
        if given:
            self._put("put_bucket_ownership_controls", OwnershipControls=given)
        else:
            self._put("delete_bucket_ownership_controls")

    def public_access_block(self, given: Properties | None) -> None:
        if given:
            self._put("put_public_access_block", PublicAccessBlockConfiguration=given)
        else:
            self._put("delete_public_access_block")

    def encryption(self, given: Properties | None) -> None:
        if not given:
            self._put("delete_bucket_encryption")
            return
        rules = [
            {
                ("ApplyServerSideEncryptionByDefault" if name.startswith("Server") else name): value
                for name, value in rule.items()
            }
            for rule in given["ServerSideEncryptionConfiguration"]
        ]
        self._put("put_bucket_encryption", ServerSideEncryptionConfiguration={"Rules": rules})

    def versioning(self, given: Properties | None, before: Properties) -> None:
        if given:
            self._put("put_bucket_versioning", VersioningConfiguration=given)
        elif before.get("VersioningConfiguration"):
            # A bucket that once had versions can only suspend them.
            self._put("put_bucket_versioning", VersioningConfiguration={"Status": "Suspended"})

    def lifecycle(self, given: Properties | None) -> None:
        if not given:
            self._put("delete_bucket_lifecycle")
            return
        rules = [_lifecycle_rule(rule) for rule in given["Rules"]]
        self._put("put_bucket_lifecycle_configuration", LifecycleConfiguration={"Rules": rules})

    def logging(self, given: Properties | None) -> None:
        status = {"LoggingEnabled": _logging(given, self._bucket)} if given else {}
        self._put("put_bucket_logging", BucketLoggingStatus=status)

    def notification(self, given: Properties | None) -> None:
        configuration = _notification(given or {})
        for function in configuration.get("LambdaFunctionConfigurations", []):
            _check_permission(function["LambdaFunctionArn"], self._bucket, self._context)
        self._put("put_bucket_notification_configuration", NotificationConfiguration=configuration)

    def tagging(self, tags: Mapping[str, str]) -> None:
        self._put("put_bucket_tagging", Tagging={"TagSet": pairs(tags)})


def _attributes(name: str, context: Context) -> dict[str, str]:
    return {
        "Arn": f"arn:aws:s3:::{name}",
        "DomainName": f"{name}.s3.amazonaws.com",
        "RegionalDomainName": f"{name}.s3.{context.region}.amazonaws.com",
        "DualStackDomainName": f"{name}.s3.dualstack.{context.region}.amazonaws.com",
    }


def _lifecycle_rule(rule: Properties) -> dict[str, Any]:
    converted: dict[str, Any] = {"Filter": {"Prefix": ""}}
    for name, value in rule.items():
        if name not in _RULE_PLACES:
            raise ResourceError(f"The embedded AWS has no {name} in a bucket's lifecycle rule.")
        *parents, last = _RULE_PLACES[name]
        place = converted
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return converted


def _logging(given: Properties, bucket: str) -> dict[str, Any]:
    enabled: dict[str, Any] = {
        "TargetBucket": given.get("DestinationBucketName", bucket),
        "TargetPrefix": given.get("LogFilePrefix", ""),
    }
    if "TargetObjectKeyFormat" in given:
        enabled["TargetObjectKeyFormat"] = given["TargetObjectKeyFormat"]
    return enabled


def _notification(given: Properties) -> dict[str, Any]:
    """The template names events and targets one by one, the API in lists with an Id."""
    kinds = (
        ("LambdaConfigurations", "LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
        ("QueueConfigurations", "QueueConfigurations", "Queue", "QueueArn"),
        ("TopicConfigurations", "TopicConfigurations", "Topic", "TopicArn"),
    )
    converted: dict[str, Any] = {}
    for property_name, api_name, target, target_arn in kinds:
        for entry in given.get(property_name, []):
            one: dict[str, Any] = {target_arn: entry[target], "Events": [entry["Event"]]}
            if "Filter" in entry:
                one["Filter"] = {"Key": {"FilterRules": entry["Filter"]["S3Key"]["Rules"]}}
            converted.setdefault(api_name, []).append(one)
    return converted


def _check_permission(function_arn: str, bucket: str, context: Context) -> None:
    """S3 takes a function as target only when the function's policy lets this bucket invoke it."""
    try:
        answer = context.clients.awslambda.get_policy(FunctionName=function_arn)
    except ClientError:
        allowed = False
    else:
        allowed = lets_service(
            read_policy(answer["Policy"]),
            "s3.amazonaws.com",
            "lambda:InvokeFunction",
            function_arn,
            f"arn:aws:s3:::{bucket}",
            context.account,
        )
    if not allowed:
        raise ResourceError(
            "Unable to validate the following destination configurations "
            "(Service: S3; Status Code: 400; Error Code: InvalidArgument)"
        )
