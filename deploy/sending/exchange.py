"""Where files would be sent, and whether all is there by which they are announced. It only reads.

S3 takes a file whether or not anybody can be told of it. Whoever may upload need not be allowed to
look: what may not be looked at counts as there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deploy.aws.presence import is_there, says_not_there
from deploy.aws.side_by_side import side_by_side
from deploy.deployment import GENERATOR, stack_name
from deploy.stacks.lookup import find_stack

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.stacks.lookup import StackState

ANNOUNCER = "LinkGeneratorName"
# The variables of its environment that name what it works with.
_NEEDED = {
    "DeliveriesLedgerName": ("table", "AWS::DynamoDB::Table"),
    "LinksTableName": ("table", "AWS::DynamoDB::Table"),
    "LinkDownloadTemplateName": ("template", "AWS::SES::Template"),
}


@dataclass(frozen=True)
class Exchange:
    """The generator stack, and what is gone without which nobody gets a link that works."""

    generator: StackState | None
    gone: str = ""


def find_exchange(clients: Clients, name: str) -> Exchange:
    """Where the files of the deployment of this name would go."""
    generator = find_stack(clients, stack_name(name, GENERATOR))
    if generator is None or ANNOUNCER not in generator.outputs:
        return Exchange(generator)
    function = generator.outputs[ANNOUNCER]
    found: list[Any] = side_by_side(
        [
            partial(_configuration, clients, function),
            partial(_may_be_invoked, clients, function),
            partial(_api, clients, generator),
        ]
    )
    configuration, may_be_invoked, api = found
    if configuration is None:
        return Exchange(generator, f"function {function}")
    if not may_be_invoked:
        return Exchange(generator, f"S3's permission to invoke function {function}")
    needed = [*_needed(configuration), *api]
    are_there = side_by_side(partial(_is_there, clients, *one[1:]) for one in needed)
    gone = [
        f"{noun} {name}"
        for (noun, _, name), here in zip(needed, are_there, strict=True)
        if not here
    ]
    return Exchange(generator, gone[0] if gone else "")


def _configuration(clients: Clients, function: str) -> Mapping[str, Any] | None:
    """None where the function is gone, empty where nobody may say."""
    try:
        return clients.awslambda.get_function_configuration(FunctionName=function)
    except ClientError as exc:
        return None if says_not_there(exc) else {}


def _may_be_invoked(clients: Clients, function: str) -> bool:
    try:
        return bool(clients.awslambda.get_policy(FunctionName=function))
    except ClientError as exc:
        return not says_not_there(exc)


def _api(clients: Clients, generator: StackState) -> list[tuple[str, str, str]]:
    """Of the portal that mails lead to, if there is one."""
    portal = generator.parameters.get("PortalStackName")
    try:
        state = find_stack(clients, portal) if portal else None
    except ClientError:
        return []
    api = state.outputs.get("PortalApiId") if state else None
    return [("the portal's API", "AWS::ApiGatewayV2::Api", api)] if api else []


def _needed(configuration: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if role := configuration.get("Role"):
        yield "role", "AWS::IAM::Role", role.rpartition("/")[2]
    variables = configuration.get("Environment", {}).get("Variables", {})
    for variable, (noun, type_name) in _NEEDED.items():
        if name := variables.get(variable):
            yield noun, type_name, name


def _is_there(clients: Clients, type_name: str, name: str) -> bool:
    try:
        return is_there(clients, type_name, name, {"Template": {"TemplateName": name}}) is not False
    except ClientError:
        return True
