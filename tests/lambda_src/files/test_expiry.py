"""The moment at which a link really stops."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from files.errors import FileOutlived, InvalidExpiry
from files.expiry import validity_of
from files.store import StoredFile
from files.uploads import Upload

from tests.lambda_src.fakes import BUCKET, settings

NOW = datetime(2026, 11, 21, 13, 0, 0, 999_999, tzinfo=UTC)
NOW_IN_SECONDS = NOW.replace(microsecond=0)


def stored(age: timedelta = timedelta(0), expires: str | None = None) -> StoredFile:
    return StoredFile(
        upload=Upload(BUCKET, "report.pdf", None),
        size=5,
        last_modified=NOW_IN_SECONDS - age,
        metadata={} if expires is None else {"expires": expires},
    )


@pytest.mark.parametrize(
    ("period", "days", "age", "expires", "seconds"),
    [
        # the period
        ("18000", "1", timedelta(0), None, 18000),
        ("1", "1", timedelta(0), None, 1),
        # direct links hold 6 hours at most, whatever the period says
        ("21600", "7", timedelta(0), None, 21600),
        ("21601", "7", timedelta(0), None, 21600),
        ("604800", "7", timedelta(0), None, 21600),
        # the sender's shorter wish
        ("18000", "1", timedelta(0), "60", 60),
        ("18000", "1", timedelta(0), " 60 ", 60),
        ("18000", "1", timedelta(0), "0060", 60),
        ("18000", "1", timedelta(0), "18000", 18000),
        # beyond the limit
        ("18000", "1", timedelta(0), "18001", 18000),
        ("604800", "7", timedelta(0), "604800", 21600),
        ("18000", "1", timedelta(0), "9" * 5000, 18000),
        # the file's own end
        ("18000", "1", timedelta(hours=23), None, 3600),
        ("18000", "1", timedelta(hours=23), "7200", 3600),
        ("18000", "1", timedelta(hours=23), "60", 60),
        ("18000", "2", timedelta(hours=23), None, 18000),
        ("18000", "1", timedelta(hours=23, minutes=59, seconds=59), None, 1),
    ],
)
def test_a_link_stops_at_the_earliest_end(
    period: str, days: str, age: timedelta, expires: str | None, seconds: int
) -> None:
    """Period, limit of direct links, the sender's wish and the file's end: the earliest holds."""
    configured = settings(LinkExpirationPeriod=period, ExchangableObjectsTTL=days)

    validity = validity_of(stored(age, expires), configured, NOW)

    assert validity.seconds == seconds
    assert validity.stops_at == NOW_IN_SECONDS + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "expires", ["0", "000", "-1", "soon", "", "1.5", "1e3", "60s", "٦٠", "+60"]
)
def test_a_wish_that_is_no_number_of_seconds_is_an_error(expires: str) -> None:
    """Zero, negative and text are refused with what to write instead."""
    with pytest.raises(InvalidExpiry, match=r'^"report\.pdf" .* seconds from 1 to 18000\.$'):
        validity_of(stored(expires=expires), settings(), NOW)


@pytest.mark.parametrize(
    ("expires", "shortened_from"),
    [
        (None, None),
        ("60", None),
        ("18000", None),
        ("18001", timedelta(seconds=18001)),
    ],
)
def test_a_wish_beyond_the_limit_is_remembered(
    expires: str | None, shortened_from: timedelta | None
) -> None:
    """So that the log can say that the sender asked for more."""
    validity = validity_of(stored(expires=expires), settings(), NOW)

    assert validity.shortened_from == shortened_from


@pytest.mark.parametrize("age", [timedelta(days=1), timedelta(days=30)])
def test_a_file_past_its_time_is_not_announced(age: timedelta) -> None:
    """Its link would stop before it was made; the file is not dropped silently."""
    with pytest.raises(FileOutlived, match=r"ExchangableObjectsTTL \(days: 1\); upload it again"):
        validity_of(stored(age), settings(), NOW)
