"""Bursts of uploads against SES's sending rate, in simulated time, through the real handler.

    python benchmarks/burst.py              every burst
    python benchmarks/burst.py --quick      those of up to 1,000 uploads, in about a minute
    python benchmarks/burst.py --uploads 10000 --rate 14

Three ways for the uploads to reach LinkGenerator:

    off      S3 → Lambda, as many at once as the account allows
    limited  S3 → Lambda, MaxConcurrentMails set by the rule below
    queue    S3 → SQS → Lambda with the same number as its maximum concurrency; not built, but
             simulated to see what it would give

Prints for each burst what was lost, mailed twice and left in DeadLetterQueue, when the last mail
left, the same against the ideal (mails ÷ rate), and how often SES was called for each mail. Exits
with 1 when anything was lost or mailed twice. `simulated` says what is assumed about AWS.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "lambda_src")]

from benchmarks.simulated.run import ACCOUNT_CONCURRENCY, Burst, Ending, simulate  # noqa: E402

UPLOADS = (100, 1_000, 10_000, 100_000)
QUICK_UPLOADS = (100, 1_000)
RATES = (1, 14, 200)  # mails a second: the sandbox, a new account, a busy one
WAYS = ("off", "limited", "queue")
LIMIT = 1.1  # the time as a part of the ideal
PROCESSES = 2

# The rule: 20 seconds of mails. With 10, 1,000 uploads at 14 a second took 1.6 × the ideal time in
# place of 1.0 (seeds 1 to 5): too few are under way to bridge the waits of Lambda's queue. Lambda
# leaves 100 of the account's concurrency to other functions.
SECONDS_OF_MAILS = 20
LEAST = 20
MOST_RESERVED = ACCOUNT_CONCURRENCY - 100

# With the parameter off, 1,000 handlers ask SES again every second for hours: these take longer
# than all the others together.
LONG = {("off", 10_000, 1), ("off", 100_000, 1), ("off", 100_000, 14)}

HEADINGS = "uploads|rate|way|at once|lost|twice|in DLQ|time|ideal|ratio|calls"
ROW = "{:>8} {:>5}  {:8} {:>7} {:>6} {:>6} {:>7} {:>11} {:>11} {:>6} {:>6}"


def recommended(rate: float) -> int:
    """MaxConcurrentMails for a sending rate."""
    return min(MOST_RESERVED, max(LEAST, round(SECONDS_OF_MAILS * rate)))


def burst_of(way: str, uploads: int, rate: int, seed: int) -> Burst:
    at_once = ACCOUNT_CONCURRENCY if way == "off" else recommended(rate)
    return Burst(uploads, rate, at_once, by_sqs=way == "queue", seed=seed)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    wanted = [
        (way, uploads, rate)
        for uploads in options.uploads or (QUICK_UPLOADS if options.quick else UPLOADS)
        for rate in options.rate or RATES
        for way in options.way or WAYS
    ]
    left_out = [] if options.all else [which for which in wanted if which in LONG]
    bursts = {which: burst_of(*which, options.seed) for which in wanted if which not in left_out}
    endings = dict(_run(bursts))
    print(ROW.format(*HEADINGS.split("|")))
    for which in wanted:
        if which in endings:
            print(_row(which[0], endings[which]))
    for way, uploads, rate in left_out:
        print(f"Left out: {uploads:,} uploads at {rate} a second, {way}; --all runs it, too.")
    print(_summary(endings))
    return 0 if not any(one.lost or one.twice for one in endings.values()) else 1


def _run(
    bursts: dict[tuple[str, int, int], Burst],
) -> Iterable[tuple[tuple[str, int, int], Ending]]:
    """The longest first, so that no process is left with it at the end."""
    order = sorted(bursts, key=lambda which: -_effort(bursts[which]))
    began_at = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        endings = pool.imap_unordered(_simulated, [(which, bursts[which]) for which in order])
        for count, (which, ending) in enumerate(endings, 1):
            took = f"{time.monotonic() - began_at:5.0f} s {count:>3}/{len(order)}"
            print(took, _row(which[0], ending), file=sys.stderr, flush=True)
            yield which, ending


def _simulated(
    task: tuple[tuple[str, int, int], Burst],
) -> tuple[tuple[str, int, int], Ending]:
    """In a process of its own, where what was imported need not be looked through for rubbish."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    return task[0], simulate(task[1])


def _effort(burst: Burst) -> float:
    """About how often SES is called: everybody who is under way asks it once a second."""
    return burst.uploads + burst.concurrency * burst.uploads / burst.rate


def _row(way: str, ending: Ending) -> str:
    burst = ending.burst
    return ROW.format(
        f"{burst.uploads:,}",
        burst.rate,
        way,
        burst.concurrency,
        ending.lost,
        ending.twice,
        f"{ending.dead:,}",
        f"{ending.seconds:,.1f} s",
        f"{ending.ideal:,.1f} s",
        # Without those in DeadLetterQueue the others were no whole burst.
        f"{ending.ratio:.2f}" if not ending.dead else "-",
        f"{ending.mail_calls / burst.uploads:.1f}",
    )


def _summary(endings: dict[tuple[str, int, int], Ending]) -> str:
    ways = []
    for way in WAYS:
        ends = [ending for which, ending in endings.items() if which[0] == way]
        good = sum(not one.dead and one.ratio <= LIMIT for one in ends)
        if ends:
            ways.append(f"{way} {good} of {len(ends)}")
    return (
        f"Lost {sum(one.lost for one in endings.values())}, "
        f"twice {sum(one.twice for one in endings.values())} in {len(endings)} bursts; "
        f"none in DLQ and within {LIMIT} × ideal: {', '.join(ways)}."
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--uploads", type=int, action="append", help="only this many; repeatable")
    parser.add_argument("--rate", type=int, action="append", help="only this rate; repeatable")
    parser.add_argument("--way", choices=WAYS, action="append", help="only this way; repeatable")
    parser.add_argument("--quick", action="store_true", help="at most 1,000 uploads")
    parser.add_argument("--all", action="store_true", help="also the bursts that take longest")
    parser.add_argument("--seed", type=int, default=1, help="another course of chance")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
