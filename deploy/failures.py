"""The sentence for a stack that did not end well: the first cause, and the way on. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.events import Event, first_failure

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


def failure_sentence(stack_name: str, seen: Sequence[Event], again: str) -> str:
    """What failed first, on which stack, why, and the command to type next."""
    end = seen[-1]
    cause = first_failure(seen)
    way_on = _WAY_ON.get(end.status, _DEFAULT_WAY_ON).format(stack=stack_name, again=f"`{again}`")
    what = f"Stack {stack_name} ended as {end.status}"
    if cause is None:
        reasons = [event.reason for event in seen if event.of_stack and event.reason]
        why = f": {_plain(reasons[0])}" if reasons else ""
        return f"{what}{why}; {way_on}."
    return f"{what}: {cause.logical_id} ({cause.type}) failed: {_plain(cause.reason)}; {way_on}."


def _plain(text: str) -> str:
    return " ".join(text.split()).rstrip(".") or "no reason was given"
