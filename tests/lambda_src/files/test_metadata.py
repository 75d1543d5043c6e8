"""The wishes of a file's sender, as they travel with it."""

from __future__ import annotations

import re

import pytest
from files.errors import MisspelledMetadata
from files.metadata import check_names, decoded
from files.store import StoredFile
from files.uploads import Upload
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lambda_src.fakes import NOW


def file_with(*names: str) -> StoredFile:
    upload = Upload("files", "report.pdf", None)
    return StoredFile(upload, 5, NOW, dict.fromkeys(names, "ann@example.com"))


@pytest.mark.parametrize(
    ("meant", "names"),
    [
        (
            "recipients",
            "recipient recipents recpients receipients reciepients recipeints recipientss "
            "recipients- x-recipients x-amz-meta-recipients x-amz-meta-x-amz-meta-recipients "
            "x_amz_meta_recipient x-amz-recipients",
        ),
        ("note", "notes no-te note_ x-amz-meta-note x-amz-meta-notes"),
        ("expires", "expire expiry expired exipres expirs x-amz-meta-expires"),
        (
            "max-downloads",
            "max_downloads maxdownloads max-download maxdownload max.downloads max-dowloads "
            "x-amz-meta-max-downloads",
        ),
    ],
)
def test_a_name_that_is_nearly_ours_is_refused(meant: str, names: str) -> None:
    """Whoever mistyped `recipients` would have EmailRecipient get what is meant for another."""
    for name in names.split():
        with pytest.raises(MisspelledMetadata) as refusal:
            check_names(file_with("recipients", name))

        assert str(refusal.value) == (
            f'"report.pdf" was not announced: its metadata "{name}" is probably meant to be '
            f"{meant}; upload it again with that name, or with one that is less like it."
        )


def test_names_of_ours_and_of_others_pass() -> None:
    """What programs write beside their files has nothing to do with us."""
    names = (
        "recipients note expires max-downloads "
        "mtime atime ctime uid gid mode content-md5 sha256 md5chksum s3cmd-attrs s3fs-version "
        "note-id notebook node name vote title author date type version to cc bcc from sender "
        "email recipes recipient-id expiration-date expires-at max-age max-keys downloads "
        "original-filename x-amz-meta-mtime filename cache-control export express"
    )

    check_names(file_with(*names.split()))


@given(st.text("recipntsxamzd-_wlo", max_size=40))
def test_any_name_passes_or_is_refused_with_its_name(name: str) -> None:
    """And whatever passes differs from all of ours in its letters."""
    try:
        check_names(file_with(name))
    except MisspelledMetadata as exc:
        assert f'"{name}"' in str(exc)
        return

    letters = re.sub("[^a-z]", "", name)
    ours = {"recipients", "note", "expires", "maxdownloads"}
    assert name in {"recipients", "note", "expires", "max-downloads"} or letters not in ours


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
