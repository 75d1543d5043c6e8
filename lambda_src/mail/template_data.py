"""What the mail says: values for the variables of the SES template. Pure.

SES does not escape values: those ending in `Html` are escaped here and belong into the HTML part
only, the others into subject and text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from textwrap import wrap

from files.expiry import Validity
from files.metadata import note_of
from files.store import StoredFile
from function.text import file_size, moment, unlinked

from mail.mailboxes import Mailbox

# File systems hold no longer names; a mail's subject line ends at 998 characters (RFC 5322, 2.1.1).
_LONGEST_NAME_IN_MAIL = 255
# RFC 3676, 4.2: with the mark and room for marks of replies, below 78 characters.
_QUOTED_WIDTH = 72
# One that is nothing else can be followed in a long line, and cannot read as another.
_LINK = re.compile("[!-~]*://[!-~]+")
# To the minute a link of a few seconds would seem to have stopped before it was made.
_SECONDS_MATTER = 3600  # seconds


def mail_data_of(
    file: StoredFile, validity: Validity, downloads: int | None = None
) -> dict[str, str]:
    """All variables that every recipient of the file shares: all but the link.

    `downloads` is how often the link works, None any number.
    """
    name = shortened(file.name)
    note = note_of(file)
    return {
        "fileName": name,
        "fileNameHtml": html.escape(name),
        "fileSize": file_size(file.size),
        "note": _quotation(note),
        "noteHtml": html.escape(note).replace("\n", "<br>"),
        "expiresAt": moment(validity.stops_at, with_seconds=validity.seconds < _SECONDS_MATTER),
        "limit": _limit(downloads),
    }


def sender_data_of(sender: Mailbox | None) -> dict[str, str]:
    """Who shares the file, empty where nobody is named. No name becomes a link."""
    shown = replace(sender, name=unlinked(sender.name)).shown if sender else ""
    return {"sender": shown, "senderHtml": html.escape(shown)}


def subject_name_of(sender: Mailbox | None) -> str:
    """Who shares the file, as a subject has room for; empty where nobody is named."""
    return (unlinked(sender.name) or str(sender.address)) if sender else ""


def _limit(downloads: int | None) -> str:
    if downloads is None:
        return ""
    return f"The link works {'once' if downloads == 1 else f'{downloads} times'}."


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


def shortened(name: str) -> str:
    if len(name) <= _LONGEST_NAME_IN_MAIL:
        return name
    half = _LONGEST_NAME_IN_MAIL // 2
    return f"{name[:half]}…{name[-half:]}"
