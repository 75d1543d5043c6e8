"""Has a deploy bring back what is missing: asks first where data was lost, then has CloudFormation
compare the stack with what is really there.

A change set that compares so is drift-aware: it makes again what is gone, and also undoes what was
changed by hand in that stack. So a stack gets one only when something of it is missing, or when the
operator asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.deployment import GENERATOR
from deploy.errors import StackError
from deploy.stacks.drift.losses import loses_data, question, refusal
from deploy.stacks.lookup import Missing, find_stack

if TYPE_CHECKING:
    from deploy.stacks.change_sets import ChangeSet
    from deploy.stacks.run import Run
    from deploy.stacks.target import StackTarget

_TOPIC = "AWS::SNS::Topic"
# CloudFormation notes that it is as the template says, and leaves it as it is.
_ONLY_NOTED = "syncwithactual"


def confirm_losses(
    run: Run, missing: Iterable[Missing], untouched: str = "Nothing was changed."
) -> None:
    """Ask before what held data is made again without it. Raises StackError otherwise.

    `untouched` says how far a no leaves everything as it was.
    """
    lost = [one for one in missing if loses_data(one)]
    if lost and not run.consent(question(lost)):
        raise StackError(f"{untouched} {refusal(lost, run.deployment)}")


def reverting(target: StackTarget, missing: Iterable[Missing], always: bool) -> StackTarget:
    """The target, to be compared with what is really there if something of the stack is missing."""
    needed = always or any(one.stack_name == target.stack_name for one in missing)
    return replace(target, reverts_drift=needed and not target.creates)


def unexpected(run: Run, change_set: ChangeSet, stack: str) -> Iterator[Missing]:
    """What only CloudFormation has found to be gone, as the operator may not ask for it."""
    known = {(one.stack_name, one.logical_id) for one in run.missing}
    for change in change_set.changes:
        if change.was_deleted and (stack, change.logical_id) not in known:
            yield Missing(stack, change.logical_id, change.type, "")


def stays_missing(missing: Iterable[Missing], change_set: ChangeSet, stack: str) -> Iterator[str]:
    """A sentence for each resource that CloudFormation does not bring back."""
    brought_back = {
        change.logical_id for change in change_set.changes if change.action != _ONLY_NOTED
    }
    for one in missing:
        if one.stack_name == stack and one.logical_id not in brought_back:
            yield (
                f"{one} stays missing: CloudFormation does not bring it back. Make it again by "
                "hand under its old name, with the properties that it has in its stack's template."
            )


def remake_topics(run: Run) -> tuple[Missing, ...]:
    """Give missing topics back under their names, which other stacks import; what is left missing.

    A topic holds nothing, and its ARN is its name. CloudFormation would take another name. What
    belongs to the topic (its policy, its subscriptions) CloudFormation brings back.
    """
    topics = [one for one in run.missing if one.type == _TOPIC]
    for topic in topics:
        run.clients.sns.create_topic(Name=topic.name.rpartition(":")[2])
        run.console.progress(f"{topic} was missing; it is there again, under its old name.")
    return tuple(one for one in run.missing if one not in topics)


@contextmanager
def warning_of_direct_links(run: Run) -> Iterator[None]:
    """Say, whatever ends the block by an error, if the generator may be off its portal."""
    try:
        yield
    except BaseException:
        if _may_be_off(run):
            run.console.warn(
                "Until a deploy gets through, new mails may carry direct links: "
                f"{run.deployment.stack_name(GENERATOR)} may be off the portal, which is being "
                "changed."
            )
        raise


def _may_be_off(run: Run) -> bool:
    """Unless CloudFormation says that it uses it."""
    try:
        state = find_stack(run.clients, run.deployment.stack_name(GENERATOR))
    except (ClientError, BotoCoreError):
        return True
    return state is None or state.in_progress or not state.parameters.get("PortalStackName")
