"""What travels with an upload, as S3 stores it and as LinkGenerator reads it."""

from __future__ import annotations

import pytest
from files.manifest import MOST_DOWNLOADS
from files.metadata import decoded
from hypothesis import given
from hypothesis import strategies as st
from mail.mailboxes import parse_mailbox

from deploy.cli import types
from deploy.errors import UploadError
from deploy.sending.metadata import upload_metadata

KEY = "report.pdf"


def test_what_limits_downloads_travels_along() -> None:
    """As LinkGenerator reads it; 0 is any number, whatever the portal says."""
    metadata = upload_metadata(KEY, recipients=(), note="", expires=None, max_downloads=0)

    assert metadata == {"max-downloads": "0"}
    assert types.MOST_DOWNLOADS == MOST_DOWNLOADS


def test_without_wishes_nothing_is_written() -> None:
    """Who gets the link and for how long is then the deployment's choice."""
    assert upload_metadata(KEY, recipients=(), note="  ", expires=None) == {}


def test_a_leftover_that_was_named_says_so() -> None:
    """LinkGenerator leaves out what it takes for a leftover, unless the sender meant it."""
    metadata = upload_metadata("video.mp4.part", recipients=(), note="", expires=None)

    assert metadata == {"announce": "always"}


@pytest.mark.parametrize("key", [KEY, "video.mp4.part"])
def test_what_is_sent_waits_for_no_others(key: str) -> None:
    """With GatherPeriod LinkGenerator waits; whoever sends a file has said all, also a leftover."""
    metadata = upload_metadata(key, recipients=(), note="", expires=None, gathers=True)

    assert metadata == {"announce": "now"}


def test_wishes_are_written_as_link_generator_reads_them() -> None:
    """Addresses with commas between them, the note as it is, whole seconds."""
    metadata = upload_metadata(
        KEY, recipients=("bob@example.com", "eve@example.com"), note="As discussed", expires=1800
    )

    assert metadata == {
        "recipients": "bob@example.com,eve@example.com",
        "note": "As discussed",
        "expires": "1800",
    }


@pytest.mark.parametrize(
    "note",
    [
        "Für Sie ✓",
        "two\nlines",
        "looks like =?utf-8?q?encoded?= text",
        "📄" * 100,
        "a" * 44 + "ü",
    ],
)
def test_a_note_arrives_as_it_was_written(note: str) -> None:
    """S3 takes only ASCII in metadata; what is not plain is encoded and comes back the same."""
    value = upload_metadata(KEY, recipients=(), note=note, expires=None)["note"]

    assert value.isascii()
    assert value.isprintable()
    assert all(len(word) <= 75 for word in value.split(" "))
    assert decoded(value) == note


@given(note=st.text(max_size=300))
def test_any_note_arrives_as_it_was_written(note: str) -> None:
    """But for the space around it."""
    usable = note.encode("utf-8", "ignore").decode().strip()

    metadata = upload_metadata(KEY, recipients=(), note=usable, expires=None)

    assert decoded(metadata.get("note", "")) == usable


@pytest.mark.parametrize(
    "sender",
    ["Ann Example <ann@example.com>", "ann@example.com", f"{'😀' * 64} <ann@example.com>"],
)
def test_a_sender_arrives_as_it_was_typed(sender: str) -> None:
    """Name and address, in any letters."""
    value = upload_metadata(KEY, recipients=(), note="", expires=None, sender=sender)["sender"]

    assert value.isascii()
    assert str(parse_mailbox(decoded(value))) == sender


def test_more_than_s3_stores_is_refused_with_the_numbers() -> None:
    """2,048 bytes of names and values fit, and one more does not."""
    fits = upload_metadata(KEY, recipients=(), note="x" * 2044, expires=None)

    with pytest.raises(UploadError) as refused:
        upload_metadata(KEY, recipients=(), note="x" * 2045, expires=None)

    assert len(fits["note"]) == 2044
    assert str(refused.value) == (
        "Recipients and note take 2,049 bytes and S3 stores 2,048 with a file; "
        "shorten the note or send to fewer people at a time."
    )


def test_a_sender_counts_too() -> None:
    """And is named where there is one."""
    with pytest.raises(UploadError) as refused:
        upload_metadata(KEY, recipients=(), note="x" * 2044, expires=None, sender="ann@example.com")

    assert str(refused.value).startswith("Recipients, sender and note take 2,069 bytes and S3 ")
