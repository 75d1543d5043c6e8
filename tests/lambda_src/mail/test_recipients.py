"""Who gets a file: metadata before path before EmailRecipient, and only who is authorised."""

from __future__ import annotations

from email.header import Header

import pytest
from files.uploads import Upload
from mail.recipients import InvalidRecipient, NoRecipients, UnauthorizedRecipient, recipients_of

from tests.lambda_src.fakes import BUCKET, settings


def found(
    key: str = "report.pdf", recipients: str | None = None, authorized: str = "@example.com"
) -> list[str]:
    metadata = {} if recipients is None else {"recipients": recipients}
    addresses = recipients_of(
        Upload(BUCKET, key, None), metadata, settings(AuthorizedRecipients=authorized).recipients
    )
    return [str(address) for address in addresses]


@pytest.mark.parametrize(
    ("key", "recipients", "expected"),
    [
        ("report.pdf", None, ["team@example.com"]),
        ("reports/2026/report.pdf", None, ["team@example.com"]),
        ("bob@example.com/report.pdf", None, ["bob@example.com"]),
        ("bob@example.com/deep/er/report.pdf", None, ["bob@example.com"]),
        ("/bob@example.com/report.pdf", None, ["bob@example.com"]),
        ("//bob@example.com//report.pdf", None, ["bob@example.com"]),
        ("bob+tag@example.com/report.pdf", None, ["bob+tag@example.com"]),
        ("reports/bob@example.com/report.pdf", None, ["team@example.com"]),
        ("bob@example.com", None, ["team@example.com"]),
        ("photo@2x.png", None, ["team@example.com"]),
        ("bob@example.com/report.pdf", "eve@example.com", ["eve@example.com"]),
        ("r.pdf", "bob@example.com,eve@example.com", ["bob@example.com", "eve@example.com"]),
        ("r.pdf", " bob@example.com ,\teve@example.com ", ["bob@example.com", "eve@example.com"]),
        ("r.pdf", "bob@example.com,", ["bob@example.com"]),
        ("r.pdf", "Bob@example.com,bob@EXAMPLE.com", ["Bob@example.com"]),
    ],
)
def test_who_gets_it(key: str, recipients: str | None, expected: list[str]) -> None:
    """Metadata wins over the first folder, which wins over EmailRecipient; each is mailed once."""
    assert found(key, recipients) == expected


def test_every_default_recipient_gets_it() -> None:
    """EmailRecipient may be a list."""
    configured = settings(EmailRecipient="a@example.com, b@example.com")

    addresses = recipients_of(Upload(BUCKET, "report.pdf", None), {}, configured.recipients)

    assert [str(address) for address in addresses] == ["a@example.com", "b@example.com"]


@pytest.mark.parametrize(
    ("authorized", "recipient"),
    [
        ("bob@example.com", "bob@example.com"),
        ("BOB@Example.COM", "bob@example.com"),
        ("bob@example.com", "BOB@EXAMPLE.COM"),
        ("bob+tag@example.com", "bob+TAG@example.com"),
        ("@example.com", "bob+tag@example.com"),
        ("@EXAMPLE.com", "bob@example.COM"),
        ("eve@evil.example, @example.com", "bob@example.com"),
        ("@bücher.example", "bob@xn--bcher-kva.example"),
        ("@xn--bcher-kva.example", "bob@BÜCHER.example"),
        ("bob@bücher.example", "bob@bücher.example"),
    ],
)
def test_authorised_addresses_are_mailed(authorized: str, recipient: str) -> None:
    """Case does not count, and a domain may be written either way."""
    assert len(found(recipients=recipient, authorized=authorized)) == 1


@pytest.mark.parametrize(
    ("authorized", "recipient"),
    [
        ("bob@example.com", "eve@example.com"),
        ("bob@example.com", "bob+tag@example.com"),
        ("bob+tag@example.com", "bob@example.com"),
        ("bob@example.com", "bo.b@example.com"),
        ("@example.com", "bob@example.com.evil.net"),
        ("@example.com", "bob@evilexample.com"),
        ("@example.com", "bob@evil-example.com"),
        ("@example.com", "bob@mail.example.com"),
        ("@mail.example.com", "bob@example.com"),
        ("@example.com", "bob@example.co"),
        ("@example.com", "bob@examp1e.com"),
        ("@example.com", "bob@exаmple.com"),
        ("@example.com", "bob@xn--exmple-4nf.com"),
    ],
)
def test_look_alikes_are_not_authorised(authorized: str, recipient: str) -> None:
    """An address is authorised by itself or by exactly its domain, and the error names it."""
    with pytest.raises(UnauthorizedRecipient, match="AuthorizedRecipients"):
        found(recipients=recipient, authorized=authorized)


def test_one_who_is_not_authorised_refuses_all() -> None:
    """The error names the file and every address that is not authorised, and no other."""
    with pytest.raises(UnauthorizedRecipient) as refusal:
        found("a b.pdf", "bob@example.com,eve@evil.example,mallory@evil.example")

    assert str(refusal.value) == (
        '"a b.pdf" was not announced to anybody: not on AuthorizedRecipients: eve@evil.example, '
        "mallory@evil.example. Add the address or its @domain there and deploy, "
        "or upload it again for others."
    )


def test_email_recipient_needs_authorisation_too() -> None:
    """Once AuthorizedRecipients is set, it alone decides."""
    with pytest.raises(UnauthorizedRecipient, match=r"team@example\.com"):
        found(authorized="bob@example.com")


@pytest.mark.parametrize(
    "recipients",
    [
        "Bob <bob@example.com>",
        '"bob@example.com" <eve@evil.example>',
        "eve@evil.example <bob@example.com>",
        "bob@example.com; eve@evil.example",
        "bob@example.com eve@evil.example",
        "=?UTF-8?Q?bob=40example.com=0ABcc:_eve=40evil.example?=",
        "=?UTF-8?Q?bob=40example.com=0D=0A?=",
        "=?UTF-8?B?Ym9i?= <bob@example.com>",
        "=?utf-7?Q?bob+AEA-example.com?= <eve@evil.example>",
        "=?no-such-charset?Q?bob=40example.com?=",
        "=?UTF-8?Q?bob=40example.com=FF?=",
        "=?UTF-8?B?a?=",
        "bob@example.com\u2028eve@evil.example",
        "everybody",
    ],
)
def test_tricks_in_metadata_are_refused(recipients: str) -> None:
    """Display names, injected headers, other separators and broken encodings name nobody."""
    with pytest.raises(InvalidRecipient, match=r'^"report\.pdf" was not announced'):
        found(recipients=recipients)


def test_encoded_metadata_is_read() -> None:
    """S3 hands out metadata that is not ASCII as RFC 2047 has it."""
    value = Header("bob@bücher.example, eve@bücher.example", "utf-8").encode()

    recipients = found(recipients=value, authorized="@bücher.example")

    assert recipients == ["bob@xn--bcher-kva.example", "eve@xn--bcher-kva.example"]


def test_encoded_addresses_are_checked_after_decoding() -> None:
    """Encoding an address does not get it past AuthorizedRecipients."""
    with pytest.raises(UnauthorizedRecipient, match=r"eve@evil\.example"):
        found(recipients="=?UTF-8?Q?eve=40evil.example?=")


@pytest.mark.parametrize("recipients", ["", " ", ",", " , ,"])
def test_metadata_that_names_nobody_is_an_error(recipients: str) -> None:
    """Who names recipients and means nobody did not mean EmailRecipient."""
    with pytest.raises(NoRecipients, match="is empty"):
        found(recipients=recipients)


@pytest.mark.parametrize(
    "key",
    [
        *("bob@example,com/report.pdf", "bob@example/r.pdf", "Bob <bob@example.com>/r.pdf"),
        *("bob＠example.com/r.pdf", "bob﹫example.com/r.pdf", "bob%40example.com/r.pdf"),
        *("/bob@example,com/r.pdf", "//bob%40example.com/r.pdf"),
    ],
)
def test_a_mistyped_address_in_the_path_is_an_error(key: str) -> None:
    """What was meant for one person must not go to EmailRecipient instead."""
    with pytest.raises(InvalidRecipient, match="in its first folder is not an address"):
        found(key)


@pytest.mark.parametrize("count", [1, 51, 500])
def test_many_recipients(count: int) -> None:
    """The list has no limit of its own, and keeps its order."""
    addresses = [f"person{number}@example.com" for number in range(count)]

    assert found(recipients=",".join(addresses)) == addresses
