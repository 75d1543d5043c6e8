"""Many questions at once, as LinkGenerator asks S3 about the files of a share."""

from __future__ import annotations

from threading import Barrier, Lock

import pytest
from files.manifest import Manifest, SharedFile, manifest_key
from files.uploads import Outcome
from link_generator.side_by_side import side_by_side

from tests.lambda_src.fakes import PORTAL, World, arrival_of


def test_answers_come_in_the_order_of_the_questions() -> None:
    """However they overtake one another; so many are asked at once, which wait for each other."""
    barrier = Barrier(4, timeout=10)

    def ask(number: int) -> int:
        barrier.wait()
        return number * 2

    assert side_by_side(ask, range(12), 4) == tuple(range(0, 24, 2))


def test_the_first_failure_counts_and_stops_the_rest() -> None:
    """What has not begun is not asked any more."""
    asked: set[int] = set()
    lock = Lock()

    def ask(number: int) -> int:
        with lock:
            asked.add(number)
        raise ValueError(str(number))

    with pytest.raises(ValueError, match=r"^0$"):
        side_by_side(ask, range(10_000), 4)

    assert len(asked) < 10_000


@pytest.mark.parametrize(("about", "most"), [([1], 10), ([1, 2], 1)])
def test_one_at_a_time_needs_no_threads(about: list[int], most: int) -> None:
    """Then the questions come in their order."""
    asked: list[int] = []

    assert side_by_side(asked.append, about, most) == (None,) * len(about)
    assert asked == about


def test_a_thousand_files_are_one_mail() -> None:
    """As many as a manifest may name."""
    world = World(readers=10)
    files = tuple(SharedFile(f"photos/{number}.jpg", "v1", 5) for number in range(1000))
    key = manifest_key("abcdefgh")
    for one in files:
        world.bucket.put(one.key, metadata={"s3link-share": "abcdefgh"})
    world.bucket.put(key, content=Manifest(files, note="All of them").text)

    [announced] = world.announce(arrival_of(key, version="v1"), **PORTAL)

    assert announced.outcome is Outcome.MAILED
    [mail] = world.post_office.mails
    assert mail.data["moreFiles"] == "and 990 more files"
    assert mail.size < 10_000
    [row] = world.links_table.rows
    assert row["FileCount"] == 1000
