"""`s3link delete`: delete files for good, so that the links to them stop working."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from deploy.cli.options import Invocation, common_options
from deploy.errors import DeletionError

if TYPE_CHECKING:
    from deploy.removal.files import Deletion, StoredFile


@click.command()
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@common_options
def command(invocation: Invocation, keys: tuple[str, ...]) -> None:
    """Delete files for good, with all their versions. Every link to them stops working.

    \b
    s3link delete report.pdf
    s3link delete bob@example.com/report.pdf slides/talk.pdf
    s3link delete report.pdf --yes --output json
    """
    from deploy.removal.files import FileExchange
    from deploy.wording import counted, part_of

    exchange, now = FileExchange(invocation.clients, invocation.deployment), datetime.now(UTC)
    files = exchange.find(keys, now)
    for file in files:
        for line in _losses(file):
            invocation.console.progress(line)
    if not invocation.consent(f"Delete {counted(len(files), 'file')} for good?"):
        raise DeletionError("Nothing was deleted; agree to the question, or add --yes.")
    done: list[Deletion] = []
    try:
        for deletion in exchange.delete(files, now):
            done.append(deletion)
            for problem in deletion.problems:
                invocation.console.warn(problem)
            if not deletion.problems and invocation.output == "text":
                invocation.console.result_line({}, f"Deleted {_title(deletion.file)}.")
    finally:
        if invocation.output == "json" and done:
            invocation.console.result({"files": [_document(one) for one in done]}, "")
    failed = sum(bool(one.problems) for one in done)
    if failed:
        raise DeletionError(f"{part_of(failed, len(done), 'file')} not deleted with all links.")


def _losses(file: StoredFile) -> Iterator[str]:
    """What goes, and for whom a link stops working."""
    from deploy.lambda_packages import quoted
    from deploy.wording import moment

    yield f"{_title(file)} will be gone for good."
    for link in file.portal_links:
        yield f"  {quoted(link.recipient)[1:-1]} has a link of the portal, which will be revoked"
    for delivery in file.direct_links:
        until = moment(delivery.link_expires_at)
        yield (
            f"  {quoted(delivery.recipient)[1:-1]} has a link to S3, which would work until {until}"
        )


def _title(file: StoredFile) -> str:
    from deploy.lambda_packages import file_size, quoted
    from deploy.wording import counted

    return f"{quoted(file.key)} ({counted(len(file.versions), 'version')}, {file_size(file.size)})"


def _document(deletion: Deletion) -> dict[str, Any]:
    file = deletion.file
    of_portal = [
        {"kind": "portal", "id": link.id, "recipient": link.recipient} for link in file.portal_links
    ]
    direct = [
        {"kind": "direct", "id": one.id, "recipient": one.recipient} for one in file.direct_links
    ]
    return {
        "file": file.key,
        "versions": len(file.versions),
        "size": file.size,
        "links": of_portal + direct,
        "problems": list(deletion.problems),
    }
