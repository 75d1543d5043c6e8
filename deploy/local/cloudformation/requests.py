"""Reads what a person asks a stack to become, and refuses what AWS refuses before it starts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlparse

from botocore.exceptions import ClientError

from deploy.local import in_process
from deploy.local.cloudformation import parameters
from deploy.local.cloudformation.errors import InsufficientCapabilitiesError, ValidationError
from deploy.local.cloudformation.registry import Registry
from deploy.local.cloudformation.stack import Stack, Target
from deploy.local.cloudformation.template import Template, parse

# CloudFormation's quotas: "Template size", passed in a request and in an S3 object.
_LARGEST_IN_A_CALL = 51_200  # bytes
_LARGEST_IN_S3 = 1_000_000
_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*")


@dataclass(frozen=True)
class Request:
    """A request as it arrives with the API. `tags` is None when it says nothing about them."""

    template: str | None
    parameters: Sequence[Mapping[str, Any]] = ()
    capabilities: tuple[str, ...] = ()
    tags: Mapping[str, str] | None = None
    use_previous_template: bool = False
    role_arn: str | None = None


def target_of(request: Request, stack: Stack, registry: Registry) -> Target:
    """What is asked for; `stack` has what a new request may leave out. Raises ValidationError."""
    if request.use_previous_template:
        template = stack.template
    elif request.template:
        template = parse(request.template)
    else:
        raise ValidationError("Either Template URL or Template Body must be specified.")
    _check_types(template, registry)
    values = parameters.resolve(template.section("Parameters"), request.parameters, stack.values)
    _check_capabilities(template, request.capabilities)
    if request.role_arn:
        check_service_role(request.role_arn)
    tags = stack.tags if request.tags is None else request.tags
    role_arn = request.role_arn or stack.role_arn  # which AWS goes on using
    return Target(template, values, tags, request.capabilities, role_arn)


def check_name(member: str, value: str) -> None:
    """Raise ValidationError unless `value` may name a stack or a change set."""
    if not _NAME.fullmatch(value):
        raise ValidationError(
            f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy "
            f"constraint: Member must satisfy regular expression pattern: {_NAME.pattern}"
        )


def check_service_role(role_arn: str) -> None:
    """Raise ValidationError unless the role is there and CloudFormation may assume it.

    What it allows is not asked: here CloudFormation may do everything.
    """
    name = role_arn.rpartition("/")[2]
    try:
        role = in_process.clients("us-east-1").iam.get_role(RoleName=name)["Role"]
    except ClientError:
        role = {}
    trusted = json.dumps(role.get("AssumeRolePolicyDocument", {}))
    if role.get("Arn") != role_arn or '"cloudformation.amazonaws.com"' not in trusted:
        raise ValidationError(f"Role {role_arn} is invalid or cannot be assumed")


def check_size(body: str) -> None:
    """Raise ValidationError for a template that is too large to be sent with the call."""
    if len(body.encode()) > _LARGEST_IN_A_CALL:
        raise ValidationError(
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_LARGEST_IN_A_CALL}"
        )


def read_from_s3(url: str, region: str) -> str:
    """A template at a URL of a bucket, in either of S3's styles. Raises ValidationError."""
    parts = urlparse(url)
    path = unquote(parts.path.lstrip("/"))
    bucket, _, key = path.partition("/")
    if ".s3." in parts.netloc:
        bucket, key = parts.netloc.split(".s3.")[0], path
    try:
        answer = in_process.clients(region).s3.get_object(Bucket=bucket, Key=key)
    except ClientError as exc:
        raise ValidationError(f"S3 error: {exc.response['Error']['Message']}") from exc
    body: bytes = answer["Body"].read()
    if len(body) > _LARGEST_IN_S3:
        raise ValidationError(f"Template may not exceed {_LARGEST_IN_S3} bytes in size.")
    return body.decode()


def _check_types(template: Template, registry: Registry) -> None:
    types = dict.fromkeys(definition["Type"] for definition in template.resources.values())
    unknown = [name for name in types if not registry.knows(name)]
    if unknown:
        raise ValidationError(
            f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]. "
            "(The embedded AWS does not have them; AWS may.)"
        )


def _check_capabilities(template: Template, given: tuple[str, ...]) -> None:
    needed = template.capabilities()
    # Whoever agrees to named IAM resources agrees to unnamed ones, too.
    if needed and "CAPABILITY_NAMED_IAM" not in given and needed[0] not in given:
        raise InsufficientCapabilitiesError(f"Requires capabilities : [{', '.join(needed)}]")
