"""How a message reads: its files, whom they are for, why it failed and when. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from deploy.dlq.listing import ListedLetter
from deploy.lambda_packages import quoted


def letter_lines(listed: ListedLetter) -> Iterator[str]:
    letter = listed.letter
    yield f"{letter.id}  {letter.about}".rstrip()
    for line in file_lines(listed):
        yield f"  {line}"
    yield f"  error: {quoted(letter.error)[1:-1] or 'none was given'}"
    first = f"first attempt {_time(letter.first_attempt)}, " if letter.first_attempt else ""
    yield f"  {first}last attempt {_time(letter.last_attempt)}"


def file_lines(listed: ListedLetter) -> Iterator[str]:
    """Each file and whom it is for, or why that cannot be said; what the error says is left out."""
    for upload, audience in listed.files:
        if audience.recipients:
            yield f"{upload} for {', '.join(audience.recipients)}"
        elif not audience.remark or audience.remark in listed.letter.error:
            yield f"{upload}"
        elif audience.remark.startswith(str(upload)):
            yield audience.remark
        else:
            yield f"{upload}: {audience.remark}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%SZ}"


def document(listed: ListedLetter) -> dict[str, Any]:
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
