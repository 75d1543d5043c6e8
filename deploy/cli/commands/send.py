"""`s3link send`: upload files so that their recipients get a link."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import click

from deploy.cli.options import Invocation, common_options
from deploy.cli.types import ADDRESSES, DURATION, FILE_NAME, MAILBOX, MOST_DOWNLOADS, all_addresses

if TYPE_CHECKING:
    from pathlib import Path

    from deploy.deployment import Deployment
    from deploy.sending.fresh_links import FreshLink
    from deploy.uploading.files import LocalFile


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
@click.option(
    "--from",
    "sender",
    type=MAILBOX,
    metavar="'NAME <ADDRESS>'",
    help="Who shares the files: the mail says so, and answers go there. On AuthorizedSenders only.",
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
@click.option(
    "--print-links",
    is_flag=True,
    help="Wait, then print a link of the portal for each recipient; whoever has it gets the file.",
)
@click.option(
    "--zip", "packs_folders", is_flag=True, help="Send each folder as one file, a ZIP of its name."
)
@click.option(
    "--separately", is_flag=True, help="A mail for each file, also where somebody gets several."
)
@click.option(
    "--as", "name", metavar="NAME", help="What standard input (FILE is -) is called as a file."
)
@common_options
def command(
    invocation: Invocation,
    files: tuple[Path, ...],
    to: tuple[str, ...],
    sender: str | None,
    note: str,
    expires: int | None,
    max_downloads: int | None,
    wait: bool,
    print_links: bool,
    packs_folders: bool,
    separately: bool,
    name: str | None,
) -> None:
    """Upload files and folders; each recipient gets one mail, however many files these are.

    With the portal, its link leads to a page with all of them; without it, the mail has a link to
    each of up to 20. Nobody is mailed before all have arrived. If the sending breaks off, the same
    command goes on with it.

    \b
    s3link send report.pdf
    s3link send report.pdf photos/ --to bob@example.com --to eve@example.com
    s3link send minutes.pdf slides.pdf --separately
    s3link send offer.pdf --from "Ann Example <ann@example.com>"
    s3link send offer.pdf --note "As discussed" --expires 2h
    s3link send contract.pdf --max-downloads 1
    s3link send report.pdf --print-links
    s3link send photos/ --zip --to bob@example.com
    pg_dump shop | s3link send - --as shop.sql
    """
    from deploy.aws.side_by_side import ahead
    from deploy.sending.exchange import find_exchange
    from deploy.sending.fresh_links import find_link_giver
    from deploy.sending.prepare import SendOptions
    from deploy.sending.send import send_files
    from deploy.sending.wait import wait_for_mails
    from deploy.sending.wording import document, text
    from deploy.uploading.begun import BegunUploads

    _check_standard_input(files, name)
    if packs_folders and not any(file.is_dir() for file in files):
        raise click.UsageError("--zip packs folders, and there is none among what is to be sent.")
    clients = invocation.clients
    options = SendOptions(to, note, expires, max_downloads, sender)
    # While AWS says who the operator is, it is asked the rest, and the client for S3 is made.
    exchange = ahead(lambda: find_exchange(clients, invocation.name))
    ahead(lambda: clients.s3)
    deployment = invocation.deployment
    giver = find_link_giver(clients, deployment) if print_links else None
    with _standard_input(name) as standard_input:
        sent = send_files(
            *(clients, deployment, files, options, invocation.console, standard_input),
            memory=BegunUploads.of_this_user(),
            asked=exchange.result,
            packs_folders=packs_folders,
            separately=separately,
        )
    if giver is None:
        invocation.console.result(document(sent), text(sent))
    if wait and giver is None:
        wait_for_mails(clients, deployment, sent, invocation.console)
    if giver is not None:
        links: list[FreshLink] = []
        try:  # whatever becomes of the mails and links, the files have arrived
            wait_for_mails(clients, deployment, sent, invocation.console)
            links = list(giver.links_to(sent))
        finally:
            invocation.console.result(
                {**document(sent), "links": [_link(link) for link in links]},
                "\n".join([text(sent), *(_link_line(link, deployment) for link in links)]),
            )


def _check_standard_input(files: Sequence[Path], name: str | None) -> None:
    from deploy.uploading.files import STANDARD_INPUT

    times = files.count(STANDARD_INPUT)
    if name is None and times:
        raise click.UsageError("Say what standard input is to be called: - --as NAME.")
    if name is not None and (times != 1 or not name.strip()):
        raise click.UsageError("--as NAME names standard input: give it with one - as FILE.")


def _standard_input(name: str | None) -> AbstractContextManager[LocalFile | None]:
    from deploy.uploading.standard_input import read_whole

    if name is None:
        return nullcontext()
    return read_whole(sys.stdin.buffer, name)


def _link(link: FreshLink) -> dict[str, str | None]:
    return {"key": link.key, "recipient": link.recipient, "url": link.url}


def _link_line(link: FreshLink, deployment: Deployment) -> str:
    from deploy.lambda_packages import quoted

    whom = f"{quoted(link.title)} for {link.recipient}"
    advice = f"no link could be given; see `{deployment.command('links list')}`"
    return f"{whom}: {link.url or advice}"
