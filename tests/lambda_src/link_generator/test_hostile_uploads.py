"""Hostile uploads from end to end: what an uploader writes, and what the others then see.

The recipient sees the deployed template, rendered as SES renders it, and the name under which the
browser saves the file; the operator sees the log and the error of the event.
"""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from dataclasses import dataclass, field

import pytest
from awslambdaric.lambda_runtime_log_utils import JsonFormatter
from function.errors import FunctionError

from tests.lambda_src.fakes import World, arrival_of
from tests.lambda_src.link_generator.recipients_view import Page, read


def encoded(text: str) -> str:
    """Metadata beyond ASCII, as S3 hands it out."""
    return f"=?UTF-8?B?{b64encode(text.encode()).decode()}?="


@dataclass(frozen=True)
class Upload:
    """What a hostile uploader chooses."""

    key: str = "report.pdf"
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Shown:
    """The name and note that the recipient sees, where the browser's name is not the same."""

    name: str
    note: str = ""
    to: str = "team@example.com"


MAILED = {
    "HTML in the name": (
        Upload('"><script>alert(1)</script><img src=x onerror=y>.pdf'),
        Shown("script><img src=x onerror=y>.pdf"),
    ),
    "HTML in the note": (
        Upload(metadata={"note": "</td></table><a href='https://evil.example'>here</a><!--"}),
        Shown("report.pdf", "</td></table><a href='https://evil.example'>here</a><!--"),
    ),
    "entities, to be read twice": (
        Upload("&lt;b&gt;.pdf", {"note": "&lt;script&gt;"}),
        Shown("&lt;b&gt;.pdf", "&lt;script&gt;"),
    ),
    "a header in the name": (
        Upload("x\r\nBcc: eve@evil.example\r\n\r\n<h1>.pdf"),
        Shown("x__Bcc: eve@evil.example____<h1>.pdf"),
    ),
    "a header in the note": (
        Upload(metadata={"note": encoded("x\r\nBcc: eve@evil.example\r\n\r\nSubject: y")}),
        Shown("report.pdf", "x\nBcc: eve@evil.example\n\nSubject: y"),
    ),
    "an encoded header in the name": (
        Upload("=?utf-8?q?x=0D=0ABcc:_eve=40evil.example?="),
        Shown("=?utf-8?q?x=0D=0ABcc:_eve=40evil.example?="),
    ),
    "template syntax in the name": (
        Upload("{{link}}{{#if note}}{{/if}}{{{link}}}.pdf", {"note": "As agreed"}),
        Shown("if}}{{{link}}}.pdf", "As agreed"),
    ),
    "template syntax in the note": (
        Upload(metadata={"note": "{{#each link}}{{this}}{{/each}}{{link}}{{#if"}),
        Shown("report.pdf", "{{#each link}}{{this}}{{/each}}{{link}}{{#if"),
    ),
    "a log line in the key": (
        Upload('x\n{"level": "ERROR", "message": "forged"}\u2028.pdf'),
        Shown('x_{"level": "ERROR", "message": "forged"}_.pdf'),
    ),
    "a log line in the note": (
        Upload(metadata={"note": encoded('x\n{"level": "ERROR", "message": "forged"}')}),
        Shown("report.pdf", 'x\n{"level": "ERROR", "message": "forged"}'),
    ),
    "a name that reads the other way": (
        Upload("annexe\u202efdp.exe"),
        Shown("annexefdp.exe"),
    ),
    "empty folders": (Upload("//a//report.pdf"), Shown("report.pdf")),
    "a folder of Windows": (Upload("..\\..\\autoexec.bat"), Shown(".._.._autoexec.bat")),
    "a name that is a path when decoded": (
        Upload("..%2f..%2fetc%2fpasswd"),
        Shown("..%2f..%2fetc%2fpasswd"),
    ),
    "an address of nobody inside the path": (
        Upload("files/eve@evil.example/report.pdf"),
        Shown("report.pdf"),
    ),
    "metadata that is not a word of ours": (
        Upload(metadata={"cc": "eve@evil.example", "to": "eve@evil.example", "bcc": "x"}),
        Shown("report.pdf"),
    ),
    "a note of 10 kB": (
        Upload(metadata={"note": "word " * 2000}),
        Shown("report.pdf", ("word " * 2000).strip()),
    ),
}


@pytest.mark.parametrize(("upload", "shown"), MAILED.values(), ids=MAILED.keys())
def test_the_recipient_sees_text_and_one_link(upload: Upload, shown: Shown) -> None:
    """The mail is built as for a harmless file: its tags, its one link, a subject of a line."""
    world = World()
    world.bucket.put("plain.txt", metadata={"note": "n"} if shown.note else {})
    world.bucket.put(upload.key, metadata=upload.metadata)
    world.announce(arrival_of("plain.txt"))
    world.announce(arrival_of(upload.key), request="request-2")
    plain, seen = map(read, world.post_office.mails)

    page, breaks = Page(seen.mail.html), shown.note.count("\n")

    assert seen.to == shown.to
    assert seen.mail.subject == f"File for you: {shown.name}"
    assert seen.saved_as == shown.name
    assert sorted(page.tags) == sorted([*Page(plain.mail.html).tags, *["br"] * breaks])
    assert set(page.links) == {seen.link}
    assert f"\nFile: {shown.name}\n" in seen.mail.text
    assert shown.name in page.words
    if shown.note:
        noted = seen.mail.text.partition("\nNote from the sender:\n")[2].partition("\n\n")[0]
        assert all(line.startswith(">") for line in noted.splitlines())
        assert noted.replace("\n>", "\n").removeprefix(">").split() == shown.note.split()
        assert "".join(page.words).count(shown.note.replace("\n", "")) == 1


REFUSED = {
    "a folder above": (
        Upload("bob@example.com/../secret.pdf"),
        '"bob@example.com/../secret.pdf" was not announced: browsers cannot open a link to a '
        'folder or file named "." or ".."; upload it again under another name.',
    ),
    "a folder above, at the end": (
        Upload("report/.."),
        '"report/.." was not announced: browsers cannot open a link to a folder or file named "." '
        'or ".."; upload it again under another name.',
    ),
    "a look-alike as first folder": (
        Upload("bоb@example.com/report.pdf"),  # a Cyrillic o
        '"bоb@example.com/report.pdf" was not announced: "bоb@example.com" in its first folder is '
        "not an address, for the part before the @ may have letters a to z, digits and "
        ".#$&'*+/=^_`{|}~- only; upload it again with a bare address such as bob@example.com.",
    ),
    "a look-alike domain as first folder": (
        Upload("bob@exаmple.com/report.pdf"),  # a Cyrillic a
        '"bob@exаmple.com/report.pdf" was not announced to anybody: not on AuthorizedRecipients: '
        "bob@xn--exmple-4nf.com. Add the address or its @domain there and deploy, or upload it "
        "again for others.",
    ),
    "a domain below": (
        Upload("bob@example.com.evil.example/report.pdf"),
        '"bob@example.com.evil.example/report.pdf" was not announced to anybody: not on '
        "AuthorizedRecipients: bob@example.com.evil.example. Add the address or its @domain there "
        "and deploy, or upload it again for others.",
    ),
    "a second address behind a line break": (
        Upload(metadata={"recipients": encoded("bob@example.com\r\nBcc: eve@evil.example")}),
        '"report.pdf" was not announced: "bob@example.com\\r\\nBcc: eve@evil.example" in its '
        "metadata recipients is not an address, for the part before the @ may have letters a to z, "
        "digits and .#$&'*+/=^_`{|}~- only; upload it again with a bare address such as "
        "bob@example.com.",
    ),
    "a life without end": (
        Upload(metadata={"expires": "-1\r\nX-Amz-Expires: 604800"}),
        '"report.pdf" was not announced: its metadata expires is "-1\\r\\nX-Amz-Expires: 604800"; '
        "upload it again with whole seconds from 1 to 18000.",
    ),
}


@pytest.mark.parametrize(("upload", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_the_operator_sees_a_sentence(upload: Upload, sentence: str) -> None:
    """Nobody is mailed, the ledger claims nothing; the event gets the sentence beside it."""
    world = World()
    world.bucket.put(upload.key, metadata=upload.metadata)

    with pytest.raises(FunctionError) as failure:
        world.announce(arrival_of(upload.key))

    assert str(failure.value) == sentence
    assert world.post_office.mails == []
    assert world.table.rows == []


def test_ten_kilobytes_of_strangers_mail_nobody() -> None:
    """The error names every one of them, on one line."""
    world = World()
    strangers = [f"eve{number}@evil.example" for number in range(500)]
    world.bucket.put("report.pdf", metadata={"recipients": ",".join(strangers)})

    with pytest.raises(FunctionError) as failure:
        world.announce(arrival_of("report.pdf"))

    assert f": {', '.join(strangers)}. Add the address" in str(failure.value)
    assert str(failure.value).isprintable()
    assert world.post_office.mails == []


_ALL = {name: upload for name, (upload, _) in {**MAILED, **REFUSED}.items()}


@pytest.mark.parametrize("upload", _ALL.values(), ids=_ALL.keys())
def test_the_log_has_a_line_for_each_thing(
    upload: Upload, caplog: pytest.LogCaptureFixture
) -> None:
    """No upload writes a line of its own; a message is printable; no note is logged."""
    caplog.set_level(logging.INFO, "link_generator")
    world = World()
    world.bucket.put(upload.key, metadata=upload.metadata)
    try:
        world.announce(arrival_of(upload.key))
    except FunctionError as exc:
        assert str(exc).isprintable()

    lines = [JsonFormatter().format(record) for record in caplog.records]

    assert len(lines) == 2
    assert all(line.count("\n") == 1 and line.endswith("\n") for line in lines)
    assert [json.loads(line)["file"] for line in lines] == [upload.key] * 2
    assert all(record.getMessage().isprintable() for record in caplog.records)
    note = upload.metadata.get("note", "")
    assert len(note) < 2 or not any(note in line for line in lines)
