"""What the events of an operation that is over mean to the operator. Pure.

A failure: its first cause, and what to do next. A success: what it leaves outside of its stack.
CloudFormation deletes what it replaced after the update has succeeded: what it cannot delete then,
such as a bucket with files, it leaves and forgets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from deploy.deployment import Deployment
from deploy.stacks.events import Event, History
from deploy.stacks.lookup import STUCK

# What a final status means for the operator; {again} is the command to type.
_NEXT_STEPS = {
    "ROLLBACK_COMPLETE": "all it had made was removed again; put the cause right and run {again}",
    "ROLLBACK_FAILED": "not all of it could be removed again; put the cause right and run {again}",
    "UPDATE_ROLLBACK_COMPLETE": "it is again as it was before; put the cause right and run {again}",
    "UPDATE_ROLLBACK_FAILED": (
        "it could not go back to what it was before either; put the cause right, run "
        "`aws cloudformation continue-update-rollback --stack-name {stack}` and then {again}"
    ),
    "DELETE_COMPLETE": "the stack was deleted; run {again} to create it anew",
}
_DEFAULT_NEXT_STEP = "put the cause right and run {again}"

_EXPORT_IN_USE = re.compile(
    r"Export (?P<export>\S+) cannot be updated as it is in use by (?P<by>.+)"
)

# An update of what was deleted by hand, in the words of CloudFormation and of services.
_NOT_FOUND = re.compile(r"HandlerErrorCode: NotFound|was not found|does not exist")

_BUCKET = "AWS::S3::Bucket"
_STAYS = frozenset({"DELETE_FAILED", "DELETE_SKIPPED"})


def failure_sentence(deployment: Deployment, stack_name: str, history: History) -> str:
    """What failed first, on which stack, why, and the command to type next."""
    end, cause = history.end, history.cause
    ended = f"Stack {stack_name} ended as {end.status}"
    if cause is None:
        return f"{ended}; {_next_step(deployment, stack_name, end)}."
    reason = _plain(cause.reason)
    in_use = _EXPORT_IN_USE.fullmatch(reason)
    next_step = (
        _advice_on_export(deployment, stack_name, in_use)
        if in_use
        else _next_step(deployment, stack_name, end)
    )
    if end.status == STUCK and _NOT_FOUND.search(reason):
        next_step = _advice_on_gone(deployment, stack_name, cause)
    failed = "" if cause.of_stack else f"{cause.logical_id} ({cause.type}) failed: "
    return f"{ended}: {failed}{reason}; {next_step}."


def leftover_sentences(seen: Iterable[Event]) -> tuple[str, ...]:
    """A sentence for each resource that belongs to no stack any more, given an update's events."""
    last = {event.physical_id: event for event in seen if not event.of_stack}
    return tuple(_leftover_sentence(event) for event in last.values() if event.status in _STAYS)


def how_to_remove_bucket(name: str) -> str:
    """`aws s3 rb --force` leaves old versions and fails for them; the console's Empty does not."""
    return (
        "empty it with all its versions (S3 console, button Empty) and then run "
        f"`aws s3 rb s3://{name}`"
    )


def advice_on_imported_name(deployment: Deployment) -> str:
    """What to do where a change is refused because another stack imports the name."""
    return (
        "leave it as it was, deploy under another --name, or remove this deployment first with "
        f"`{deployment.command('destroy')}`"
    )


def _next_step(deployment: Deployment, stack_name: str, end: Event) -> str:
    again = f"`{deployment.command('deploy')}`"
    return _NEXT_STEPS.get(end.status, _DEFAULT_NEXT_STEP).format(stack=stack_name, again=again)


def _advice_on_gone(deployment: Deployment, stack_name: str, cause: Event) -> str:
    """The rollback cannot change it either; once that is skipped, a deploy makes it again."""
    return (
        f"{cause.logical_id} seems to have been deleted by hand: run `aws cloudformation "
        f"continue-update-rollback --stack-name {stack_name} --resources-to-skip "
        f"{cause.logical_id}` and then `{deployment.command('deploy')}`, which makes it again"
    )


def _advice_on_export(deployment: Deployment, stack_name: str, in_use: re.Match[str]) -> str:
    """What another stack imports stays as it is for as long as that stack does."""
    parameter = in_use["export"].removeprefix(f"{stack_name}-")
    advice = advice_on_imported_name(deployment)
    return f"{parameter} cannot change while {in_use['by']} uses it: {advice}"


def _leftover_sentence(event: Event) -> str:
    if event.type == _BUCKET:
        return (
            f"Bucket {event.physical_id} is out of use, but stays: links to its files stop "
            "working, nobody is told of what is put there, and its files go when their time is "
            f"over. To remove it, {how_to_remove_bucket(event.physical_id)}."
        )
    return (
        f"{event.physical_id} ({event.type}) is out of use, but stays "
        f"({event.reason.rstrip('.') or event.status}): delete it by hand."
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).rstrip(".") or "no reason was given"
