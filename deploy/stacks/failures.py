"""The sentence for a stack that did not end well: the first cause, and the way on. Pure."""

from __future__ import annotations

import re

from deploy.deployment import Deployment
from deploy.stacks.events import Event, History

# What a final status means for the operator; {again} is the command to type.
_WAY_ON = {
    "ROLLBACK_COMPLETE": "all it had made was removed again; put the cause right and run {again}",
    "ROLLBACK_FAILED": "not all of it could be removed again; put the cause right and run {again}",
    "UPDATE_ROLLBACK_COMPLETE": "it is again as it was before; put the cause right and run {again}",
    "UPDATE_ROLLBACK_FAILED": (
        "it could not go back to what it was before either; put the cause right, run "
        "`aws cloudformation continue-update-rollback --stack-name {stack}` and then {again}"
    ),
    "DELETE_COMPLETE": "the stack was deleted; run {again} to create it anew",
}
_DEFAULT_WAY_ON = "put the cause right and run {again}"

_EXPORT_IN_USE = re.compile(
    r"Export (?P<export>\S+) cannot be updated as it is in use by (?P<by>.+)"
)


def failure_sentence(deployment: Deployment, stack_name: str, history: History) -> str:
    """What failed first, on which stack, why, and the command to type next."""
    end, cause = history.end, history.cause
    ended = f"Stack {stack_name} ended as {end.status}"
    if cause is None:
        return f"{ended}; {_way_on(deployment, stack_name, end)}."
    reason = _plain(cause.reason)
    in_use = _EXPORT_IN_USE.fullmatch(reason)
    way_on = (
        _way_past_export(deployment, stack_name, in_use)
        if in_use
        else _way_on(deployment, stack_name, end)
    )
    failed = "" if cause.of_stack else f"{cause.logical_id} ({cause.type}) failed: "
    return f"{ended}: {failed}{reason}; {way_on}."


def way_past_import(deployment: Deployment) -> str:
    """What to do where a change is refused because another stack imports the name."""
    return (
        "leave it as it was, deploy under another --name, or remove this deployment first with "
        f"`{deployment.command('destroy')}`"
    )


def _way_on(deployment: Deployment, stack_name: str, end: Event) -> str:
    again = f"`{deployment.command('deploy')}`"
    return _WAY_ON.get(end.status, _DEFAULT_WAY_ON).format(stack=stack_name, again=again)


def _way_past_export(deployment: Deployment, stack_name: str, in_use: re.Match[str]) -> str:
    """What another stack imports stays as it is for as long as that stack does."""
    parameter = in_use["export"].removeprefix(f"{stack_name}-")
    return f"{parameter} cannot change while {in_use['by']} uses it: {way_past_import(deployment)}"


def _plain(text: str) -> str:
    return " ".join(text.split()).rstrip(".") or "no reason was given"
