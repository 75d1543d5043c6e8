"""How a message reads: its files, whom they are for, why it failed and when. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from deploy.dlq.audience import Audience
from deploy.dlq.letters import DeadLetter
from deploy.dlq.listing import ListedLetter
from deploy.lambda_packages import Upload, moment_text, quoted
from deploy.table import Column, Row, columns
from deploy.wording import moment

# The commands that take an id take its beginning, too.
COLUMNS = (Column("ID", shown_to=8), *columns("FIRST TRY", "LAST TRY", "ABOUT", "ERROR"))

# How functions end a sentence while Lambda still has tries left.
_TRIED_AGAIN = re.compile(r"[.;] Lambda tries again[^.]*\.")


def row(listed: ListedLetter) -> Row:
    """All of a message, as COLUMNS have it."""
    letter = listed.letter
    first = moment(letter.first_attempt) if letter.first_attempt else ""
    about = [letter.about] if letter.about else []
    return Row(
        (letter.id, first, moment(letter.last_attempt), (*about, *_files(listed)), _error(letter))
    )


def letter_lines(listed: ListedLetter) -> Iterator[str]:
    """All of a message, for a person who is asked about it."""
    letter = listed.letter
    yield f"{letter.id}  {letter.about}".rstrip()
    yield from (f"  {file}" for file in _files(listed))
    yield f"  error: {_error(letter)}"
    first = f"first attempt {moment(letter.first_attempt)}, " if letter.first_attempt else ""
    yield f"  {first}last attempt {moment(letter.last_attempt)}"


def _files(listed: ListedLetter) -> Iterator[str]:
    """The files and whom they are for; what the error says of one is not said twice."""
    for upload, audience in listed.files:
        if not (audience.remark and audience.remark in listed.letter.error):
            yield _file(upload, audience)


def _error(letter: DeadLetter) -> str:
    return quoted(as_of_now(letter.error))[1:-1] or "none was given"


def as_of_now(error: str) -> str:
    """What a function said of a try that failed, once nobody tries again but by a redrive."""
    return _TRIED_AGAIN.sub(".", error)


def title(listed: ListedLetter) -> str:
    """A message on one line: its files and whom they are for, or what else it is about."""
    files = [_file(upload, audience).rstrip(".") for upload, audience in listed.files]
    return "; ".join(files) or listed.letter.about


def _file(upload: Upload, audience: Audience) -> str:
    """A file and whom it is for, or why that cannot be said."""
    if audience.recipients:
        what = quoted(audience.title) if audience.title else f"{upload}"
        return f"{what} for {', '.join(audience.recipients)}"
    if audience.remark.startswith(str(upload)):
        return audience.remark
    return f"{upload}: {audience.remark}" if audience.remark else f"{upload}"


def document(listed: ListedLetter) -> dict[str, Any]:
    letter = listed.letter
    return {
        "id": letter.id,
        "kind": letter.kind,
        "about": letter.about,
        "files": [
            {
                "file": upload.key,
                "title": audience.title or None,
                "version": upload.version,
                "recipients": audience.recipients,
                "remark": audience.remark,
            }
            for upload, audience in listed.files
        ],
        "error": as_of_now(letter.error),
        "error_code": letter.error_code,
        "first_attempt": letter.first_attempt and moment_text(letter.first_attempt),
        "last_attempt": moment_text(letter.last_attempt),
    }
