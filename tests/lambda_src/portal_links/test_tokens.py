"""The secret in a portal link."""

from __future__ import annotations

import hashlib
import re
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st
from portal_links.tokens import SECRET_BYTES, new_token, parse_token

LINK_ID = "00ff" * 8


def test_a_token_has_128_random_bits() -> None:
    """Besides the id, which is no secret."""
    asked: list[int] = []

    def random_bytes(count: int) -> bytes:
        asked.append(count)
        return secrets.token_bytes(count)

    new_token(LINK_ID, random_bytes)

    assert asked == [SECRET_BYTES]
    assert SECRET_BYTES * 8 >= 128


def test_a_token_is_safe_in_a_url() -> None:
    """And always of one length."""
    for _ in range(50):
        text = new_token(secrets.token_hex(16), secrets.token_bytes).text
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", text)


def test_a_token_names_its_link() -> None:
    """Whoever reads it back knows which row to look at."""
    token = new_token(LINK_ID, secrets.token_bytes)

    assert parse_token(token.text) == token
    assert token.link_id == LINK_ID


def test_the_hash_is_of_all_of_it() -> None:
    """SHA-256, so that nobody who reads the table can make a link of it."""
    token = new_token(LINK_ID, secrets.token_bytes)

    assert token.hash == hashlib.sha256(token.text.encode()).hexdigest()


def test_a_token_is_in_no_repr() -> None:
    """Nor in a traceback that shows one."""
    token = new_token(LINK_ID, secrets.token_bytes)

    assert token.text not in repr(token)


def test_every_token_has_one_spelling() -> None:
    """Base64 ends in bits that mean nothing; with other ones it is another text and no token."""
    text = new_token(LINK_ID, lambda count: bytes(count)).text

    others = [text[:-1] + last for last in "BCD"]

    assert text.endswith("A")
    assert [parse_token(other) for other in others] == [None, None, None]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "short",
        "a" * 42,
        "a" * 44,
        "a" * 42 + "=",
        "+" * 43,
        "a" * 42 + "\n",
        "ä" * 43,
        "%41" * 14 + "a",
    ],
)
def test_what_cannot_be_a_token_is_none(text: str) -> None:
    """It is told apart without a look at the table."""
    assert parse_token(text) is None


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    """What comes from outside ends as a token or as none."""
    token = parse_token(text)

    assert token is None or text.startswith(token.text)


@pytest.mark.parametrize(
    "after",
    ["/", ".", ")", " ", ">", ",", ";", '"', "'", "]", "*", "_", "\u201d", "\u00a0", ").\n"],
)
def test_what_mail_programs_append_is_no_part_of_a_token(after: str) -> None:
    """It is known to have 43 characters."""
    token = new_token("b0b" + "0" * 29, lambda count: bytes(range(count)))

    assert parse_token(token.text + after) == token


@pytest.mark.parametrize("after", ["a", "-", "A.", ".a", "/x", "%20", "\x00", "." * 9])
def test_nothing_else_may_follow_a_token(after: str) -> None:
    """Nor may anything come before it."""
    token = new_token("b0b" + "0" * 29, lambda count: bytes(range(count)))

    assert parse_token(token.text + after) is None
    assert parse_token("." + token.text) is None
