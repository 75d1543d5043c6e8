"""`s3link dlq`: the events that could not be announced or mailed, their replay, and their end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from deploy.cli.options import Invocation, common_options
from deploy.cli.types import MESSAGE_ID
from deploy.errors import DeadLetterError, RedriveStoppedError
from deploy.table import Table

if TYPE_CHECKING:
    from deploy.deployment import Deployment
    from deploy.dlq.dropping import Drop
    from deploy.dlq.listing import ListedLetter
    from deploy.dlq.redrive import Redrive

_EMPTY = "The dead-letter queue is empty."
# Its count lags behind.
_GAVE_NOTHING = "SQS gives no message, but still counts about {}; look again in a minute."
_MOST_IDS_TOLD = 10


@click.group()
def command() -> None:
    """Show, replay or drop the events that could not be announced.

    \b
    s3link dlq list
    s3link dlq redrive --all
    s3link dlq drop 5b44b3ea
    """


@command.command("list")
@common_options
def list_(invocation: Invocation) -> None:
    """Show each message: which file, for whom, and why it failed.

    \b
    s3link dlq list
    s3link dlq list --output json
    """
    from deploy.dlq import wording
    from deploy.dlq.listing import list_letters

    listing = list_letters(invocation.clients, invocation.deployment, invocation.console)
    if listing.held_by_others:
        invocation.console.progress(_held_by_others(listing.held_by_others))
    if listing.unread and listing.number:
        invocation.console.warn(_incomplete(listing.unread))
    if invocation.output == "json":
        documents = map(wording.document, listing.letters)
        beside = {"unread": listing.unread, "still_hidden": listing.still_hidden}
        invocation.console.result_rows("messages", documents, beside)
    elif listing.number:
        invocation.console.table(Table(wording.COLUMNS, map(wording.row, listing.letters)))
    else:
        invocation.console.result({}, _nothing(listing.unread))
    if listing.number:
        redrive, drop = map(invocation.deployment.command, ("dlq redrive --all", "dlq drop ID"))
        invocation.console.progress(
            f"{_messages(listing.number)}; once the cause is gone, replay with `{redrive}`; take "
            f"out what can never pass with `{drop}`."
        )


@command.command()
@click.argument("ids", metavar="[ID]...", nargs=-1, type=MESSAGE_ID)
@click.option("--all", "everything", is_flag=True, help="Replay every message.")
@common_options
def redrive(invocation: Invocation, ids: tuple[str, ...], everything: bool) -> None:
    """Replay events, once what made them fail is repaired.

    One after the other, the oldest of each hundred first, as fast as SES takes the mails. A
    message is deleted only when its function has ended well. Nobody is mailed twice, however often
    this is repeated.

    \b
    s3link dlq redrive --all
    s3link dlq redrive 5b44b3ea
    """
    if everything == bool(ids):
        raise click.UsageError(
            "Say which messages to replay: some ids from `s3link dlq list`, or --all, not both."
        )
    from deploy.dlq import redrive as steps
    from deploy.dlq.wording import as_of_now

    done = steps.redrive(
        invocation.clients, invocation.deployment, None if everything else ids, invocation.console
    )
    for left in done.left:
        if left.reason:
            why = as_of_now(left.reason).rstrip(".")
            invocation.console.warn(f"{left.id} stays in the queue: {why}.")
    invocation.console.result(_redrive_document(done), "\n".join(_redrive_lines(done)))
    if done.left or (done.replayed and done.unread):
        kind = RedriveStoppedError if done.is_interrupted else DeadLetterError
        raise kind(_summary(done, invocation.deployment))


@command.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=MESSAGE_ID)
@common_options
def drop(invocation: Invocation, ids: tuple[str, ...]) -> None:
    """Delete events from the dead-letter queue that can never pass. Nobody is mailed.

    Each is shown first, with its files and their recipients: nothing else tells of it later.

    \b
    s3link dlq drop 5b44b3ea
    s3link dlq drop 5b44b3ea 0c2f81d7 --yes
    """
    from deploy.dlq import dropping, wording
    from deploy.wording import counted, part_of

    def consent(letters: Sequence[ListedLetter]) -> bool:
        for listed in letters:
            for line in wording.letter_lines(listed):
                invocation.console.progress(line)
        return invocation.consent(
            f"Drop {counted(len(letters), 'message')}? Nobody will be mailed, and this cannot be "
            "undone."
        )

    done = dropping.drop(
        invocation.clients, invocation.deployment, ids, consent, invocation.console
    )
    for one in done.kept:
        invocation.console.warn(
            f"{one.letter.letter.id} was not dropped: {one.reason or 'its turn never came'}."
        )
    invocation.console.result(_drop_document(done), "\n".join(_drop_lines(done)))
    if done.kept:
        kind = RedriveStoppedError if done.is_interrupted else DeadLetterError
        total = len(done.dropped) + len(done.kept)
        raise kind(
            f"{done.stopped}{part_of(len(done.dropped), total, 'message')} dropped; see "
            f"`{invocation.deployment.command('dlq list')}`."
        )


def _nothing(unread: int) -> str:
    """That there is no message, or none that SQS gave."""
    return _GAVE_NOTHING.format(_messages(unread)) if unread else _EMPTY


def _redrive_document(done: Redrive) -> dict[str, Any]:
    from deploy.dlq.wording import as_of_now

    return {
        "replayed": [{"id": one.id, "outcome": one.outcome} for one in done.replayed],
        "left": [
            {"id": one.id, "about": one.title, "reason": as_of_now(one.reason)} for one in done.left
        ],
        "unread": done.unread,
        "still_hidden": done.still_hidden,
    }


def _redrive_lines(done: Redrive) -> Iterator[str]:
    for one in done.replayed:
        yield f"Replayed {one.id}: {one.outcome}"
    if done.replayed:
        return
    if done.held_by_others:
        yield f"Nothing was replayed. {_held_by_others(done.held_by_others)}"
    elif done.left:
        yield "Nothing was replayed."
    else:
        yield _nothing(done.unread)


def _drop_document(done: Drop) -> dict[str, Any]:
    from deploy.dlq import wording

    return {
        "dropped": [wording.document(one) for one in done.dropped],
        "kept": [{**wording.document(one.letter), "reason": one.reason} for one in done.kept],
        "still_hidden": done.still_hidden,
    }


def _drop_lines(done: Drop) -> Iterator[str]:
    from deploy.dlq import wording

    for one in done.dropped:
        yield f"Dropped {one.letter.id}: {wording.title(one)}"
    if not done.dropped:
        yield "Nothing was dropped."


def _held_by_others(number: int) -> str:
    from deploy.wording import counted

    return (
        f"About {counted(number, 'message')} of the dead-letter queue cannot be seen now, because "
        "somebody works on them, perhaps another redrive."
    )


def _incomplete(unread: int) -> str:
    from deploy.wording import counted

    return (
        f"This list may not be complete: SQS counts about {counted(unread, 'more message')} than "
        "it has given. Its count lags behind, so list them again in a minute; should there be more "
        "than the 120,000 that it gives at a time, replay these first."
    )


def _messages(number: int) -> str:
    from deploy.wording import counted

    return counted(number, "message")


def _summary(done: Redrive, deployment: Deployment) -> str:
    """How many were replayed, and which stay."""
    from deploy.wording import part_of

    about = "about " if done.unread else ""
    stay = len(done.left) + done.unread
    total = len(done.replayed) + stay
    ids = ", ".join(one.id for one in done.left[:_MOST_IDS_TOLD])
    told = min(len(done.left), _MOST_IDS_TOLD)
    more = f" and {about}{stay - told:,} more" if told and stay > told else ""
    drop = f", and take out what can never pass with `{deployment.command('dlq drop ID')}`"
    if not any(one.reason for one in done.left):
        drop = ""
    return (
        f"{done.stopped}{part_of(len(done.replayed), total, 'message', about)} replayed; "
        f"{about}{stay:,} "
        f"{'stays' if stay == 1 else 'stay'} in the queue{': ' if told else ''}{ids}{more}; see "
        f"`{deployment.command('dlq list')}`{drop}."
    )
