"""Programs that the tests run, none of them for ever.

Those that s3link does not depend on have an environment of their own each: they pin their own
boto3 or botocore, so they must never share the project's environment, nor its constraints.txt.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

AWSCLI, CHECKOV = "awscli", "checkov"

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
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


def constraints(name: str | None = None) -> dict[str, str]:
    """The version of each distribution that this environment, or that of a program, consists of."""
    lines = _constraints_file(name).read_text().split()
    return {canonical(one): version for one, _, version in (line.partition("==") for line in lines)}


def canonical(distribution: str) -> str:
    """As PyPI compares names."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _constraints_file(name: str | None) -> Path:
    return ROOT / (f"tests/constraints-{name}.txt" if name else "constraints.txt")


def installed(name: str, program: str) -> Path:
    """The path of `program`, installed from PyPI on first use into `.venv-<name>` of the repo."""
    environment, versions = ROOT / f".venv-{name}", _constraints_file(name)
    stamp = environment / f"installed-{hashlib.sha256(versions.read_bytes()).hexdigest()}"
    with versions.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # one process installs, the others wait for it
        if not stamp.exists():
            make_environment(environment, "--constraint", versions, name)
            stamp.touch()
    return environment / "bin" / program


def make_environment(folder: Path, *requirements: str | Path) -> None:
    """A new environment with what `pip install` takes from these, but without a pip of its own."""
    venv = [sys.executable, "-m", "venv", "--clear", "--without-pip", folder]
    subprocess.run(venv, check=True, timeout=_INSTALL_LIMIT)
    # Only what runs is compiled, when it runs.
    install = ["--python", folder, "install", "--quiet", "--no-compile", *requirements]
    subprocess.run([*PIP, *install], check=True, timeout=_INSTALL_LIMIT)
