"""Deletes stacks, and refuses those that only the operator can bring back.

A dead stack is deleted with the operator's consent only, and never while a bucket in it holds
anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.aws.explain import error_code
from deploy.errors import StackError
from deploy.stacks import events
from deploy.stacks.lookup import STUCK, StackState, resources_of_type
from deploy.stacks.user_pools import unprotect_user_pools

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.stacks.run import Run


def delete_dead(run: Run, state: StackState) -> None:
    """Delete a stack that can only be deleted, after asking. Raises StackError otherwise."""
    if state.is_protected:
        raise StackError(
            f"Stack {state.name} is {state.status} and can only be deleted and created again, but "
            "it is protected from that; run `aws cloudformation update-termination-protection "
            f"--no-enable-termination-protection --stack-name {state.name}` first."
        )
    for bucket in resources_of_type(run.clients, state.stack_id, "AWS::S3::Bucket"):
        if _holds_anything(run.clients, bucket):
            raise StackError(
                f"Stack {state.name} is {state.status} and can only be deleted and created again, "
                f"but its bucket {bucket} still holds files; save them and run "
                f"`{run.deployment.command('destroy')}` first."
            )
    question = (
        f"Stack {state.name} is {state.status}{_because(state)}, so it can only be deleted and "
        "created again. Delete it now?"
    )
    if not run.consent(question):
        raise StackError(
            f"Stack {state.name} is {state.status}: it can only be deleted and created again, and "
            "nothing was changed; run the command again with --yes to do so."
        )
    delete_stack(run, state)


def delete_stack(run: Run, state: StackState) -> None:
    """Delete a stack and wait for its end. Raises StackError, naming what could not be deleted."""
    # A deletion that is going on may end while we look, so all of its events are read.
    last_seen = (
        events.event_id_before_operation(run.clients, state.stack_id)
        if state.in_progress
        else events.latest_event_id(run.clients, state.stack_id)
    )
    unprotect_user_pools(run.clients, state.stack_id)
    role = run.deployment.role_arn
    if role:
        run.clients.cloudformation.delete_stack(StackName=state.stack_id, RoleARN=role)
    else:  # with the role that CloudFormation has worked with before, if any
        run.clients.cloudformation.delete_stack(StackName=state.stack_id)
    history = events.follow_events(run.clients, state.stack_id, last_seen, run.show_event, run.poll)
    if history.end.status != "DELETE_COMPLETE":
        raise StackError(_not_deleted(state, history))


def refuse_stuck(state: StackState) -> None:
    """Raise StackError when only the operator can decide how the stack goes on."""
    if state.status == STUCK:
        raise StackError(
            f"Stack {state.name} is {STUCK}{_because(state)}; put the cause right and run "
            f"`aws cloudformation continue-update-rollback --stack-name {state.name}`, "
            "then deploy again."
        )


def _holds_anything(clients: Clients, bucket: str) -> bool:
    try:
        listed = clients.s3.list_object_versions(
            Bucket=bucket, MaxKeys=1, ExpectedBucketOwner=clients.account
        )
    except ClientError as exc:
        if error_code(exc) == "NoSuchBucket":
            return False
        raise
    return bool(listed.get("Versions") or listed.get("DeleteMarkers"))


def _not_deleted(state: StackState, history: events.History) -> str:
    failed = [event for event in history.events if event.is_failure and not event.of_stack]
    if not failed:
        return (
            f"Stack {state.name} could not be deleted: {history.end.reason or history.end.status}."
        )
    names = ", ".join(dict.fromkeys(event.logical_id for event in failed))
    return (
        f"Stack {state.name} could not be deleted: {names} stayed "
        f"({failed[0].reason.rstrip('.')}); put this right and run the command again."
    )


def _because(state: StackState) -> str:
    return f" ({state.reason.rstrip('.')})" if state.reason else ""
