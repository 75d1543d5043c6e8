"""From whom mails come, and who gets the answers, as SES and mail programs read it."""

from __future__ import annotations

from email import message_from_string, policy
from email.header import decode_header, make_header
from typing import Any

import pytest
from function.errors import SettingsError
from hypothesis import example, given, reject
from hypothesis import strategies as st
from mail.senders import envelope_of

from tests.templates.reading import GENERATOR
from tests.templates.test_parameters import fits

ENVIRONMENT = {
    "EmailSender": "files@example.com",
    "LinkDownloadTemplateName": "download",
    "ConfigSetName": "mails",
}
SENDER_NAME: dict[str, Any] = GENERATOR.parameters["SenderName"]


def header_of(name: str) -> str:
    return envelope_of({**ENVIRONMENT, "SenderName": name}, "LinkDownloadTemplateName").sender


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("", "files@example.com"),
        ("Files Team", "Files Team <files@example.com>"),
        ("Ann, Ben & Co.", '"Ann, Ben & Co." <files@example.com>'),
        ("Müller", "=?utf-8?q?M=C3=BCller?= <files@example.com>"),
    ],
)
def test_the_sender_has_a_name(name: str, header: str) -> None:
    """SES takes no other letters than ASCII's but as encoded-words."""
    assert header_of(name) == header


@example("=?utf-8?q?eve?=")
@example("\U00010000" * 16)
@given(st.text(max_size=64).map(str.strip).filter(lambda name: fits(SENDER_NAME, name)))
def test_every_name_that_the_template_takes_is_read_as_it_was_typed(name: str) -> None:
    """By a mail program, with the one address beside it, in any script; but what SES refuses."""
    try:
        header = header_of(name)
    except SettingsError:
        reject()

    message: Any = message_from_string(f"From: {header}\n\n", policy=policy.default)
    [address] = message["From"].addresses
    assert header.isascii()
    assert len(header) <= 320
    assert address.addr_spec == "files@example.com"
    shown = _decoded(header) if "=?" in header else address.display_name
    assert " ".join(shown.split()) == " ".join(name.split())
    assert all(len(word) <= 75 for word in header.split(" ") if word.startswith("=?"))


def _decoded(header: str) -> str:
    """Python's reader of addresses leaves a space between a second encoded-word and a third, which
    mail programs ignore (RFC 2047, 6.2)."""
    return str(make_header(decode_header(header.rpartition(" <")[0])))


@pytest.mark.parametrize(("letter", "most"), [("字", 60), ("😀", 44), ("a", 64)])
def test_a_name_that_is_too_long_for_ses_is_told(letter: str, most: int) -> None:
    """It counts what stands in the mail; else every mail would be refused."""
    assert len(header_of(letter * most)) <= 320
    if most < 64:
        with pytest.raises(SettingsError, match=r"^SenderName has .* but SES takes 320; choose a"):
            header_of(letter * 64)


def test_answers_go_to_the_sender_or_to_whom_they_shall() -> None:
    """And to nothing that is no address."""
    silent = envelope_of(ENVIRONMENT, "LinkDownloadTemplateName")
    told = envelope_of({**ENVIRONMENT, "ReplyTo": "ann@example.com"}, "LinkDownloadTemplateName")

    assert silent.reply_to == ()
    assert [str(address) for address in told.reply_to] == ["ann@example.com"]
    with pytest.raises(SettingsError, match=r'^ReplyTo has "Ann <ann@example.com>", which is not'):
        envelope_of({**ENVIRONMENT, "ReplyTo": "Ann <ann@example.com>"}, "LinkDownloadTemplateName")
