"""What is one bare address, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mail.addresses import parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("bob@example.com", "bob@example.com"),
        ("bob+tag@example.com", "bob+tag@example.com"),
        ("b.o_b-1@mail.example.co.uk", "b.o_b-1@mail.example.co.uk"),
        ("Bob@EXAMPLE.Com", "Bob@example.com"),
        ("o'neil@example.com", "o'neil@example.com"),
        ("bob@bücher.example", "bob@xn--bcher-kva.example"),
        ("bob@BÜCHER.example", "bob@xn--bcher-kva.example"),
        ("bob@xn--bcher-kva.example", "bob@xn--bcher-kva.example"),
        ("bob@例え.テスト", "bob@xn--r8jz45g.xn--zckzah"),
    ],
)
def test_addresses_of_one_mailbox_are_taken(text: str, address: str) -> None:
    """The local part stays as written; the domain becomes lower case and punycode."""
    parsed = parse_address(text)

    assert str(parsed) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=?utf-8?q?eve=40evil.example=3e?=@example.com",
        "bob",
        "@example.com",
        "bob@",
        "bob@localhost",
        "bob@example",
        "bob@example.com.",
        "bob@.example.com",
        "bob@example..com",
        "bob@-example.com",
        "bob@example-.com",
        "bob@exam_ple.com",
        "bob@192.0.2.1",
        "bob@[192.0.2.1]",
        ".bob@example.com",
        "bob.@example.com",
        "b..ob@example.com",
        "bob @example.com",
        "bob@ example.com",
        "bob@example.com ",
        "Bob <bob@example.com>",
        "<bob@example.com>",
        '"bob"@example.com',
        '"bob@example.com"@evil.example',
        "bob(comment)@example.com",
        "bob@example.com(comment)",
        "bob@evil.example@example.com",
        "bob%evil.example@example.com",
        "evil.example!bob@example.com",
        "@evil.example:bob@example.com",
        "bob@example.com,eve@evil.example",
        "bob@example.com;eve@evil.example",
        "bob@example.com\nBcc: eve@evil.example",
        "bob@example.com\r\nBcc: eve@evil.example",
        "bob\x00@example.com",
        "bob@example.com\x00",
        "bob@example.com\u202e",
        "\u200fbob@example.com",
        "bøb@example.com",
        "bob@exa mple.com",
        "b" * 65 + "@example.com",
        "bob@" + "a" * 64 + ".com",
        "bob@" + "a." * 126 + "com",
        "bob@straße.example",
        "bob@ｅxample.com",
        "bob@example。com",
        "bob@\u212aelvin.example",
        "bob@exam\u200dple.com",
        "bob@ü..example",
        "bob@" + "ü" * 64 + ".example",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """Display names, quotes, comments, routes, lists, controls and ambiguous domains are none."""
    with pytest.raises(ValueError):
        parse_address(text)


@given(st.text(max_size=40) | st.from_regex(r"[^@]{0,9}@[^@]{0,9}\.[a-zü.。]{0,9}", fullmatch=True))
@settings(max_examples=300, deadline=None)
def test_what_is_taken_is_printable_ascii_with_one_at_sign(text: str) -> None:
    """No text becomes an address that could end a header or name a second mailbox."""
    try:
        address = str(parse_address(text))
    except ValueError:
        return

    assert address.isascii()
    assert address.isprintable()
    assert address.count("@") == 1
    assert not set(' ,;:<>()[]"\\%!') & set(address)


@pytest.mark.parametrize("text", ["bob@bücher.example", "Bob+Tag@EXAMPLE.com"])
def test_an_address_that_was_taken_is_taken_again_unchanged(text: str) -> None:
    """What LinkGenerator writes, it reads back as the same mailbox."""
    address = parse_address(text)

    assert parse_address(str(address)) == address
