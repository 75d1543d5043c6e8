"""How many links one mail holds: what people read, what SES takes and what Gmail shows. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

# A mail with more links is read by nobody.
LINKS_PER_MAIL = 50
# Gmail shows 102 kB of a mail's HTML and hides the rest (hteumeuleu/email-bugs, issue 41).
HTML_LIMIT = 102_000  # bytes of UTF-8
# SES BulkEmailDestination: "ReplacementTemplateData … Maximum length of 262144".
DATA_LIMIT = 262_144  # counted as bytes of UTF-8, of which there are no fewer than characters

# What the template's HTML has around all files and for each, without the values counted below; and
# in the data, subject, headline and closing. All with room for a longer template.
HTML_AROUND = 4_000  # bytes
HTML_OF_A_FILE = 1_600  # bytes, with a link of 110, twice
_DATA_AROUND = 6_000  # bytes
_DATA_OF_A_LINK = 400  # bytes, both spellings of it


@dataclass
class Contents:
    """The files of one mail so far, and how large they make it."""

    files: int = 0
    html: int = HTML_AROUND
    data: int = _DATA_AROUND

    def has_room_for(self, file: Mapping[str, str]) -> bool:
        """`file` is what the mail says of it, without the link. One always has room: S3 limits a
        name to 1 kB and a note to 2, a manifest a note to 2,000 characters; of its names ten are
        shown, each shortened."""
        return not self.files or (
            self.files < LINKS_PER_MAIL
            and self.html + _html_of(file) <= HTML_LIMIT
            and self.data + _data_of(file) <= DATA_LIMIT
        )

    def add(self, file: Mapping[str, str]) -> None:
        self.files += 1
        self.html += _html_of(file)
        self.data += _data_of(file)


def _html_of(file: Mapping[str, str]) -> int:
    shown = (
        "fileNameHtml",
        "namesHtml",
        "senderHtml",
        "noteHtml",
        "fileSize",
        "expiresAt",
        "limit",
    )
    return HTML_OF_A_FILE + sum(len(file[name].encode()) for name in shown)


def _data_of(file: Mapping[str, str]) -> int:
    return _DATA_OF_A_LINK + len(json.dumps(file, ensure_ascii=False).encode())
