"""Change sets: what is asked of CloudFormation, what it would change, and doing it or not.

A plan and a deploy propose the same change set; a plan withdraws it, a deploy executes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import ClientError

from deploy.aws.explain import error_code, error_message
from deploy.aws.polling import Poll
from deploy.errors import StackError
from deploy.interruption import deferring_interrupts
from deploy.package.artifacts import template_url
from deploy.stacks.differences import ResourceChange, resource_change
from deploy.stacks.lookup import REVIEW, STUCK, find_stack, is_gone
from deploy.stacks.permissions.changes import UNKNOWN
from deploy.stacks.permissions.statements import permits
from deploy.stacks.templates import parse_template

if TYPE_CHECKING:
    from types_boto3_cloudformation.type_defs import (
        ChangeTypeDef,
        DescribeChangeSetOutputTypeDef,
        ResourceChangeTypeDef,
    )

    from deploy.aws.clients import Clients
    from deploy.stacks.lookup import StackState
    from deploy.stacks.target import StackTarget

# How CloudFormation says that there is nothing to do.
_NO_CHANGES = ("didn't contain changes", "No updates are to be performed")
_REFUSED = ("ValidationError", "InsufficientCapabilitiesException", "InvalidChangeSetStatus")
_MISSING_EXPORT = re.compile(r"No export named (\S+) found")


@dataclass(frozen=True)
class ChangeSet:
    """A change set that CloudFormation has worked out; empty when there is nothing to do."""

    change_set_id: str
    stack_id: str
    creates: bool
    changes: tuple[ResourceChange, ...] = ()
    is_empty: bool = False


class MissingExportError(StackError):
    """The stack imports a value that no stack exports yet."""


def propose(
    clients: Clients, target: StackTarget, poll: Poll, *, is_plan: bool = False
) -> ChangeSet:
    """Have CloudFormation work out what would change.

    Raises StackError with its reason when it refuses; nothing is then left behind. A template that
    has to be put into S3 stays there, but for a plan.
    """
    created: ChangeSet | None = None
    try:
        with _template_of(clients, target, is_kept=not is_plan) as template:
            with deferring_interrupts():
                created = _create(clients, target, template)
            return _await_changes(clients, created, target, poll)
    except BaseException:  # Ctrl-C as well: nobody else knows of this change set
        if created is not None:
            withdraw(clients, created, poll)
        raise


def withdraw(clients: Clients, change_set: ChangeSet, poll: Poll) -> None:
    """Delete a change set, and wait for the end of the empty stack that came with it."""
    with deferring_interrupts():
        clients.cloudformation.delete_change_set(
            ChangeSetName=change_set.change_set_id, StackName=change_set.stack_id
        )
        if not change_set.creates:
            return
        state = find_stack(clients, change_set.stack_id)
        if state is not None and state.status == REVIEW:
            clients.cloudformation.delete_stack(StackName=change_set.stack_id)
            poll.until(lambda: is_gone(clients, change_set.stack_id) or None)


def execute(clients: Clients, change_set: ChangeSet, stack_name: str, poll: Poll) -> None:
    """Start the work; it goes on in AWS whatever happens here."""
    try:
        with deferring_interrupts():
            clients.cloudformation.execute_change_set(
                ChangeSetName=change_set.change_set_id,
                StackName=change_set.stack_id,
                ClientRequestToken=uuid4().hex,
            )
    except ClientError as exc:
        withdraw(clients, change_set, poll)
        if error_code(exc) in _REFUSED:
            raise _refusal(stack_name, error_message(exc)) from exc
        raise


def check_role(clients: Clients, state: StackState, role_arn: str, poll: Poll) -> None:
    """Have CloudFormation take the role in hand, and do nothing with it.

    Raises StackError for one that it cannot assume, and AWS's error for one that the operator may
    not pass. A stack that takes no change set now teaches nothing.
    """
    if state.is_dead or state.in_progress or state.status == STUCK:
        return
    created: ChangeSet | None = None
    try:
        with deferring_interrupts():
            created = _create_unchanged(clients, state, role_arn)
        described = poll.until(partial(_described_if_finished, clients, created))
    finally:
        if created:
            withdraw(clients, created, poll)
    reason = described.get("StatusReason", "")
    if described["Status"] == "FAILED" and not _says_no_changes(reason):
        raise StackError(f"{reason.rstrip('.')}.")


def _create_unchanged(clients: Clients, state: StackState, role_arn: str) -> ChangeSet:
    token = uuid4().hex
    try:
        answer = clients.cloudformation.create_change_set(
            StackName=state.stack_id,
            ChangeSetName=f"s3link-{token}",
            ClientToken=token,
            ChangeSetType="UPDATE",
            UsePreviousTemplate=True,
            Parameters=[
                {"ParameterKey": name, "UsePreviousValue": True} for name in state.parameters
            ],
            Capabilities=["CAPABILITY_IAM"],
            RoleARN=role_arn,
        )
    except ClientError as exc:
        if error_code(exc) in _REFUSED:
            raise StackError(f"{error_message(exc).rstrip('.')}.") from exc
        raise
    return ChangeSet(answer["Id"], answer["StackId"], creates=False)


@contextmanager
def _template_of(clients: Clients, target: StackTarget, is_kept: bool) -> Iterator[dict[str, Any]]:
    """The template as the call has it: itself, or where it is."""
    if target.template.fits_into_a_call:
        yield {"TemplateBody": target.template.body_of_a_call}
        return
    with template_url(clients, target.template.body, is_kept) as url:
        yield {"TemplateURL": url}


def _create(clients: Clients, target: StackTarget, template: dict[str, Any]) -> ChangeSet:
    """Have the work begin; the answer carries names only."""
    try:
        answer = clients.cloudformation.create_change_set(**_arguments(target), **template)
    except ClientError as exc:
        if error_code(exc) in _REFUSED:
            raise _refusal(target.stack_name, error_message(exc)) from exc
        raise
    return ChangeSet(answer["Id"], answer["StackId"], target.creates)


def _arguments(target: StackTarget) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"ParameterKey": name, "ParameterValue": value} for name, value in target.values.items()
    ]
    parameters += [{"ParameterKey": name, "UsePreviousValue": True} for name in target.kept]
    token = uuid4().hex  # lets boto3 repeat a call whose answer was lost
    return {
        "StackName": target.stack_name,
        "ChangeSetName": f"s3link-{token}",
        "ClientToken": token,
        "ChangeSetType": "CREATE" if target.creates else "UPDATE",
        "Parameters": parameters,
        "Capabilities": list(target.template.capabilities),
        "Tags": [{"Key": key, "Value": value} for key, value in target.tags.items()],
        **({"RoleARN": target.role_arn} if target.role_arn else {}),
        **({"DeploymentMode": "REVERT_DRIFT"} if target.reverts_drift else {}),
    }


def _await_changes(
    clients: Clients, created: ChangeSet, target: StackTarget, poll: Poll
) -> ChangeSet:
    """What CloudFormation says of the change set once it is done with it."""
    described = poll.until(lambda: _described_if_finished(clients, created))
    reason = described.get("StatusReason", "")
    is_empty = _says_no_changes(reason)
    if described["Status"] == "FAILED" and not is_empty:
        raise _refusal(target.stack_name, _reason_behind(clients, created, reason))
    return replace(created, changes=_changes(clients, described, target), is_empty=is_empty)


def _says_no_changes(reason: str) -> bool:
    return any(phrase in reason for phrase in _NO_CHANGES)


def _described_if_finished(
    clients: Clients, created: ChangeSet
) -> DescribeChangeSetOutputTypeDef | None:
    described = clients.cloudformation.describe_change_set(
        ChangeSetName=created.change_set_id, StackName=created.stack_id, IncludePropertyValues=True
    )
    return described if described["Status"] in ("CREATE_COMPLETE", "FAILED") else None


def _reason_behind(clients: Clients, created: ChangeSet, reason: str) -> str:
    """The reason, or what stands behind it: a failed validation is told as an event only."""
    if "EarlyValidation" not in reason:
        return reason
    events = clients.cloudformation.describe_events(
        ChangeSetName=created.change_set_id, Filters={"FailedEvents": True}
    )["OperationEvents"]
    causes = [
        f"{event.get('LogicalResourceId', '')}: {event['ValidationStatusReason']}"
        for event in events
        if "ValidationStatusReason" in event
    ]
    return "; ".join(causes) or reason


def _refusal(stack_name: str, reason: str) -> StackError:
    missing = _MISSING_EXPORT.search(reason)
    if missing:
        return MissingExportError(
            f"Stack {stack_name} needs {missing[1]}, which no stack exports yet."
        )
    if "_IN_PROGRESS state" in reason:
        return StackError(
            f"Somebody else is changing stack {stack_name} now; deploy again to follow that first."
        )
    reason = " ".join(reason.split()).rstrip(".")
    return StackError(
        f"CloudFormation refused to change stack {stack_name}: {reason}; nothing was changed in it."
    )


def _changes(
    clients: Clients, described: DescribeChangeSetOutputTypeDef, target: StackTarget
) -> tuple[ResourceChange, ...]:
    """Every page of the changes, without the values that the template keeps secret."""
    listed: list[ChangeTypeDef] = list(described.get("Changes", []))
    while described.get("NextToken"):
        described = clients.cloudformation.describe_change_set(
            ChangeSetName=described["ChangeSetId"],
            StackName=described["StackId"],
            IncludePropertyValues=True,
            NextToken=described["NextToken"],
        )
        listed += described.get("Changes", [])
    secret = {name for name, known in target.template.parameters.items() if known.no_echo}
    found = [change["ResourceChange"] for change in listed if "ResourceChange" in change]
    alike = _written_alike(clients, described["StackId"], target, found)
    return tuple(
        resource_change(change, secret, change["LogicalResourceId"] in alike) for change in found
    )


def _written_alike(
    clients: Clients, stack_id: str, target: StackTarget, found: Iterable[ResourceChangeTypeDef]
) -> frozenset[str]:
    """The resources of which the deployed template says the same.

    CloudFormation calls a value unknown as soon as the resource it refers to changes at all; that
    is no other permission. Nothing is asked unless such a value is there.
    """
    in_doubt = any(
        permits(change["ResourceType"]) and UNKNOWN in change.get("AfterContext", "")
        for change in found
    )
    if target.creates or not in_doubt:
        return frozenset()
    try:
        body = clients.cloudformation.get_template(StackName=stack_id)["TemplateBody"]
    except ClientError:  # who may not read it is shown a change too many
        return frozenset()
    if not isinstance(body, str):  # JSON, as boto3 reads it: none of ours
        return frozenset()
    values = {**target.previous, **target.values}
    deployed = parse_template("deployed", body)
    return target.template.says_the_same(deployed, values, target.previous)
