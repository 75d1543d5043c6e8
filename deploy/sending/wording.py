"""What is told of a sending: where it went on, what was sent, how it ended before its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError

from deploy.lambda_packages import file_size, quoted
from deploy.sending.sent import Sent, SentFile, SentShare
from deploy.wording import counted, enumerated

if TYPE_CHECKING:
    from deploy.console import Console
    from deploy.sending.sharing import Sharing
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


def told(sharing: Sequence[Sharing], alone: Sequence[Upload]) -> str:
    """Who was mailed of shares that are not all announced; what is alone waits for them."""
    unknown = [quoted(one.title) for one in sharing if one.may_be_announced]
    waiting = [quoted(one.file.title) for one in alone]
    if unknown:
        sentence = f"it is not known whether {enumerated(unknown)} was announced"
        return f"{sentence}, but nobody was mailed of {enumerated(waiting)}" if alone else sentence
    untold = [quoted(one.title) for one in sharing if not one.is_announced]
    if len(untold) == len(sharing):
        return "nobody was mailed"
    return f"nobody was mailed of {enumerated([*untold, *waiting])}"


def left_alone(alone: Sequence[Upload]) -> str:
    """Who was mailed where all shares are announced, but not all files that are alone."""
    missing = [one for one in alone if one.state.version_id is None]
    lost = [quoted(one.file.title) for one in missing if not _may_be_there(one)]
    unknown = [quoted(one.file.title) for one in missing if _may_be_there(one)]
    sentence = "are announced"
    if lost:
        sentence += f", but nobody was mailed of {enumerated(lost)}"
    if unknown:
        sentence += f", and it is not known whether {enumerated(unknown)} was mailed"
    return sentence


def _may_be_there(upload: Upload) -> bool:
    """Whether S3 may have the file, since its answer was lost."""
    state = upload.state
    is_whole = isinstance(state.fault, BotoCoreError) and not state.has_parts
    return state.may_be_there or is_whole


def way_on(sharing: Sequence[Sharing], is_kept: bool) -> str:
    """What to do then; a later command goes on if what was begun `is_kept`."""
    if is_kept:
        return "run the same command again: it sends only what is missing, and mails nobody twice"
    if any(one.may_be_announced for one in sharing):
        return "look with s3link deliveries, and send the files again if not"
    return "send them again"
