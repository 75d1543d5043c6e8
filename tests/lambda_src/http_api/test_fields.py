"""Where a list goes on: said to the caller as one text, and taken back."""

from __future__ import annotations

import re

import pytest
from http_api.fields import page_parts, page_token
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
