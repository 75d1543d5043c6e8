"""Programs that the tests run, none of them for ever.

Those that s3link does not depend on have an environment of their own each: they pin their own
boto3 or botocore, so they must never share the project's environment.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

AWSCLI = "awscli==1.46.2"
CHECKOV = "checkov==3.3.30"

RUN_LIMIT = 300.0  # seconds; a busy machine is slow, a stuck program must not hang the tests
_INSTALL_LIMIT = 600.0


@contextmanager
def started(command: Sequence[str | Path], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A program with pipes; the block waits for its end. It is killed when it takes too long."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    ) as process:
        watchdog = Timer(RUN_LIMIT, process.kill)
        watchdog.start()
        try:
            yield process
            process.wait(RUN_LIMIT)
        finally:
            watchdog.cancel()
            process.kill()


def installed(requirement: str, program: str) -> Path:
    """The path of `program`, installed from PyPI on first use into `.venv-<name>` of the repo."""
    environment = ROOT / f".venv-{requirement.partition('==')[0]}"
    stamp = environment / f"installed-{requirement}"
    if not stamp.exists():
        subprocess.run(
            [sys.executable, "-m", "venv", "--clear", environment],
            check=True,
            timeout=_INSTALL_LIMIT,
        )
        subprocess.run(
            [environment / "bin/python", "-m", "pip", "install", "--quiet", requirement],
            check=True,
            timeout=_INSTALL_LIMIT,
        )
        stamp.touch()
    return environment / "bin" / program
