"""Removes one stack with everything in it, once the operator has agreed.

Its buckets are emptied first. It may be interrupted and done again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.errors import StackError
from deploy.removal.buckets import BucketContents, bucket_contents, empty_bucket
from deploy.stacks import recovery
from deploy.stacks.lookup import StackState, find_stack, resources_of_type
from deploy.stacks.user_pools import unprotect_user_pools

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.stacks.run import Run

# A file, or a line of the access log, may arrive between emptying a bucket and deleting it.
_ATTEMPTS = 3


def remove_with_contents(run: Run, stack_id: str, again: str = "") -> None:
    """Empty the stack's buckets and delete it; again while something arrives in between.

    `again` is the command that goes on from where Ctrl-C stops this one; whoever leaves it out
    says that themselves.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        state = find_stack(run.clients, stack_id)
        if state is None or state.status == "DELETE_COMPLETE":
            return
        # If this is denied, nothing is lost yet.
        unprotect_user_pools(run.clients, state.stack_id)
        is_emptied = _empty_buckets(run, state)
        try:
            _delete(run, state, again)
        except ClientError:
            if is_emptied:
                run.console.warn(f"The files of {state.name} are gone, but the stack is there.")
            raise
        except StackError:
            if attempt == _ATTEMPTS or not _holds_anything(run.clients, state):
                raise
            run.console.progress("Something arrived meanwhile; emptying again.")
        else:
            return


def buckets_of(clients: Clients, state: StackState) -> Iterator[BucketContents]:
    """The stack's buckets, in the order in which they are best emptied."""
    # The last one made comes first: emptying it writes lines into the access log's bucket.
    names = list(resources_of_type(clients, state.stack_id, "AWS::S3::Bucket"))
    for name in reversed(names):
        contents = bucket_contents(clients, name)
        if contents:
            yield contents


def _delete(run: Run, state: StackState, again: str) -> None:
    run.console.progress(f"Deleting {state.name}.", bold=True)
    try:
        recovery.delete_stack(run, state)
    except KeyboardInterrupt:
        if again:
            run.console.warn(f"AWS goes on deleting {state.name}; `{again}` goes on from there.")
        raise


def _empty_buckets(run: Run, state: StackState) -> bool:
    """Whether there was anything in them."""
    is_emptied = False
    for contents in buckets_of(run.clients, state):
        is_emptied = is_emptied or contents.versions > 0
        with run.console.bar(f"Emptying {contents.name}", contents.versions) as removed:
            empty_bucket(run.clients, contents.name, removed)
    return is_emptied


def _holds_anything(clients: Clients, state: StackState) -> bool:
    return any(contents.versions + contents.uploads > 0 for contents in buckets_of(clients, state))
