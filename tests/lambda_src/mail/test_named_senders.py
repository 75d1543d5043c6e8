"""Who shares a file: the metadata `sender`, and only who is on AuthorizedSenders."""

from __future__ import annotations

from email.header import Header

import pytest
from files.metadata import header_text
from files.store import StoredFile
from files.uploads import Upload
from mail.named_senders import (
    InvalidSender,
    UnauthorizedSender,
    authorized_senders,
    named_sender,
    sender_now,
)

from tests.lambda_src.fakes import BUCKET, NOW

ANN = "Ann Example <ann@example.com>"


def file_of(sender: str | None) -> StoredFile:
    metadata = {} if sender is None else {"sender": sender}
    return StoredFile(Upload(BUCKET, "report.pdf", None), 5, NOW, metadata)


def named(sender: str | None, authorized: str = "@example.com") -> str | None:
    found = named_sender(file_of(sender), authorized_senders({"AuthorizedSenders": authorized}))
    return found and str(found)


@pytest.mark.parametrize(
    ("sender", "authorized", "expected"),
    [
        (None, "@example.com", None),
        (None, "", None),
        (ANN, "ann@example.com", ANN),
        (ANN, "bob@example.org, @example.com", ANN),
        ("ANN@Example.com", "ann@example.com", "ANN@example.com"),
        (
            Header("Müller <m@example.com>", "utf-8").encode(),
            "@example.com",
            "Müller <m@example.com>",
        ),
        ("=?utf-8?q?M=C3=BCller?= <m@example.com>", "@example.com", "Müller <m@example.com>"),
        (header_text("字 <m@bücher.example>"), "@bücher.example", "字 <m@xn--bcher-kva.example>"),
    ],
)
def test_who_is_listed_may_be_named(
    sender: str | None, authorized: str, expected: str | None
) -> None:
    """By address or domain, in either case and writing; nobody need be."""
    assert named(sender, authorized) == expected


@pytest.mark.parametrize(
    ("authorized", "sender"),
    [
        ("", ANN),
        ("bob@example.com", ANN),
        ("ann@example.com", "Ann <ann+tag@example.com>"),
        ("@example.com", "Ann <ann@example.com.evil.example>"),
        ("@example.com", "Ann <ann@mail.example.com>"),
        ("@example.com", "Ann <ann@exаmple.com>"),
        ("@example.com", "=?utf-8?q?Ann_=3Ceve=40evil.example=3E?="),
    ],
)
def test_who_is_not_listed_may_not_be_named(authorized: str, sender: str) -> None:
    """Nor are look-alikes; without a list nobody may."""
    with pytest.raises(UnauthorizedSender, match="not on AuthorizedSenders: "):
        named(sender, authorized)


def test_the_error_says_what_to_do() -> None:
    """Which file, which address, and both ways out."""
    with pytest.raises(UnauthorizedSender) as refusal:
        named("Ann <eve@evil.example>")

    assert str(refusal.value) == (
        '"report.pdf" was not announced to anybody: not on AuthorizedSenders: eve@evil.example. '
        "Add the address or its @domain there and deploy, or upload it again without the metadata "
        "sender."
    )


@pytest.mark.parametrize(
    ("sender", "sentence"),
    [
        (
            "bob@evil.example <ann@example.com>",
            '"bob@evil.example <ann@example.com>" in its metadata sender is not a name with one '
            'address, for the name may not have " < > @ \\ or =?; ',
        ),
        (
            "=?utf-8?q?Ann=0D=0ABcc:_eve_=3Cann=40example.com=3E?=",
            '"Ann\\r\\nBcc: eve <ann@example.com>" in its metadata sender is not a name with one '
            "address, for the name has line breaks or other control characters; ",
        ),
        ("", '"" in its metadata sender is not a name with one address, for it has no @; '),
        ("=?utf-8?b?a?=", "its metadata sender cannot be decoded; "),
        ("=?utf-8?q?=FF?= <ann@example.com>", "its metadata sender cannot be decoded; "),
        ("=?no-such?q?Ann?= <ann@example.com>", "its metadata sender cannot be decoded; "),
    ],
)
def test_tricks_in_metadata_are_refused(sender: str, sentence: str) -> None:
    """A spoofed name, an injected header, what is no text; each with an example of a good one."""
    with pytest.raises(InvalidSender) as refusal:
        named(sender)

    assert str(refusal.value) == (
        f'"report.pdf" was not announced: {sentence}upload it again with one such as '
        "Ann Example <ann@example.com>, or without that metadata."
    )


@pytest.mark.parametrize("sender", [None, "bob@evil.example <ann@example.com>", "eve@evil.example"])
def test_afterwards_nobody_is_named_who_may_not_be(sender: str | None) -> None:
    """What was announced under another list is judged by today's."""
    authorized = authorized_senders({"AuthorizedSenders": "@example.com"})

    assert sender_now(file_of(sender), authorized) is None
    assert str(sender_now(file_of(ANN), authorized)) == ANN
    assert sender_now(file_of(ANN), authorized_senders({})) is None
