"""What is told of a sending: where it went on, what was sent, how it ended before its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deploy.lambda_packages import file_size, quoted
from deploy.sending.sent import Sent, SentFile, SentShare
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.console import Console
    from deploy.uploading.upload import Upload


def tell_what_was_there(uploads: Sequence[Upload], console: Console) -> None:
    """Of large files that have arrived, how much an earlier command had sent."""
    for upload in uploads:
        if upload.state.version_id is not None and upload.state.was_there:
            there = file_size(upload.state.was_there)
            console.progress(
                f"{quoted(upload.file.key)} went on from an earlier send: {there} were there."
            )


def document(sent: Sent) -> dict[str, Any]:
    """All that was sent, for programs."""
    return {
        "sent": [
            {
                "file": file.file,
                "key": file.key,
                "version_id": file.version_id,
                "recipients": file.recipients,
            }
            for file in sent.files
        ],
        "shares": [
            {
                "id": share.id,
                "key": share.key,
                "version_id": share.version_id,
                "title": share.title,
                "files": [file.key for file in share.files],
                "recipients": share.recipients,
            }
            for share in sent.shares
        ],
    }


def text(sent: Sent) -> str:
    """The same for people, a line for each mail that is announced."""
    return "\n".join(_line(one) for one in sent.announced)


def _line(one: SentFile | SentShare) -> str:
    whom = ", ".join(one.recipients)
    if isinstance(one, SentFile):
        return f"Sent {quoted(one.key)}; a link goes to {whom}."
    what = f"{counted(len(one.files), 'file')} ({file_size(one.size)})"
    links = "a link" if one.has_page else "a link to each"
    each = "each of " if len(one.recipients) > 1 else ""
    return f"Sent {what}; one mail with {links} goes to {each}{whom}."
