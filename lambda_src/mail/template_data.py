"""What the mail says: values for the variables of the SES template. Pure.

SES does not escape values: those ending in `Html` are escaped here and belong into the HTML part
only, the others into subject and text.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import Any

from files.expiry import Validity
from files.manifest import SharedFile
from files.metadata import note_of
from files.store import StoredFile
from function.text import file_size, moment, unlinked

from mail.mailboxes import Mailbox
from mail.recipients import folder_shown

# File systems hold no longer names; a mail's subject line ends at 998 characters (RFC 5322, 2.1.1).
_LONGEST_NAME_IN_MAIL = 255
# RFC 3676, 4.2: with the mark and room for marks of replies, below 78 characters.
_QUOTED_WIDTH = 72
# One that is nothing else can be followed in a long line, and cannot read as another.
_LINK = re.compile("[!-~]*://[!-~]+")
# Of any script; what mail programs show of a subject is less than half of it.
_LONGEST_SUBJECT = 200  # characters
_LONGEST_IN_SUBJECT = 80  # characters, of who shares the file
# Of a share's files, where a page has them all.
MOST_LISTED = 10
# To the minute a link of a few seconds would seem to have stopped before it was made.
_SECONDS_MATTER = 3600  # seconds


def mail_data_of(
    file: StoredFile, validity: Validity, downloads: int | None = None
) -> dict[str, str]:
    """What every recipient is told of the file: all variables but the subject, the sender and the
    link.

    `downloads` is how often the link works, None any number.
    """
    name = shortened(file.name)
    note = note_of(file)
    return {
        "fileName": name,
        "fileNameHtml": html.escape(name),
        "fileSize": file_size(file.total_size),
        "note": _quotation(note),
        "noteHtml": html.escape(note).replace("\n", "<br>"),
        "expiresAt": moment(validity.stops_at, with_seconds=validity.seconds < _SECONDS_MATTER),
        "limit": _limit(downloads, _count(file)),
    }


def subject_of(file: StoredFile, sender: Mailbox | None) -> str:
    """One line, in which the middle of a long name is left out."""
    who = shortened(subject_name_of(sender), _LONGEST_IN_SUBJECT)
    count = _count(file)
    if who and count > 1:
        return f"{who} shares {count:,} files with you"
    if who:
        return _fitted(f"{who} shares ", file.name, " with you")
    return _fitted("Files for you: " if count > 1 else "File for you: ", file.name)


def share_data_of(
    file: StoredFile, sender: Mailbox | None, most_listed: int | None
) -> dict[str, Any]:
    """What is told of several files, at most so many of them one by one; nothing of one that is
    alone."""
    count, who = _count(file), _shown(sender)
    if not file.manifest or count == 1:
        return {}
    headline = f"{who} shares {count:,} files" if who else f"{count:,} files have been shared"
    headline = f"{headline} with you"
    listed = file.manifest.files[:most_listed]
    more = count - len(listed)
    return {
        "headline": headline,
        "headlineHtml": html.escape(headline),
        "files": [_listed(one) for one in listed],
        "moreFiles": f"and {more:,} more {'file' if more == 1 else 'files'}" if more else "",
    }


def sender_data_of(sender: Mailbox | None) -> dict[str, str]:
    """Who shares the file, empty where nobody is named. No name becomes a link."""
    shown = _shown(sender)
    return {"sender": shown, "senderHtml": html.escape(shown)}


def subject_name_of(sender: Mailbox | None) -> str:
    """Who shares the file, as a subject has room for; empty where nobody is named."""
    return (unlinked(sender.name) or str(sender.address)) if sender else ""


def _count(file: StoredFile) -> int:
    return len(file.manifest.files) if file.manifest else 1


def _shown(sender: Mailbox | None) -> str:
    return replace(sender, name=unlinked(sender.name)).shown if sender else ""


def _fitted(before: str, name: str, after: str = "") -> str:
    return f"{before}{shortened(name, _LONGEST_SUBJECT - len(before) - len(after))}{after}"


def file_links_data_of(shared: Mapping[str, Any], links: Sequence[str]) -> dict[str, Any]:
    """The list of the files with a link to each, and no link beside it.

    A template that does not know of lists wants one, and so fails to render: its mail would lack
    what it is for.
    """
    files = [
        {**one, "url": link, "urlHtml": html.escape(link)}
        for one, link in zip(shared["files"], links, strict=True)
    ]
    return {"files": files}


def _listed(one: SharedFile) -> dict[str, str]:
    name, folder = shortened(one.name), shortened(folder_shown(one))
    return {
        "name": name,
        "nameHtml": html.escape(name),
        "size": file_size(one.size),
        "folder": folder,
        "folderHtml": html.escape(folder),
        "url": "",
        "urlHtml": "",
    }


def _limit(downloads: int | None, files: int) -> str:
    if downloads is None:
        return ""
    times = "once" if downloads == 1 else f"{downloads} times"
    return f"Each file can be downloaded {times}." if files > 1 else f"The link works {times}."


def _quotation(note: str) -> str:
    """A note for the text part: every line of it is seen to be the sender's, as in a reply.

    No line is so long that a mail program would go on with it in a line without the mark.
    """
    lines = [part for line in note.splitlines() for part in _parts(line)]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _parts(line: str) -> Iterator[str]:
    """Broken at spaces; within a word, too, where it has none, or only such as are none here."""
    for part in wrap(line, _QUOTED_WIDTH, break_long_words=False, break_on_hyphens=False) or [""]:
        if len(part) <= _QUOTED_WIDTH or _LINK.fullmatch(part):
            yield part
        else:
            yield from wrap(part, _QUOTED_WIDTH, break_on_hyphens=False)


def link_data_of(link: str) -> dict[str, str]:
    return {"link": link, "linkHtml": html.escape(link)}


def shortened(name: str, longest: int = _LONGEST_NAME_IN_MAIL) -> str:
    if len(name) <= longest:
        return name
    half = (longest - 1) // 2
    # What belongs to a letter before it is not left without it.
    end = name[-half:].lstrip("".join(c for c in name if unicodedata.category(c).startswith("M")))
    return f"{name[:half]}…{end}"
