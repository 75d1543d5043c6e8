"""`s3link dlq`: the events that could not be announced or mailed, and their replay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from deploy.cli.options import Invocation, common_options
from deploy.cli.types import MESSAGE_ID
from deploy.errors import DeadLetterError, RedriveStoppedError

if TYPE_CHECKING:
    from deploy.deployment import Deployment
    from deploy.dlq.listing import ListedLetter, Listing
    from deploy.dlq.redrive import Redrive

_EMPTY = "The dead-letter queue is empty."
_MOST_IDS_TOLD = 10


@click.group()
def command() -> None:
    """Show the events that could not be announced, and replay them.

    \b
    s3link dlq list
    s3link dlq redrive --all
    """


@command.command("list")
@common_options
def list_(invocation: Invocation) -> None:
    """Show each message of the dead-letter queue: which file, for whom, and why it failed.

    \b
    s3link dlq list
    s3link dlq list --output json
    """
    from deploy.dlq.listing import list_letters

    listing = list_letters(invocation.clients, invocation.deployment)
    if listing.held_by_others:
        invocation.console.progress(_held_by_others(listing.held_by_others))
    invocation.console.result(
        {"messages": [_document(listed) for listed in listing.letters]},
        "\n".join(_lines(listing, invocation.deployment)),
    )


@command.command()
@click.argument("ids", metavar="[ID]...", nargs=-1, type=MESSAGE_ID)
@click.option("--all", "everything", is_flag=True, help="Replay every message.")
@common_options
def redrive(invocation: Invocation, ids: tuple[str, ...], everything: bool) -> None:
    """Replay events from the dead-letter queue, once what made them fail is repaired.

    One after the other, in order of arrival, as fast as SES takes the mails. A message is deleted
    only when its function has ended well. Nobody is mailed twice, however often this is repeated.

    \b
    s3link dlq redrive --all
    s3link dlq redrive 5b44b3ea
    """
    if everything == bool(ids):
        raise click.UsageError(
            "Say which messages to replay: some ids from `s3link dlq list`, or --all, not both."
        )
    from deploy.dlq import redrive as steps

    done = steps.redrive(
        invocation.clients, invocation.deployment, None if everything else ids, invocation.console
    )
    for left in done.left:
        if left.reason:
            invocation.console.warn(f"{left.id} stays in the queue: {left.reason.rstrip('.')}.")
    invocation.console.result(_redrive_document(done), "\n".join(_redrive_lines(done)))
    if done.left:
        kind = RedriveStoppedError if done.is_interrupted else DeadLetterError
        raise kind(_summary(done, invocation.deployment))


def _lines(listing: Listing, deployment: Deployment) -> Iterator[str]:
    from deploy.lambda_packages import quoted
    from deploy.wording import counted

    if not listing.letters:
        yield _EMPTY
        return
    for listed in listing.letters:
        letter = listed.letter
        yield f"{letter.id}  {letter.about}".rstrip()
        for upload, audience in listed.files:
            yield f"  {upload} for {', '.join(audience.recipients) or f'nobody: {audience.remark}'}"
        yield f"  error: {quoted(letter.error)[1:-1] or 'none was given'}"
        first = f"first attempt {_time(letter.first_attempt)}, " if letter.first_attempt else ""
        yield f"  {first}last attempt {_time(letter.last_attempt)}"
    yield (
        f"{counted(len(listing.letters), 'message')}; once the cause is gone, replay with "
        f"`{deployment.command('dlq redrive --all')}`."
    )


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%SZ}"


def _document(listed: ListedLetter) -> dict[str, Any]:
    letter = listed.letter
    return {
        "id": letter.id,
        "kind": letter.kind,
        "about": letter.about,
        "files": [
            {
                "file": upload.key,
                "version": upload.version,
                "recipients": audience.recipients,
                "remark": audience.remark,
            }
            for upload, audience in listed.files
        ],
        "error": letter.error,
        "error_code": letter.error_code,
        "first_attempt": letter.first_attempt and letter.first_attempt.isoformat(),
        "last_attempt": letter.last_attempt.isoformat(),
    }


def _redrive_document(done: Redrive) -> dict[str, Any]:
    return {
        "replayed": [{"id": one.id, "outcome": one.outcome} for one in done.replayed],
        "left": [{"id": one.id, "about": one.title, "reason": one.reason} for one in done.left],
    }


def _redrive_lines(done: Redrive) -> Iterator[str]:
    for one in done.replayed:
        yield f"Replayed {one.id}: {one.outcome}"
    if done.replayed or done.left:
        return
    yield (
        f"Nothing was replayed. {_held_by_others(done.held_by_others)}"
        if done.held_by_others
        else _EMPTY
    )


def _held_by_others(number: int) -> str:
    from deploy.wording import counted

    return (
        f"About {counted(number, 'message')} of the dead-letter queue cannot be seen now, because "
        "somebody works on them, perhaps another redrive."
    )


def _summary(done: Redrive, deployment: Deployment) -> str:
    """How many were replayed, and which stay."""
    from deploy.wording import counted

    total, left = len(done.replayed) + len(done.left), len(done.left)
    ids = ", ".join(one.id for one in done.left[:_MOST_IDS_TOLD])
    more = f" and {left - _MOST_IDS_TOLD:,} more" if left > _MOST_IDS_TOLD else ""
    return (
        f"{done.stopped}{len(done.replayed):,} of {counted(total, 'message')} "
        f"{'was' if total == 1 else 'were'} replayed; {left:,} {'stays' if left == 1 else 'stay'} "
        f"in the queue: {ids}{more}; see `{deployment.command('dlq list')}`."
    )
