"""How soon `s3link --help` answers, against `aws --version`, both measured in this run.

    python benchmarks/startup.py

Exits with 1 when s3link needs half of the time of `aws`, or more.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from tests.tools import AWSCLI, RUN_LIMIT, constraints, installed

RUNS = 15
LIMIT = 0.5  # s3link's time as a part of aws's


def main() -> int:
    s3link, aws = measure(RUNS)
    ratio = s3link / aws
    print(f"s3link --help  {s3link * 1000:5.0f} ms")
    print(f"aws --version  {aws * 1000:5.0f} ms  ({AWSCLI} {constraints(AWSCLI)[AWSCLI]})")
    print(f"ratio          {ratio:8.2f}  (medians of {RUNS} runs each, limit {LIMIT})")
    return 0 if ratio < LIMIT else 1


def measure(runs: int) -> tuple[float, float]:
    """The median seconds of both, taken in turns so that both see the same machine."""
    s3link = [Path(sys.executable).with_name("s3link"), "--help"]
    aws = [installed(AWSCLI, "aws"), "--version"]
    for command in (s3link, aws):  # once unmeasured, so that both are in the disk cache
        seconds(command)
    pairs = [(seconds(s3link), seconds(aws)) for _ in range(runs)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def seconds(command: list[str | Path]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=RUN_LIMIT)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
