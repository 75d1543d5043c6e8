"""Clicks on the files of a share, on the table in memory and on moto's DynamoDB."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from portal_links import links as states
from portal_links import rows
from portal_links.file_counts import FileCounts
from portal_links.redeeming import Limits, Redeemed, Refused, redeem
from portal_links.store import Links
from tables.service import Update

from tests.lambda_src.fakes import NOW
from tests.lambda_src.portal_links.test_links import (
    ANY_NUMBER,
    GRACE,
    LIFE,
    LINK_ID,
    ONCE,
    TABLE,
    link_of,
    links,
    made,
    never,
    new_link,
    shared_links,
    token_of,
)
from tests.lambda_src.table import Table

__all__ = ["links", "shared_links"]  # fixtures

START = NOW.replace(microsecond=0)
FILES = 3
OTHER = "e" * 32


def click(links: Links, limits: Limits, position: int | None, moment: datetime = START) -> str:
    """What becomes of it: counted, retry, or the file's state that refuses."""
    result = redeem(links, LINK_ID, moment, limits, position)
    if isinstance(result, Redeemed):
        return "counted" if result.counted else "retry"
    assert isinstance(result, Refused)
    assert position is not None
    return result.counts.state(position, result.link, moment, limits.usual_downloads)


def counts_of(links: Links) -> FileCounts:
    return FileCounts.of_row(links.table.read(LINK_ID))


# Seconds after it was made, the file, and how the click ends.
CLICKS: dict[str, tuple[Limits, dict[str, Any], list[tuple[int, int, str]]]] = {
    "each file once": (
        ONCE,
        {},
        [
            (0, 0, "counted"),
            (1, 1, "counted"),
            (1, 0, "retry"),
            (600, 0, "UsedUp"),
            (600, 1, "retry"),
        ],
    ),
    "any number": (ANY_NUMBER, {}, [(0, 0, "counted"), (600, 0, "counted"), (600, 2, "counted")]),
    "its own limit goes before": (
        ONCE,
        {"max_downloads": 2},
        [(0, 1, "counted"), (600, 1, "counted"), (1200, 1, "UsedUp"), (1200, 2, "counted")],
    ),
    "its own lack of a limit": (
        ONCE,
        {"max_downloads": 0},
        [(0, 1, "counted"), (600, 1, "counted")],
    ),
    "no grace": (
        Limits(1, timedelta(0)),
        {},
        [(0, 0, "counted"), (0, 0, "UsedUp"), (0, 1, "counted")],
    ),
    "no grace beyond the end": (
        ONCE,
        {"expires_at": START + timedelta(seconds=60)},
        [(50, 0, "counted"), (59, 0, "retry"), (60, 0, "Expired"), (60, 1, "Expired")],
    ),
}


@pytest.mark.parametrize("name", CLICKS)
def test_what_becomes_of_clicks(links: Links, name: str) -> None:
    """Limit and grace are those of each file."""
    limits, changes, clicks = CLICKS[name]
    made(links, file_count=FILES, **changes)

    ends = [
        click(links, limits, position, START + timedelta(seconds=seconds))
        for seconds, position, _ in clicks
    ]

    assert ends == [expected for _, _, expected in clicks]


def test_a_link_that_is_revoked_or_locked_opens_no_file(links: Links) -> None:
    """Not even a retry of one that was counted before."""
    made(links, file_count=FILES)
    click(links, ONCE, 0)

    links.change(Update(LINK_ID, set={rows.LOCKED_UNTIL: int((NOW + LIFE).timestamp())}))
    locked = [click(links, ONCE, position) for position in (0, 1)]
    links.revoke(LINK_ID, NOW)
    revoked = [click(links, ONCE, position) for position in (0, 1)]

    assert (locked, revoked) == (["Locked"] * 2, ["Revoked"] * 2)
    assert counts_of(links).downloads == {0: 1}


@pytest.mark.parametrize("position", [FILES, FILES + 1, 10**12])
def test_a_file_that_is_not_in_the_share_counts_nothing(links: Links, position: int) -> None:
    """Nor is anything made for it in the row's maps."""
    made(links, file_count=FILES)

    result = redeem(links, LINK_ID, NOW, ANY_NUMBER, position)

    assert isinstance(result, Refused)
    row = links.table.read(LINK_ID)
    assert (row[rows.DOWNLOADS], row[rows.FILE_DOWNLOADS], row[rows.FILE_GRACE]) == (0, {}, {})
    assert rows.FIRST_DOWNLOAD_AT not in row


def test_a_share_is_not_taken_for_a_file_nor_a_file_for_a_share(links: Links) -> None:
    """A row from before there were shares is a single file's; a share is never opened as one."""
    made(links)
    assert isinstance(redeem(links, LINK_ID, NOW, ANY_NUMBER, 0), Refused)
    assert isinstance(redeem(links, LINK_ID, NOW, ANY_NUMBER), Redeemed)

    links.make([new_link(token_of(OTHER), file_count=FILES)], NOW, never)
    assert isinstance(redeem(links, OTHER, NOW, ANY_NUMBER), Refused)


def test_only_the_first_download_of_all_is_the_first(links: Links) -> None:
    """Neither its retry, nor that of another file."""
    made(links, file_count=FILES)

    results = [redeem(links, LINK_ID, NOW, ANY_NUMBER, position) for position in (1, 1, 0)]

    firsts = [isinstance(one, Redeemed) and one.is_first for one in results]
    assert firsts == [True, False, False]
    assert link_of(links).downloads == 2
    assert link_of(links).first_download_at == "2026-11-21T13:05:30.250Z"


def test_the_share_is_as_well_off_as_the_best_of_its_files(links: Links) -> None:
    """Used up is one whose files all are. One that was allowed more before counts for itself."""
    made(links, file_count=2, max_downloads=3)
    for seconds in (0, 600, 1200):
        click(links, ANY_NUMBER, 0, START + timedelta(seconds=seconds))
    links.extend(LINK_ID, NOW, max_downloads=1)

    link, counts, later = link_of(links), counts_of(links), START + timedelta(hours=1)
    assert (link.downloads_left(0), link.state(later, 0)) == (0, states.USED_UP)
    assert counts.state_of_all(link, later, 0) == states.USABLE

    click(links, ANY_NUMBER, 1, later)
    link, counts = link_of(links), counts_of(links)
    assert counts.state_of_all(link, later, 0) == states.RETRYABLE
    assert counts.state_of_all(link, later + GRACE, 0) == states.USED_UP
    assert counts.state_of_all(link, START + LIFE, 0) == states.EXPIRED


def test_the_total_says_what_is_left_of_all_files(links: Links) -> None:
    """As lists show it."""
    made(links, file_count=FILES, max_downloads=2)
    click(links, ANY_NUMBER, 0)
    click(links, ANY_NUMBER, 2)

    assert link_of(links).downloads_left(0) == 4
    assert [counts_of(links).left(one, link_of(links), 0) for one in range(FILES)] == [1, 2, 1]


@given(
    st.lists(
        st.tuples(st.integers(0, FILES), st.sampled_from([0, 1, 599, 600, 1000])), max_size=25
    ),
    st.integers(0, 3),
    st.none() | st.integers(0, 3),
    st.sampled_from([0, 600]),
)
def test_any_clicks_are_counted_as_each_file_alone_would_be(
    clicks: list[tuple[int, int]], usual: int, own: int | None, grace: int
) -> None:
    """The share is so many links to single files, with one total."""
    limits = Limits(usual, timedelta(seconds=grace))
    share, alone = Links(Table(), TABLE), [Links(Table(), TABLE) for _ in range(FILES)]
    made(share, file_count=FILES, max_downloads=own)
    for one in alone:
        made(one, max_downloads=own)
    moment = START

    for position, later in clicks:
        moment += timedelta(seconds=later)
        result = redeem(share, LINK_ID, moment, limits, position)
        if position == FILES:
            assert isinstance(result, Refused)
            continue
        expected = redeem(alone[position], LINK_ID, moment, limits)
        assert type(result) is type(expected)
        assert getattr(result, "counted", None) == getattr(expected, "counted", None)
        singles = [link_of(one) for one in alone]
        link, counts = link_of(share), counts_of(share)
        assert [counts.downloads.get(n, 0) for n in range(FILES)] == [o.downloads for o in singles]
        assert link.downloads == sum(one.downloads for one in singles)
        each = [counts.state(n, link, moment, usual) for n in range(FILES)]
        assert each == [one.state(moment, usual) for one in singles]


@pytest.mark.slow
def test_of_many_clicks_at_once_one_is_counted_for_each_file(shared_links: Links) -> None:
    """Two hundred on four files; those that are not counted are retries."""
    made(shared_links, file_count=4)
    with ThreadPoolExecutor(50) as pool:
        ends = list(pool.map(lambda n: click(shared_links, ONCE, n % 4), range(200)))

    assert sorted(ends) == ["counted"] * 4 + ["retry"] * 196
    assert link_of(shared_links).downloads == 4
    assert counts_of(shared_links).downloads == dict.fromkeys(range(4), 1)
