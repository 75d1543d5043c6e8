"""Runs a program and says how long it took, when it printed first, and how much memory it had."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# A program begins with the memory of whoever starts it: so this small one does, and writes down
# how much the program had at most, in ru_maxrss's unit.
_START = """
import os, sys
report, *command = sys.argv[1:]
child = os.fork()
if not child:
    os.execvp(command[0], command)
_, status, used = os.wait4(child, 0)
with open(report, "w") as file:
    file.write(str(used.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""
_BYTES = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss's unit
_LIMIT = 1_800.0  # seconds


@dataclass(frozen=True)
class Ran:
    """`megabytes` is the most memory that it had at a time, `first_byte` when it printed first."""

    seconds: float
    first_byte: float
    megabytes: float


def run(command: Sequence[str], folder: Path, place: Mapping[str, str]) -> Ran:
    """Run it without anybody's own settings; `place` are the variables of AWS's whereabouts."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder.parent),
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        **place,
    }
    report, told = folder.parent / "memory", folder.parent / "told"
    starter = [sys.executable, "-S", "-c", _START, str(report)]
    start = time.perf_counter()
    with (
        told.open("wb") as stderr,
        subprocess.Popen(
            [*starter, *command],
            stdout=subprocess.PIPE,
            stderr=stderr,
            cwd=folder.parent,
            env=environment,
        ) as process,
    ):
        first_byte = 0.0
        while process.stdout and process.stdout.read(64 * 1024 if first_byte else 1):
            first_byte = first_byte or time.perf_counter() - start
        process.wait(_LIMIT)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(told.read_text())
    return Ran(seconds, first_byte, int(report.read_text()) * _BYTES / 1_000_000)
