"""The wishes of a file's sender, as they travel with it."""

from __future__ import annotations

import pytest
from files.metadata import decoded
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain words", "plain words"),
        ("", ""),
        ("=?UTF-8?B?w7xiZXI=?=", "über"),
        ("=?utf-8?q?gr=C3=BC=C3=9Fe?=", "grüße"),
        ("=?UTF-8?Q?long?= =?UTF-8?Q?er?=", "longer"),
        ("bob@=?UTF-8?Q?b=C3=BCcher?=.example", "bob@bücher.example"),
        ("=?ISO-8859-1?Q?caf=E9?=", "café"),
        ("grüße, not encoded", "grüße, not encoded"),
        ("1 = 2?=", "1 = 2?="),
    ],
)
def test_metadata_is_decoded(value: str, text: str) -> None:
    """S3 hands out values beyond ASCII as RFC 2047 has them."""
    assert decoded(value) == text


@given(st.text(max_size=30) | st.from_regex(r"=\?[a-z0-9-]{1,12}\?[bqBQ]\?[ -~]{0,20}\?="))
@settings(max_examples=300, deadline=None)
def test_metadata_that_does_not_decode_is_a_value_error(value: str) -> None:
    """No value, however broken, is anything but text or ValueError."""
    try:
        text = decoded(value)
    except ValueError:
        return

    assert isinstance(text, str)
