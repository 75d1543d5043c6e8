"""Reads what a person asks a stack to become, and refuses what AWS refuses before it starts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlparse

from deploy.local import in_process
from deploy.local.cloudformation import parameters
from deploy.local.cloudformation.errors import InsufficientCapabilitiesError, ValidationError
from deploy.local.cloudformation.registry import Registry
from deploy.local.cloudformation.stack import Stack, Target
from deploy.local.cloudformation.template import Template, parse

_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*")


@dataclass(frozen=True)
class Request:
    """A request as it arrives with the API. `tags` is None when it says nothing about them."""

    template: str | None
    parameters: Sequence[Mapping[str, Any]] = ()
    capabilities: tuple[str, ...] = ()
    tags: Mapping[str, str] | None = None
    use_previous_template: bool = False


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
    tags = stack.tags if request.tags is None else request.tags
    return Target(template, values, tags, request.capabilities)


def check_name(member: str, value: str) -> None:
    """Raise ValidationError unless `value` may name a stack or a change set."""
    if not _NAME.fullmatch(value):
        raise ValidationError(
            f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy "
            f"constraint: Member must satisfy regular expression pattern: {_NAME.pattern}"
        )


def read_from_s3(url: str, region: str) -> str:
    """A template at a path-style or virtual-hosted-style URL of a bucket."""
    parts = urlparse(url)
    path = unquote(parts.path.lstrip("/"))
    bucket, _, key = path.partition("/")
    if ".s3." in parts.netloc:
        bucket, key = parts.netloc.split(".s3.")[0], path
    answer = in_process.clients(region).s3.get_object(Bucket=bucket, Key=key)
    return answer["Body"].read().decode()


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
