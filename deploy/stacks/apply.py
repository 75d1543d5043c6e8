"""Applies one stack: proposes its change set, executes it and follows it to its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain
from deploy.aws.side_by_side import side_by_side
from deploy.deployment import STACKS, Stack
from deploy.errors import StackError
from deploy.stacks import change_sets, events, recovery
from deploy.stacks.ahead import Proposals, proposed_or_empty
from deploy.stacks.drift.reverting import confirm_losses, reverting, stays_missing, unexpected
from deploy.stacks.lookup import find_stack
from deploy.stacks.outcome import failure_sentence, leftover_sentences
from deploy.stacks.preview import change_lines
from deploy.stacks.review import confirm_permissions
from deploy.stacks.target import StackTarget, stack_target
from deploy.stacks.user_pools import USER_POOL
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.package.artifacts import Artifact
    from deploy.stacks.change_sets import ChangeSet
    from deploy.stacks.differences import ResourceChange
    from deploy.stacks.events import History
    from deploy.stacks.lookup import StackState
    from deploy.stacks.run import Run

_SUCCEEDED = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
_DELETED = frozenset({"DELETE_COMPLETE"})

# Whoever replaces one of these starts with an empty one.
_HOLDS_DATA = frozenset({"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue", USER_POOL})


@dataclass(frozen=True)
class StackOutcome:
    """What became of a stack: created, updated or unchanged, by which changes; `before` are the
    outputs it had.

    `left_behind` says which resources belong to no stack any more.
    """

    stack_name: str
    action: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    left_behind: tuple[str, ...] = ()
    before: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[ResourceChange, ...] = ()

    @property
    def changed_outputs(self) -> Mapping[str, str]:
        """The outputs that are new, or have another value now."""
        return {
            name: value for name, value in self.outputs.items() if self.before.get(name) != value
        }


def wait_until_all_idle(run: Run) -> dict[str, StackState | None]:
    """The stacks by kind once nobody works on any of them. Raises StackError as `wait_until_idle`.

    They are looked at side by side. What one is while another is being followed may soon not be so.
    """
    names = [run.deployment.stack_name(stack) for stack in STACKS]
    states = side_by_side(partial(_find, run, name) for name in names)
    if any(state is not None and state.in_progress for state in states):
        return {stack.kind: wait_until_idle(run, stack) for stack in STACKS}
    for state in states:
        if state is not None:
            recovery.refuse_stuck(state)
    return {stack.kind: state for stack, state in zip(STACKS, states, strict=True)}


def wait_until_idle(run: Run, stack: Stack) -> StackState | None:
    """The stack once nobody works on it: a deploy that was left is taken up again here.

    Raises StackError when that work fails.
    """
    state = _find(run, run.deployment.stack_name(stack))
    if state is not None and state.in_progress:
        run.console.progress(f"{state.name} is {state.status}; following it first.")
        last_seen = events.event_id_before_operation(run.clients, state.stack_id)
        successes = _DELETED if state.status == "DELETE_IN_PROGRESS" else _SUCCEEDED
        with _warning_if_interrupted(run, state.name):
            history = _follow(run, state.name, state.stack_id, last_seen, successes)
        if successes is _SUCCEEDED:
            for sentence in leftover_sentences(history.events):
                run.console.warn(sentence)
        state = _find(run, state.name)
    if state is not None:
        recovery.refuse_stuck(state)
    return state


def apply_stack(
    run: Run, stack: Stack, code: Artifact, ahead: Proposals | None = None
) -> StackOutcome:
    """Make the stack what it is to be, with the change set that was made `ahead` if there is one.

    Raises StackError with the first real failure.
    """
    name = run.deployment.stack_name(stack)
    proposal = ahead.take(name) if ahead else None
    state = proposal.state if proposal else _find(run, name)
    if state is not None and state.is_dead:
        recovery.delete_dead(run, state)
        state = None
    target = stack_target(run.deployment, stack, code, state)
    target = reverting(target, run.missing, run.reverts_drift)
    change_set = proposal.change_set if proposal else proposed_or_empty(run, target)
    for sentence in stays_missing(run.missing, change_set, name):
        run.console.warn(sentence)
    if change_set.is_empty:
        run.console.progress(f"{name}: nothing to change.")
        outputs = state.outputs if state else {}
        return StackOutcome(name, "unchanged", outputs, before=outputs)
    last_seen = _show_and_ask(run, target, change_set, ahead)
    with _warning_if_interrupted(run, name):
        change_sets.execute(run.clients, change_set, name, run.poll)
        history = _follow(run, name, change_set.stack_id, last_seen, _SUCCEEDED)
    action = "created" if change_set.creates else "updated"
    return replace(
        _current_outcome(run, name, action, state),
        left_behind=leftover_sentences(history.events),
        changes=change_set.changes,
    )


def _current_outcome(run: Run, name: str, action: str, before: StackState | None) -> StackOutcome:
    state = _find(run, name)
    return StackOutcome(
        name,
        action,
        outputs=state.outputs if state else {},
        before=before.outputs if before else {},
    )


def _find(run: Run, name: str) -> StackState | None:
    """The stack as it is; a throttled call is repeated, for it must not spoil a good deployment."""
    return run.poll.retry(lambda: find_stack(run.clients, name))


def _show_and_ask(
    run: Run, target: StackTarget, change_set: ChangeSet, ahead: Proposals | None
) -> str | None:
    """Show the changes, and ask where data would be lost and where permissions change.

    Gives the id of the newest event so far. Whatever ends this, be it a no or Ctrl-C, takes the
    change set back.
    """
    try:
        if ahead:
            ahead.outdate()
        _show_changes(run, target, change_set)
        name = target.stack_name
        confirm_losses(run, unexpected(run, change_set, name), f"Stack {name} was not changed.")
        _ask_for_lost_data(run, target.stack_name, change_set)
        if not change_set.creates:
            confirm_permissions(run, target.stack_name, change_set.changes)
        return events.latest_event_id(run.clients, change_set.stack_id)
    except BaseException:
        change_sets.withdraw(run.clients, change_set, run.poll)
        raise


def _show_changes(run: Run, target: StackTarget, change_set: ChangeSet) -> None:
    say = run.console.progress
    verb = "Creating" if change_set.creates else "Updating"
    say(f"{verb} {target.stack_name}: {counted(len(change_set.changes), 'change')}.", bold=True)
    acknowledged = target.iam_resources
    if acknowledged:
        names = ", ".join(f"{made.logical_id} ({made.type})" for made in acknowledged)
        say(f"  Acknowledging {' and '.join(target.template.capabilities)}: it makes {names}.")
    if not change_set.creates:
        for change in change_set.changes:
            for line in change_lines(change):
                say(line)


def _ask_for_lost_data(run: Run, name: str, change_set: ChangeSet) -> None:
    """What holds data and is replaced or removed is out of use, with everything in it."""
    lost = [change for change in change_set.changes if _loses_data(change)]
    if not lost:
        return
    names = ", ".join(change.logical_id for change in lost)
    question = f"This takes {names} of stack {name} out of use, with everything in it. Go on?"
    if not run.consent(question):
        raise StackError(
            f"Stack {name} would lose or replace {names}; nothing was changed in it. See "
            f"`{run.deployment.command('plan')}`, and deploy with --yes if this is what you want."
        )


def _loses_data(change: ResourceChange) -> bool:
    goes = change.replaces != "no" or change.action == "remove"
    return change.type in _HOLDS_DATA and goes and not change.was_deleted


@contextmanager
def _warning_if_interrupted(run: Run, name: str) -> Iterator[None]:
    """CloudFormation needs nobody to watch it: who presses Ctrl-C is told so."""
    try:
        yield
    except KeyboardInterrupt:
        again = run.deployment.command("deploy")
        run.console.warn(f"Stack {name} goes on in AWS without you; `{again}` follows it again.")
        raise


def _follow(
    run: Run, name: str, stack_id: str, last_seen: str | None, successes: frozenset[str]
) -> History:
    """Show a stack's events to the end. Raises StackError unless it ends as one of `successes`."""
    again = run.deployment.command("deploy")
    try:
        history = events.follow_events(run.clients, stack_id, last_seen, run.show_event, run.poll)
    except (ClientError, BotoCoreError) as exc:
        raise StackError(
            f"Stack {name} goes on in AWS, but it cannot be followed from here: "
            f"{explain(exc) or exc} `{again}` follows it again."
        ) from exc
    if history.end.status not in successes:
        raise StackError(failure_sentence(run.deployment, name, history))
    return history
