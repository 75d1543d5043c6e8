"""How the lists of a members area grow: with its members, and with its versions.

    python benchmarks/members.py

The real function and the real commands, in this process, against moto. The milliseconds are those
of this machine's processor, moto's included, so that only their ratio tells something. The calls
are as many as AWS would get, and most of the time there.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from moto import mock_aws

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "lambda_src")]

from tests.deploy.members.account import (  # noqa: E402
    BUCKET,
    SIGNED_OUT_TABLE,
    SURVEY_TABLE,
    MembersAccount,
)
from tests.deploy.operator import Operator  # noqa: E402
from tests.lambda_src.members_world import ENVIRONMENT, request_for  # noqa: E402

RUNS = 3
MEMBERS, VERSIONS = (10, 100, 1000), (20, 200)


@dataclass(frozen=True)
class Measured:
    """`calls` of AWS's APIs, and the median seconds of the processor."""

    what: str
    size: str
    calls: int
    seconds: float


def main() -> int:
    before: dict[str, float] = {}
    print("                          size            calls      ms   ratio")
    for one in measure(MEMBERS, VERSIONS, RUNS):
        smallest = before.setdefault(one.what, one.seconds)
        print(
            f"{one.what:25} {one.size:15} {one.calls:5} {one.seconds * 1000:7.0f}"
            f" {one.seconds / smallest:7.1f}"
        )
    print(f"(medians of {RUNS} runs each; the ratio is to the smallest of its kind)")
    return 0


def measure(members: Sequence[int], versions: Sequence[int], runs: int) -> Iterator[Measured]:
    """Each list at each size; sizes grow."""
    with tempfile.TemporaryDirectory() as directory, mock_aws(), _counted() as calls:
        account, operator = MembersAccount(), _operator(Path(directory))
        ask = _function(account)
        for before, size in pairwise((0, *members)):
            for number in range(before, size):
                account.add_member(f"m{number:04}@example.com")
            yield _measured(
                *("s3link members list", f"{size} members"),
                *(lambda: _run(operator, "members list"), calls, runs),
            )
        for before, size in pairwise((0, *versions)):
            for number in range(before, size):
                account.put(f"1.{number}/game.zip")
                account.put(f"1.{number}/NOTES.md", b"What is new")
            named = f"{size} versions"
            yield _measured("GET /artifacts", named, ask, calls, runs)
            yield _measured(
                *("s3link members versions", named),
                *(lambda: _run(operator, "members versions"), calls, runs),
            )


def _measured(
    what: str, size: str, act: Callable[[], None], calls: list[str], runs: int
) -> Measured:
    act()  # once unmeasured: clients are made, modules imported
    calls.clear()
    act()
    counted = len(calls)
    return Measured(what, size, counted, median(_seconds(act) for _ in range(runs)))


def _seconds(act: Callable[[], None]) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start


def _operator(folder: Path) -> Operator:
    config = folder / "s3link.toml"
    config.write_text('[s3link]\nregion = "eu-west-1"\n')
    return Operator(config)


def _run(operator: Operator, line: str) -> None:
    ran = operator.s3link(line)
    if ran.exit_code:
        raise RuntimeError(ran.stderr)


def _function(account: MembersAccount) -> Callable[[], None]:
    """A request for the newest versions, as the function gets it."""
    places = {
        "ArtifactsBucketName": BUCKET,
        "SurveyTableName": SURVEY_TABLE,
        "SignedOutTableName": SIGNED_OUT_TABLE,
        "PoolId": account.pool,
        "AWS_DEFAULT_REGION": account.clients.region,
    }
    os.environ.update({**ENVIRONMENT, **places})
    handler = importlib.import_module("members.handler")

    def ask() -> None:
        answer = handler.handle(request_for("GET /artifacts"), None)
        if answer["statusCode"] != 200:
            raise RuntimeError(answer["body"])

    return ask


class _Calls(logging.Handler):
    """Counts what is sent to AWS, whoever sends it."""

    def __init__(self, calls: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._calls = calls

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg.startswith("Making request for"):
            self._calls.append(str(record.args))


@contextmanager
def _counted() -> Iterator[list[str]]:
    calls: list[str] = []
    logger, handler = logging.getLogger("botocore.endpoint"), _Calls(calls)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield calls
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


if __name__ == "__main__":
    sys.exit(main())
