"""What an update leaves outside of its stack, for good, and how to remove it. Pure.

CloudFormation deletes what it replaced after the update has succeeded: what it cannot delete then,
such as a bucket with files, it leaves and forgets.
"""

from __future__ import annotations

from collections.abc import Iterable

from deploy.stacks.events import Event

_BUCKET = "AWS::S3::Bucket"
_STAYS = frozenset({"DELETE_FAILED", "DELETE_SKIPPED"})


def leftovers(seen: Iterable[Event]) -> tuple[str, ...]:
    """A sentence for each resource that belongs to no stack any more, given an update's events."""
    last = {event.physical_id: event for event in seen if not event.of_stack}
    return tuple(_sentence(event) for event in last.values() if event.status in _STAYS)


def how_to_remove_bucket(name: str) -> str:
    """`aws s3 rb --force` leaves old versions and fails for them; the console's Empty does not."""
    return (
        "empty it with all its versions (S3 console, button Empty) and then run "
        f"`aws s3 rb s3://{name}`"
    )


def _sentence(event: Event) -> str:
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
