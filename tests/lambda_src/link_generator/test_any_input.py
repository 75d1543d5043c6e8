"""Whatever comes in ends in a mail or in a named error: searched for at random."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from files.errors import EventError, FileOutlived, InvalidExpiry
from files.expiry import DIRECT_LINK_LIMIT, validity_of
from files.store import StoredFile
from files.uploads import Upload, upload_of
from function.errors import FunctionError, SettingsError
from hypothesis import example, given
from hypothesis import strategies as st
from link_generator.errors import SeveralFailures, UnexpectedFailure
from link_generator.settings import Settings
from mail.template_data import mail_data_of

from tests.lambda_src.fakes import BUCKET, ENVIRONMENT, World, event, settings

NOW = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)

_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
_KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)


@st.composite
def _damaged_events(draw: st.DrawFn) -> dict[str, Any]:
    """An event of S3 in which one thing has been replaced by anything, or is missing."""
    damaged = copy.deepcopy(event("put"))
    place: Any = damaged["Records"][0]
    for name in draw(
        st.sampled_from(
            [
                *([], ["eventName"], ["s3"], ["s3", "bucket"], ["s3", "bucket", "name"]),
                *(["s3", "object"], ["s3", "object", "key"], ["s3", "object", "versionId"]),
                *(["s3", "object", "sequencer"], ["s3", "object", "size"]),
            ]
        )
    ):
        parent, last, place = place, name, place[name]
    if place is damaged["Records"][0]:
        parent, last = damaged["Records"], 0
    if draw(st.booleans()) and isinstance(parent, dict):
        del parent[last]
    else:
        parent[last] = draw(_JSON)
    return damaged


@given(_damaged_events() | _JSON)
@example({"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": BUCKET}}}]})
def test_no_event_is_unexpected(body: Any) -> None:
    """It mails, skips, or says that it cannot be read; no event finds a defect."""
    world = World()
    world.bucket.put("report.pdf")

    try:
        world.announce(body)
    except FunctionError as exc:
        failures = exc.failures if isinstance(exc, SeveralFailures) else (exc,)
        assert not [one for one in failures if isinstance(one, UnexpectedFailure)], str(exc)


@given(_KEYS, st.sampled_from(["", "/", "+~"]), st.booleans())
@example("1+1=2 & 100%25.txt", "/", True)
def test_every_key_arrives_as_it_is(key: str, safe: str, plus: bool) -> None:
    """However much of it S3 encodes, and whether it writes a space as "+" or "%20"."""
    encode = quote_plus if plus else quote
    record = copy.deepcopy(event("put"))["Records"][0]
    record["s3"]["object"]["key"] = encode(key, safe=safe.replace("+", ""))

    assert upload_of(record, BUCKET).key == key


@given(st.text(max_size=40))
def test_a_key_that_is_not_encoded_right_is_read_or_refused(text: str) -> None:
    """Broken percent signs, bytes that are not UTF-8, half of a pair: a key, or EventError."""
    record = copy.deepcopy(event("put"))["Records"][0]
    record["s3"]["object"]["key"] = text

    try:
        key = upload_of(record, BUCKET).key
    except EventError:
        return

    assert key
    assert key.encode().decode() == key


def _stored(metadata: dict[str, str], age: timedelta = timedelta(0), key: str = "a") -> StoredFile:
    return StoredFile(Upload(BUCKET, key, None), 5, NOW - age, metadata)


@given(
    st.text(max_size=30) | st.integers().map(str) | st.from_regex(r"[ 0-9+.e_-]{1,6000}"),
    st.timedeltas(timedelta(days=-2), timedelta(days=40)),
    st.integers(1, 604_800),
    st.integers(1, 36_500),
)
@example("9" * 10_000, timedelta(0), 18_000, 1)
@example("1", timedelta(days=1), 1, 1)
def test_no_link_outlives_its_file_or_its_limits(
    expires: str, age: timedelta, period: int, days: int
) -> None:
    """Whatever the sender wishes: at least a second, at most every limit, or a named error."""
    file = _stored({"expires": expires}, age)
    configured = settings(LinkExpirationPeriod=str(period), ExchangableObjectsTTL=str(days))

    try:
        validity = validity_of(file, configured, NOW)
    except (InvalidExpiry, FileOutlived):
        return

    wish = int(expires.strip()[-4000:])
    assert 1 <= validity.seconds <= min(period, DIRECT_LINK_LIMIT.total_seconds(), wish)
    assert validity.stops_at <= file.last_modified + timedelta(days=days)


# The bucket's name is not in question: no bucket has one that S3 does not take.
_PARAMETERS = sorted(ENVIRONMENT.keys() - {"FileExchangeBucketName"})


@given(st.dictionaries(st.sampled_from(_PARAMETERS), st.text(max_size=30), max_size=3))
@example({"LinkExpirationPeriod": "9" * 5000})
@example({"ExchangableObjectsTTL": "9" * 20})
@example({"LogsTTL": "9" * 20})
def test_no_environment_is_unexpected(changes: dict[str, str]) -> None:
    """Settings are right, or refused by name: with those that are right a file can be mailed."""
    world = World()
    world.bucket.put("report.pdf")

    try:
        Settings.from_environment({**ENVIRONMENT, **changes})
    except SettingsError as exc:
        assert any(name in str(exc) for name in changes) or "EmailRecipient" in str(exc)
        return
    try:
        world.announce(event("put"), **changes)
    except FunctionError as exc:
        assert not isinstance(exc, UnexpectedFailure), str(exc)


@given(_KEYS, st.text(max_size=60) | st.from_regex(r"=\?[ -~]{1,20}\?[bqBQ]\?[ -~]{0,30}\?="))
@example("a", "=?unicode-escape?Q?=5Cxzz?=")
@example("<b>.txt", "{{link}} {{#if a}}</td><script>")
def test_no_note_and_no_name_gets_into_the_mail_as_markup(key: str, note: str) -> None:
    """For the HTML part every value is text; the subject is one line; no value is missing."""
    file = _stored({"note": note}, key=key)

    data = mail_data_of(file, validity_of(file, settings(), NOW))

    without_breaks = data["noteHtml"].replace("<br>", "")
    assert not set("<>\"'") & set(data["fileNameHtml"] + without_breaks)
    assert len(data["fileName"].splitlines()) == 1
    assert set(data) == {
        *("fileName", "fileNameHtml", "fileSize", "note", "noteHtml", "expiresAt", "limit")
    }
    "".join(data.values()).encode()


@pytest.mark.parametrize("name", ["versionId", "sequencer"])
@pytest.mark.parametrize("value", [7, ["v1"], {"v": 1}, True, "\ud800"])
def test_a_version_that_is_no_text_is_an_event_error(name: str, value: object) -> None:
    """S3 sends text; something else came from somebody who called the function by hand."""
    record = copy.deepcopy(event("put"))["Records"][0]
    record["s3"]["object"][name] = value

    with pytest.raises(EventError, match="does not say in S3's way which object arrived"):
        upload_of(record, BUCKET)
