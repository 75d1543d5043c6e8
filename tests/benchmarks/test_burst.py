"""The simulated burst: what the real handler makes of it, and that it shows a wrong handler up."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from function.invocation import Invocation
from ledger.claims import Ledger
from link_generator.announcement import announce_all
from link_generator.errors import MailThrottled
from link_generator.settings import Services, Settings

from benchmarks.burst import main, recommended
from benchmarks.simulated.clock import Clock
from benchmarks.simulated.run import Burst, simulate
from benchmarks.simulated.table import QuickTable

# 140 at once are half of what the rule gives: throttled by SES, and by Lambda.
BURST = Burst(uploads=300, rate=14, concurrency=140, duplicates=0.05)
SHORT = replace(BURST, uploads=60, concurrency=30)


@pytest.mark.parametrize("by_sqs", [False, True], ids=["Lambda's queue", "SQS"])
def test_nothing_is_lost_or_mailed_twice(by_sqs: bool) -> None:
    """Some events come twice, SES and Lambda throttle, and everybody has one mail, and soon."""
    ending = simulate(replace(BURST, by_sqs=by_sqs))

    assert (ending.lost, ending.twice, ending.dead) == (0, 0, 0)
    assert ending.runs > BURST.uploads
    assert ending.mail_calls > 2 * BURST.uploads
    assert bool(ending.throttles) is not by_sqs
    assert 0.9 < ending.ratio < 1.4


def test_chance_is_the_seed_s() -> None:
    """The same seed gives the same burst to the last call; another seed another one."""
    first = simulate(SHORT)

    assert simulate(SHORT) == first
    assert replace(simulate(replace(SHORT, seed=2)), burst=SHORT) != first


def test_a_handler_that_forgets_loses() -> None:
    """One that takes SES's refusal for an end is found out: those uploads are nowhere."""

    def forgets(event: object, settings: Settings, services: Services, run: Invocation) -> None:
        with contextlib.suppress(MailThrottled):
            announce_all(event, settings, services, replace(run, ends_at=run.clock()))

    ending = simulate(SHORT, forgets)

    assert ending.lost > 20
    assert (ending.twice, ending.dead) == (0, 0)


def test_a_handler_without_a_ledger_mails_twice() -> None:
    """One that remembers nothing is found out: duplicates are mailed again."""

    def remembers_nothing(
        event: object, settings: Settings, services: Services, run: Invocation
    ) -> None:
        empty = Ledger(QuickTable(), settings.ledger)
        announce_all(event, settings, replace(services, ledger=empty), run)

    ending = simulate(replace(SHORT, duplicates=0.2), remembers_nothing)

    assert ending.twice > 5
    assert (ending.lost, ending.dead) == (0, 0)


def test_a_handler_that_gives_up_ends_in_the_dead_letter_queue() -> None:
    """One that fails at once when SES is busy has used its three tries before SES has time."""

    def hurries(event: object, settings: Settings, services: Services, run: Invocation) -> None:
        announce_all(event, settings, services, replace(run, ends_at=run.clock()))

    ending = simulate(replace(SHORT, rate=0.2, duplicates=0), hurries)

    assert ending.dead > 20
    assert (ending.lost, ending.twice) == (0, 0)


def test_lambda_stops_a_handler_at_its_time_limit() -> None:
    """One that never ends is stopped three times, and its event is in DeadLetterQueue."""

    def sleeps(_event: object, _settings: Settings, services: Services, run: Invocation) -> None:
        run.sleep(timedelta(hours=1).total_seconds())
        services.mail.send_bulk_templated_email(Destinations=[])

    ending = simulate(Burst(uploads=2, rate=1, duplicates=0), sleeps)

    assert (ending.lost, ending.dead, ending.mail_calls) == (0, 2, 6)
    assert ending.busy_seconds == pytest.approx(6 * 540)


def test_a_defect_of_a_handler_stops_the_simulation() -> None:
    """It is no figure of the benchmark."""

    def breaks(*_: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        simulate(Burst(uploads=5, rate=1), breaks)


def test_tasks_meet_in_the_order_of_their_times() -> None:
    """Whoever waits lets the others go first, however their threads are scheduled."""
    clock = Clock()
    seen: list[tuple[str, float]] = []

    def task(name: str, seconds: float) -> None:
        for _ in range(2):
            clock.passes(seconds)
            clock.meet()
            seen.append((name, clock.now))

    clock.at(0.0, lambda: clock.start(lambda: task("slow", 3.0), 60.0))
    clock.at(0.0, lambda: clock.start(lambda: task("quick", 1.0), 60.0))
    clock.run()

    assert seen == [("quick", 1.0), ("quick", 2.0), ("slow", 3.0), ("slow", 6.0)]


@pytest.mark.parametrize(("rate", "most"), [(1, 20), (14, 280), (40, 800), (200, 900)])
def test_the_rule_for_the_parameter(rate: float, most: int) -> None:
    """20 × the rate, at least 20, and at most what Lambda lets be reserved of 1,000."""
    assert recommended(rate) == most


@pytest.mark.slow
def test_the_benchmark_prints_a_line_for_each_burst(capsys: pytest.CaptureFixture[str]) -> None:
    """With what was lost, twice and in DeadLetterQueue, and a summary."""
    assert main(["--uploads", "100", "--rate", "14", "--way", "limited"]) == 0

    headings, row, summary = capsys.readouterr().out.splitlines()
    assert headings.startswith(" uploads  rate  way      at once   lost  twice  in DLQ ")
    assert row.startswith("     100    14  limited      280      0      0       0 ")
    assert summary.startswith("Lost 0, twice 0 in 1 bursts; none in DLQ and within 1.1 × ideal: ")
