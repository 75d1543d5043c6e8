"""Checks that what each function is given fits into its environment. It calls nothing.

Lambda refuses a function with more, and by then the stacks before it have been changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deploy.deployment import Deployment
from deploy.doctor.findings import Finding
from deploy.package.artifacts import Artifact
from deploy.stacks.target import stack_target
from deploy.stacks.templates import Template

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

# Lambda's quota for all variables of a function; what it measures is their JSON text.
_LIMIT_BYTES = 4_096
# Longer than any name, ARN or address that only AWS knows before the stack is there.
_MADE_BY_AWS = "?" * 160
_ROOM_IN_DOMAINS = ("AuthorizedRecipients", "AuthorizedSenders")


@dataclass(frozen=True)
class _Environment:
    """The variables of one function, and the parameters that are lists in them, if not empty."""

    function: str
    size: int
    lists: Mapping[str, int]


def environments(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """One finding for each group of lists that is too long, of the function with most in it."""
    worst: dict[tuple[str, ...], _Environment] = {}
    for environment in _environments(deployment):
        names = tuple(sorted(environment.lists))
        if environment.size > max(_LIMIT_BYTES, worst[names].size if names in worst else 0):
            worst[names] = environment
    for names, environment in worst.items():
        listed, named = sum(environment.lists.values()), " and ".join(names)
        domains = " and ".join(name for name in names if name in _ROOM_IN_DOMAINS)
        yield Finding(
            "lists",
            "error",
            f"The environment of {environment.function} would have {environment.size:,} bytes, "
            f"{listed:,} of them for {named}, and Lambda takes {_LIMIT_BYTES:,}.",
            f"Name whole domains in {domains}, such as @example.com."
            if domains
            else f"Shorten {named}.",
        )


def _environments(deployment: Deployment) -> Iterator[_Environment]:
    for stack in deployment.stacks:
        target = stack_target(deployment, stack, Artifact("", ""), existing=None)
        template = target.template
        for function, variables in template.environments.items():
            texts = {
                name: _text(value, template, target.values) for name, value in variables.items()
            }
            lists = {
                name: len(texts[name])
                for name in texts
                if texts[name]
                and name in template.parameters
                and template.parameters[name].type == "CommaDelimitedList"
            }
            yield _Environment(function, len(json.dumps(texts).encode()), lists)


def _text(value: Any, template: Template, values: Mapping[str, str]) -> str:
    """A variable as it will be, or as long as it may become where AWS decides."""
    if not isinstance(value, dict):
        return str(value)
    [(function, argument)] = value.items()
    if function == "Ref" and argument in template.parameters:
        return values.get(argument, template.parameters[argument].default or "")
    if function == "Fn::Join" and isinstance(argument[1], dict):
        return _text(argument[1], template, values)  # a list is one text with commas already
    if function == "Fn::If":
        name, then, otherwise = argument
        return _text(then if template.holds(name, values) else otherwise, template, values)
    return _MADE_BY_AWS
