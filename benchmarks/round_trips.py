"""How long s3link waits for AWS: calls one after the other, and files sent against `aws s3 cp`.

    python benchmarks/round_trips.py               all of it, in some minutes
    python benchmarks/round_trips.py --only send   or: chains, rows

chains  the calls of a command, and how many of them wait for one another, each for 80 ms: of a
        deploy and a status on the embedded AWS, of a quarter's 10,000 deliveries on a stub. Both
        answer in rounds, so that the machine's speed matters little (`stub.gate`)
send    200 small files, and one of 1 GiB, by s3link and by the aws client, to one stub
rows    `s3link deliveries` and `links list` of 100,000 rows: when the first one is printed, and
        the memory it takes

Exits with 1 when a limit is not kept. Ratios are of both sides in this run; where other programs
use the machine, absolute seconds tell nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "lambda_src")]

from benchmarks.measured import Ran, run  # noqa: E402
from benchmarks.stub.answers import BUCKET  # noqa: E402
from benchmarks.stub.gate import Counted, Rounds  # noqa: E402
from benchmarks.stub.server import Stub, running  # noqa: E402
from deploy.local.server import EmbeddedAws  # noqa: E402
from deploy.local.wire.requests import Environ  # noqa: E402
from tests.deploy.operator import Operator, clients_of_operator, operator_at  # noqa: E402
from tests.tools import AWSCLI, installed  # noqa: E402

DELAY = 0.08  # seconds: AWS from another continent
MEBIBYTE = 1024 * 1024
# How long each command may wait, in seconds, if every call takes DELAY.
LIMITS = {"deploy": 1.0, "status": 0.6, "deliveries": 0.8}
EVERYTHING = "--with portal --with programs --with members"
LEAST_RATIO, MOST_MEMORY, MOST_MEMORY_OF_ROWS = 1.0, 100, 150
PARTS = ("chains", "send", "rows")
_TRIES = 5  # on a busy machine a call may take too long; a deploy goes on from there
_S3LINK = [str(Path(sys.executable).with_name("s3link"))]


@dataclass(frozen=True)
class Sizes:
    """What is sent and listed, and how often."""

    files: int = 200
    file_bytes: int = 10_000
    large_mebibytes: int = 1024
    rows: int = 100_000
    rows_of_quarter: int = 10_000
    runs: int = 3
    quiet: float = 0.3


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    sizes = Sizes(runs=options.runs, quiet=options.quiet)
    parts = {"chains": chains, "send": send, "rows": rows}
    kept = True
    for name in options.only or PARTS:
        for line, is_kept in parts[name](sizes):
            print(line, flush=True)
            kept = kept and is_kept
    return 0 if kept else 1


def chains(sizes: Sizes, options: str = EVERYTHING) -> Iterator[tuple[str, bool]]:
    """A line for each command of an operator, and whether it keeps its limit."""
    yield "command                  calls  longest chain  waiting   limit", True
    with tempfile.TemporaryDirectory() as folder, _deployed(Path(folder), options) as operator:
        for command in ("deploy", "status"):
            with _rounds(sizes.quiet) as rounds:
                _succeed(operator, command)
            yield _chain(command, rounds.counted())
    with (
        tempfile.TemporaryDirectory() as folder,
        running(DELAY, sizes.rows_of_quarter, sizes.quiet) as stub,
    ):
        (Path(folder) / "here").mkdir()
        run([*_S3LINK, "deliveries", "--since", "90d"], Path(folder) / "here", stub.environment)
        yield _chain("deliveries", stub.counted())


def _chain(command: str, counted: Counted) -> tuple[str, bool]:
    waiting, limit = counted.chain * DELAY, LIMITS[command]
    line = f"{command:24} {counted.calls:5} {counted.chain:14} {waiting:6.2f} s {limit:5.2f} s"
    return line, waiting <= limit


def send(sizes: Sizes) -> Iterator[tuple[str, bool]]:
    """A line for many small files and one for a large one, against the aws client."""
    with tempfile.TemporaryDirectory() as folder, running(DELAY) as stub:
        small, large = Path(folder) / "small", Path(folder) / "large"
        for path in (small, large):
            path.mkdir()
        for number in range(sizes.files):
            (small / f"{number}.pdf").write_bytes(bytes([number % 256]) * sizes.file_bytes)
        _fill(large / "video.mp4", sizes.large_mebibytes)
        yield "sent                     s3link      aws    ratio   memory of both", True
        yield _compared(f"{sizes.files} small files", small, stub, sizes.runs)
        yield _compared(f"one of {sizes.large_mebibytes} MiB", large, stub, sizes.runs)


def rows(sizes: Sizes) -> Iterator[tuple[str, bool]]:
    """A line for each way of printing many deliveries, and many links."""
    yield "listed                   first row    all    memory", True
    with tempfile.TemporaryDirectory() as folder, running(DELAY, sizes.rows) as stub:
        for command, output in product(("deliveries", "links list"), ("text", "json")):
            line = [*_S3LINK, *command.split(), "--output", output]
            ran = run(line, Path(folder), stub.environment)
            title = f"{sizes.rows:,} {command.split()[0]} as {output}"
            line = f"{title:24} {ran.first_byte:7.1f} s {ran.seconds:5.1f} s"
            yield f"{line} {ran.megabytes:5.0f} MB", ran.megabytes <= MOST_MEMORY_OF_ROWS


def _compared(title: str, folder: Path, stub: Stub, runs: int) -> tuple[str, bool]:
    """Both in turns, so that both see the same machine; of each the median."""
    s3link = [*_S3LINK, "send", str(folder)]
    aws = [str(installed(AWSCLI, "aws")), "--endpoint-url", stub.url, "s3", "cp", "--recursive"]
    aws += ["--only-show-errors", str(folder), f"s3://{BUCKET}/"]
    pairs = [
        (run(s3link, folder, stub.environment), run(aws, folder, stub.environment))
        for _ in range(runs)
    ]
    ours, theirs = ([pair[which] for pair in pairs] for which in (0, 1))
    mine, others = _seconds(ours), _seconds(theirs)
    memory = [max(ran.megabytes for ran in side) for side in (ours, theirs)]
    return (
        f"{title:24} {mine:5.1f} s  {others:5.1f} s {others / mine:7.2f}"
        f"   {memory[0]:.0f} MB and {memory[1]:.0f} MB"
    ), others / mine >= LEAST_RATIO and memory[0] <= MOST_MEMORY


def _seconds(side: Sequence[Ran]) -> float:
    return median(ran.seconds for ran in side)


def _fill(path: Path, mebibytes: int) -> None:
    with path.open("wb") as file:
        for number in range(mebibytes):
            file.write(number.to_bytes(8, "big") * (MEBIBYTE // 8))


_gates: list[Rounds] = []


def _wire(aws: Any) -> Any:
    """Before the embedded AWS stands the gate of the moment, for those who call it from outside."""

    def application(environ: Environ, start_response: Any) -> Any:
        if _gates and "/_" not in environ["PATH_INFO"]:
            _gates[-1].enter()
        return aws(environ, start_response)

    return application


@contextmanager
def _rounds(quiet: float) -> Iterator[Rounds]:
    rounds = Rounds(quiet)
    with rounds.open():
        _gates.append(rounds)
        try:
            yield rounds
        finally:
            _gates.remove(rounds)


@contextmanager
def _deployed(folder: Path, options: str) -> Iterator[Operator]:
    with EmbeddedAws(wire=_wire) as aws:
        operator = operator_at(clients_of_operator(aws), folder)
        for _ in range(_TRIES):
            if not operator.s3link(f"deploy {options} --yes").exit_code:
                break
        yield operator


def _succeed(operator: Operator, line: str) -> None:
    ran = operator.s3link(line)
    if ran.exit_code:
        raise RuntimeError(ran.stderr)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; repeatable")
    parser.add_argument("--runs", type=int, default=3, help="of each side, for the median")
    parser.add_argument("--quiet", type=float, default=0.3, help="seconds that end a round")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
