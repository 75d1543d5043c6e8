"""`s3link send`: upload files so that their recipients get a link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from deploy.cli.options import Invocation, common_options
from deploy.cli.types import ADDRESSES, DURATION, FILE_NAME, MOST_DOWNLOADS, all_addresses

if TYPE_CHECKING:
    from pathlib import Path

    from deploy.sending.send import SentFile


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE_NAME)
@click.option(
    "--to",
    type=ADDRESSES,
    multiple=True,
    callback=all_addresses,
    metavar="ADDRESS",
    help="Who gets the link; may be repeated, or name several with commas.  [default: the "
    "deployment's EmailRecipient]",
)
@click.option("--note", default="", metavar="TEXT", help="A few words that go into the mail.")
@click.option(
    "--expires",
    type=DURATION,
    help="How long the links work: 30m, 2h, or seconds.  [default: as long as the deployment says]",
)
@click.option(
    "--max-downloads",
    type=click.IntRange(0, MOST_DOWNLOADS),
    help="How often each link may be downloaded; 0 any number.  [default: as the portal says]",
)
@click.option("--wait", is_flag=True, help="Wait until the ledger says mailed.")
@common_options
def command(
    invocation: Invocation,
    files: tuple[Path, ...],
    to: tuple[str, ...],
    note: str,
    expires: int | None,
    max_downloads: int | None,
    wait: bool,
) -> None:
    """Upload files and folders; each recipient gets a mail with a link to each file.

    \b
    s3link send report.pdf
    s3link send report.pdf photos/ --to bob@example.com --to eve@example.com
    s3link send offer.pdf --note "As discussed" --expires 2h
    s3link send contract.pdf --max-downloads 1
    """
    from deploy.sending.prepare import SendOptions
    from deploy.sending.send import send_files

    sent = send_files(
        invocation.clients,
        invocation.deployment,
        files,
        SendOptions(to, note, expires, max_downloads),
        invocation.console,
    )
    invocation.console.result(_document(sent), _text(sent))
    if wait:
        from deploy.sending.wait import wait_for_mails

        wait_for_mails(invocation.clients, invocation.deployment, sent, invocation.console)


def _document(sent: Sequence[SentFile]) -> dict[str, Any]:
    return {
        "sent": [
            {
                "file": str(upload.file),
                "key": upload.key,
                "version_id": upload.version_id,
                "recipients": upload.recipients,
            }
            for upload in sent
        ]
    }


def _text(sent: Sequence[SentFile]) -> str:
    from deploy.lambda_packages import quoted

    return "\n".join(
        f"Sent {quoted(upload.key)}; a link goes to {', '.join(upload.recipients)}."
        for upload in sent
    )
