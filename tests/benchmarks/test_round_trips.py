"""The benchmark of round trips runs, counts chains of calls right, and its limits on them hold."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from benchmarks import round_trips
from benchmarks.measured import run
from benchmarks.round_trips import Sizes
from benchmarks.stub.gate import Counted, Rounds
from benchmarks.stub.server import running
from tests.deploy.operator import Operator

pytestmark = pytest.mark.slow

QUIET = 0.5  # seconds in which a thread of a busy machine has come to its call


def calls(rounds: Rounds, chain: int) -> None:
    for _ in range(chain):
        rounds.enter()


def test_a_chain_is_as_long_as_its_longest_one() -> None:
    """Three calls one after the other, and beside them one, and two."""
    rounds = Rounds(4 * QUIET)
    with rounds.open():
        threads = [threading.Thread(target=calls, args=(rounds, n)) for n in (3, 1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert rounds.counted() == Counted(calls=6, chain=3)


def test_the_stub_takes_files_and_has_a_ledger(tmp_path: Path) -> None:
    """As far as `send` and `deliveries` ask."""
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    (tmp_path / "large.bin").write_bytes(bytes(9_000_000))
    keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}

    with running(delay=0, rows=80) as stub:
        config = tmp_path / "s3link.toml"
        config.write_text(f'[s3link]\nregion = "eu-west-1"\nendpoint_url = "{stub.url}"\n')
        place = {"XDG_CACHE_HOME": str(tmp_path), **stub.environment}
        operator = Operator(config, environment={**keys, **place})
        sent = operator.s3link(
            "send --output json", *(tmp_path / name for name in ("a.txt", "large.bin"))
        )
        listed = operator.s3link("deliveries --output json")

    assert [one["version_id"] for one in sent.document["sent"]] == ["v1", "v1"]
    assert len(listed.document["deliveries"]) == 80


def test_a_program_s_memory_is_its_own(tmp_path: Path) -> None:
    """Not that of whoever starts it, which here is far more than `true` needs."""
    ran = run(["echo", "first"], tmp_path, {})

    assert 0 < ran.megabytes < 30
    assert 0 < ran.first_byte <= ran.seconds


def test_most_calls_of_a_command_run_side_by_side() -> None:
    """Whether the limits are kept, the benchmark says: a busy machine makes chains longer."""
    heading, *lines = round_trips.chains(Sizes(quiet=QUIET))

    counted = {line.split()[0]: tuple(map(int, line.split()[1:3])) for line, _ in lines}
    assert heading[0].startswith("command ")
    assert list(counted) == ["deploy", "status", "deliveries"]
    assert [name for name, (calls, chain) in counted.items() if chain > calls // 2] == []


def test_both_sides_are_measured() -> None:
    """A line for small files and one for a large one, whatever the ratio on a busy machine."""
    sizes = Sizes(files=3, large_mebibytes=9, rows=80, runs=1)

    sent = [line for line, _ in round_trips.send(sizes)]
    listed = [line for line, _ in round_trips.rows(sizes)]

    assert [line[:13] for line in sent[1:]] == ["3 small files", "one of 9 MiB "]
    assert [line.split(" as ")[0] for line in listed[1:]] == [
        *("80 deliveries", "80 deliveries"),
        *("80 links", "80 links"),
    ]
