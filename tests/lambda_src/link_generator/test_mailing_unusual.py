"""Accounts and buckets that are not as usual: each recipient of each upload still gets one mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from link_generator import errors

from tests.lambda_src.fakes import NOW, TIME_LIMIT, World, arrival_of, event, people

KEY = "report.pdf"


def test_a_new_upload_is_mailed_while_versioning_is_suspended(world: World) -> None:
    """S3 calls the version of each "null", so that the sequencer has to tell."""
    world.bucket.put(KEY, metadata={"recipients": ",".join(people(3))})
    newer = event("put_to_unversioned_bucket")
    newer["Records"][0]["s3"]["object"]["sequencer"] = "0055AED6DCD90281E6"
    world.bucket.suspends_versioning()

    world.announce(event("put_to_unversioned_bucket"))
    world.announce(newer)

    assert world.post_office.recipients == people(3) * 2


@pytest.mark.parametrize("most", [1, 14])
def test_a_call_that_ses_never_takes_is_made_smaller(world: World, most: int) -> None:
    """A small account's rate limits the destinations of one call, however long it waits."""
    world.bucket.put(KEY, metadata={"recipients": ",".join(people(50))})
    world.post_office.takes_at_once(most)

    world.announce(arrival_of(KEY))

    assert sorted(world.post_office.recipients) == sorted(people(50))
    assert max(world.post_office.group_sizes) <= most


def test_a_ledger_too_slow_for_its_own_claims_is_a_named_error(world: World) -> None:
    """Each claim is old before it can be used: it ends in time to say so, with nobody mailed."""
    world.bucket.put(KEY)
    world.table.while_writing = lambda: world.clock.passes(seconds=11)

    with pytest.raises(errors.LedgerUnavailable, match="TooSlow"):
        world.announce(arrival_of(KEY))

    assert world.clock.now - world.now < TIME_LIMIT
    assert world.post_office.mails == []


@pytest.mark.parametrize(("days_of_logs", "days"), [("90", 91), ("1", 16)])
def test_rows_outlive_dead_letters(world: World, days_of_logs: str, days: int) -> None:
    """A replay within DeadLetterQueue's 14 days finds who was mailed, whatever LogsTTL is."""
    world.bucket.put(KEY)

    world.announce(arrival_of(KEY), LogsTTL=days_of_logs)

    [row] = world.table.rows
    arrived = NOW.replace(microsecond=0) - timedelta(seconds=1)
    assert row["ExpiresAt"] == int((arrived + timedelta(days=days)).timestamp())
