"""Values of a request: texts, and where a list goes on."""

from __future__ import annotations

import re

import pytest
from http_api.fields import page_parts, page_token, text
from http_api.requests import BadRequest
from hypothesis import given
from hypothesis import strategies as st

_PARTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(st.lists(_PARTS, min_size=1, max_size=3))
def test_a_token_says_what_it_was_made_of(parts: list[str]) -> None:
    """And goes into a query as it is."""
    token = page_token(*parts)

    assert re.fullmatch("[A-Za-z0-9_-]+", token)
    assert page_parts({"next": token}, "next", len(parts)) == tuple(parts)


@given(st.text(max_size=30) | st.lists(_PARTS, max_size=3).map(lambda parts: page_token(*parts)))
def test_any_other_text_is_none_of_ours(token: str) -> None:
    """It is refused, or says as many parts as were asked for, none of them empty."""
    try:
        parts = page_parts({"next": token}, "next", 2)
    except BadRequest:
        return

    assert parts is not None
    assert len(parts) == 2
    assert all(isinstance(part, str) and part for part in parts)


def test_no_token_is_the_beginning() -> None:
    assert page_parts({}, "next", 2) is None
    with pytest.raises(BadRequest, match="which this API has not given; ask without it"):
        page_parts({"next": "W10"}, "next", 2)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("", "version is empty."),
        (1, "version must be text."),
        ("1\0", "version has a character in it that no text has (NUL)."),
        ("\ud800", "version has half of a character in it."),
    ],
)
def test_what_is_no_text(value: object, sentence: str) -> None:
    """S3 would refuse it with an error that looks like a fault of S3's."""
    with pytest.raises(BadRequest) as refused:
        text({"version": value}, "version")

    assert str(refused.value) == sentence
