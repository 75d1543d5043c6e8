"""Proposes the change sets of all stacks side by side, before the first of them is applied.

Where nothing is to be changed, nobody waits for one stack after the other. As soon as one stack is
changed, what was worked out for those after it no longer counts: they may take values from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.side_by_side import pool
from deploy.errors import S3LinkError
from deploy.interruption import deferring_interrupts
from deploy.stacks import change_sets
from deploy.stacks.drift.reverting import reverting
from deploy.stacks.target import stack_target

if TYPE_CHECKING:
    from deploy.deployment import Stack
    from deploy.package.artifacts import Artifact
    from deploy.stacks.change_sets import ChangeSet
    from deploy.stacks.lookup import StackState
    from deploy.stacks.run import Run
    from deploy.stacks.target import StackTarget


# By the stack's name: its state, and the change set that is being made for that.
Asked = dict[str, tuple["StackState", Future["ChangeSet | None"]]]


@dataclass(frozen=True)
class Proposal:
    """A change set, and the state of its stack for which it was made."""

    state: StackState
    change_set: ChangeSet


class Proposals:
    """What was proposed ahead, by the names of the stacks."""

    def __init__(self, run: Run, made: Mapping[str, Proposal]) -> None:
        self._run = run
        self._made = dict(made)

    def take(self, stack_name: str) -> Proposal | None:
        """The proposal for this stack, which is the caller's to withdraw from now on."""
        return self._made.pop(stack_name, None)

    def outdate(self) -> None:
        """Withdraw all that are left."""
        left = [one.change_set for one in self._made.values() if not one.change_set.is_empty]
        self._made.clear()
        clients, poll = self._run.clients, self._run.poll
        with pool() as running:
            done = [running.submit(change_sets.withdraw, clients, one, poll) for one in left]
        for each in done:
            each.result()


@contextmanager
def proposed_ahead(
    run: Run, code: Artifact, existing: Mapping[str, StackState | None]
) -> Iterator[Proposals]:
    """Of the first stacks as many as exist; the end of the block withdraws what nobody took.

    None where something is missing: what comes back changes what the stacks give each other.
    """
    stopped = Event()
    patient = replace(run, poll=replace(run.poll, sleep=partial(_sleep, run, stopped)))
    asked: Asked = {}
    with pool() as running:
        try:
            with deferring_interrupts():
                for stack, state in _first_existing(run, existing):
                    target = stack_target(run.deployment, stack, code, state)
                    target = reverting(target, run.missing, run.reverts_drift)
                    asked[state.name] = state, running.submit(_proposed, patient, target)
            wait(_answers(asked))
        except BaseException:
            stopped.set()
            with deferring_interrupts():
                wait(_answers(asked))
                Proposals(run, _made(asked)).outdate()
            raise
    proposals = Proposals(run, _made(asked))
    try:
        yield proposals
    finally:
        # Whatever ended the block is to be told, not that a change set was left.
        with suppress(ClientError, BotoCoreError):
            proposals.outdate()


def _sleep(run: Run, stopped: Event, seconds: float) -> None:
    """Between two looks; who stops now has the change set withdrawn by whoever waits for it."""
    if stopped.is_set():
        raise KeyboardInterrupt
    run.poll.sleep(seconds)


def _answers(asked: Asked) -> list[Future[ChangeSet | None]]:
    return [answer for _, answer in asked.values()]


def _made(asked: Asked) -> dict[str, Proposal]:
    """What CloudFormation has worked out."""
    return {
        name: Proposal(state, change_set)
        for name, (state, answer) in asked.items()
        if answer.exception() is None and (change_set := answer.result()) is not None
    }


def proposed_or_empty(run: Run, target: StackTarget) -> ChangeSet:
    """The change set for a stack; one without changes is withdrawn already. Raises StackError."""
    change_set = change_sets.propose(run.clients, target, run.poll)
    if change_set.is_empty:
        change_sets.withdraw(run.clients, change_set, run.poll)
    return change_set


def _first_existing(
    run: Run, existing: Mapping[str, StackState | None]
) -> Iterator[tuple[Stack, StackState]]:
    for stack in run.deployment.stacks:
        state = existing[stack.kind]
        if state is None or state.is_dead or run.missing:
            return
        yield stack, state


def _proposed(run: Run, target: StackTarget) -> ChangeSet | None:
    """None where CloudFormation refuses: it may take the same once the others are applied."""
    try:
        return proposed_or_empty(run, target)
    except (S3LinkError, ClientError, BotoCoreError):
        return None
