"""Deletes stacks, and refuses those that only the operator can bring back.

A dead stack is deleted with the operator's consent only, and never while a bucket in it holds
anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.aws.explain import error_code
from deploy.errors import StackError
from deploy.stacks import events
from deploy.stacks.drift.losses import LOST_WITH
from deploy.stacks.lookup import REVIEW, STUCK, StackState, resources, resources_of_type
from deploy.stacks.user_pools import unprotect_user_pools
from deploy.wording import enumerated

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.deployment import Deployment
    from deploy.stacks.run import Run


def why_not_recreated(clients: Clients, deployment: Deployment, state: StackState) -> str:
    """Why a dead stack cannot be deleted and created again now, and what to do; else empty."""
    if state.is_protected:
        return (
            f"Stack {state.name} is {state.status} and can only be deleted and created again, but "
            "it is protected from that; run `aws cloudformation update-termination-protection "
            f"--no-enable-termination-protection --stack-name {state.name}` first."
        )
    if state.status == REVIEW:  # it has never had any
        return ""
    buckets = [
        bucket
        for bucket in resources_of_type(clients, state.stack_id, "AWS::S3::Bucket")
        if _holds_anything(clients, bucket)
    ]
    if buckets:
        hold = f"bucket {buckets[0]} still holds"
        if len(buckets) > 1:
            hold = f"buckets {enumerated(buckets)} still hold"
        return (
            f"Stack {state.name} is {state.status} and can only be deleted and created again, but "
            f"its {hold} files; save them and run `{deployment.command('destroy')}` first."
        )
    return ""


def lost_with_stack(clients: Clients, state: StackState) -> str:
    """What a dead stack takes with it that nobody makes again; empty where nothing is there.

    Only one whose deletion failed has ever been used. Its buckets are empty, or it stays.
    """
    if state.status != "DELETE_FAILED":
        return ""
    left = [
        LOST_WITH[one.logical_id]
        for one in resources(clients, state.stack_id)
        if one.logical_id in LOST_WITH and one.type != "AWS::S3::Bucket"
    ]
    return f"With it goes for good: {'; '.join(left)}." if left else ""


def confirm_recreations(run: Run, existing: Mapping[str, StackState | None]) -> Run:
    """The run, once the operator has agreed to the deletion of each dead stack.

    Raises StackError where that is not so, with nothing changed.
    """
    dead = [
        state
        for stack in run.deployment.stacks
        if (state := existing.get(stack.kind)) and state.is_dead
    ]
    for state in dead:
        _require_consent(run, state)
    return replace(run, recreated=frozenset(state.name for state in dead))


def delete_dead(run: Run, state: StackState) -> None:
    """Delete a stack that can only be deleted, after asking. Raises StackError otherwise."""
    if state.name not in run.recreated:  # it has died since
        _require_consent(run, state)
    delete_stack(run, state)


def _require_consent(run: Run, state: StackState) -> None:
    if why_not := why_not_recreated(run.clients, run.deployment, state):
        raise StackError(why_not)
    if lost := lost_with_stack(run.clients, state):
        run.console.warn(f"Stack {state.name} is {state.status}. {lost}")
    question = (
        f"Stack {state.name} is {state.status}{_because(state)}, so it can only be deleted and "
        "created again. Delete it now?"
    )
    if not run.consent(question):
        raise StackError(
            f"Stack {state.name} is {state.status}: it can only be deleted and created again, and "
            "it was not changed; run the command again with --yes to do so."
        )


def delete_stack(run: Run, state: StackState) -> None:
    """Delete a stack and wait for its end. Raises StackError, naming what could not be deleted."""
    # A deletion that is going on may end while we look, so all of its events are read.
    last_seen = (
        events.event_id_before_operation(run.clients, state.stack_id)
        if state.in_progress
        else events.latest_event_id(run.clients, state.stack_id)
    )
    unprotect_user_pools(run.clients, state.stack_id)
    if role := new_role(run.deployment, state):
        run.clients.cloudformation.delete_stack(StackName=state.stack_id, RoleARN=role)
    else:
        run.clients.cloudformation.delete_stack(StackName=state.stack_id)
    history = events.follow_events(run.clients, state.stack_id, last_seen, run.show_event, run.poll)
    if history.end.status != "DELETE_COMPLETE":
        raise StackError(_not_deleted(state, history))


def new_role(deployment: Deployment, state: StackState) -> str | None:
    """The role that CloudFormation has not worked with yet on this stack.

    One that it has, it goes on using, and whoever deletes the stack need not pass it.
    """
    return deployment.role_arn if deployment.role_arn != state.role_arn else None


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
    return f" ({state.reason.rstrip('. ')})" if state.reason else ""
