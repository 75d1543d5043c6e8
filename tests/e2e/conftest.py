"""`s3link local` as its user starts it, and the real `aws` client beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.server import EmbeddedAws
from tests.browser import Browser
from tests.e2e.members_area import MembersArea, running_members_area
from tests.e2e.portal import Portal
from tests.e2e.portal_window import silent
from tests.tools import AWSCLI, RUN_LIMIT, installed
from tests.waiting import PATIENCE, until

Mail = dict[str, Any]


@dataclass(frozen=True)
class RunningLocal:
    """A running `s3link local`, and what it said when it was ready."""

    process: subprocess.Popen[str]
    endpoint: str
    inbox: str
    bucket: str
    region: str
    deployment: str
    portal: str | None
    programs: str | None
    members: str | None

    def mails(self) -> list[Mail]:
        with urllib.request.urlopen(f"{self.endpoint}/_s3link/mails") as answer:
            mails: list[Mail] = json.load(answer)
            return mails

    def wait_for_mail(self, wanted: Callable[[Mail], bool]) -> Mail:
        """The newest mail that is `wanted`, which may still be on its way."""
        found: list[Mail] = []
        until(lambda: found.extend(filter(wanted, self.mails())) or found)
        return found[-1]

    def post(self, path: str) -> int:
        request = urllib.request.Request(f"{self.endpoint}{path}", method="POST")
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)

    def environment(self) -> dict[str, str]:
        """What a person exports to work against it, and nothing of the machine's own AWS setup."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "LANG": "C.UTF-8",
            "AWS_ACCESS_KEY_ID": LOCAL_ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": LOCAL_SECRET_KEY,
            "AWS_DEFAULT_REGION": self.region,
        }

    def aws(self, *arguments: str | Path) -> str:
        """Run the real `aws` client against the endpoint and give its output."""
        ran = subprocess.run(
            [installed(AWSCLI, "aws"), "--endpoint-url", self.endpoint, *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=RUN_LIMIT,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def s3link(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run s3link against the endpoint, as against AWS."""
        return subprocess.run(
            [sys.executable, "-m", "deploy", *arguments, "--endpoint-url", self.endpoint],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=RUN_LIMIT,
        )


def start_local(directory: Path, *options: str) -> RunningLocal:
    """Start `s3link local` in a directory without s3link.toml and wait for its JSON line."""
    with (directory / "stderr.txt").open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy", "local", "--port", "0", "--output", "json", *options],
            cwd=directory,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )
    assert process.stdout is not None
    watchdog = Timer(PATIENCE, process.kill)
    watchdog.start()
    line = process.stdout.readline()
    watchdog.cancel()
    if not line:
        process.wait(PATIENCE)
        raise AssertionError((directory / "stderr.txt").read_text())
    return RunningLocal(process, **json.loads(line))


def stop_local(running: RunningLocal) -> int:
    """Press Ctrl-C and wait for the end; gives the exit code."""
    running.process.send_signal(signal.SIGINT)
    try:
        running.process.communicate(timeout=PATIENCE)
    finally:
        running.process.kill()
    return running.process.returncode


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLocal]:
    """A deployment with short retries and an alarm at the first dead letter."""
    running = _start_quick(tmp_path_factory.mktemp("local"))
    yield running
    stop_local(running)


@pytest.fixture
def fresh_local(tmp_path: Path) -> Iterator[RunningLocal]:
    """The same for one test alone: an alarm mails only once, when its state changes."""
    running = _start_quick(tmp_path)
    yield running
    stop_local(running)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """s3link with its portal, as nobody has configured it."""
    with EmbeddedAws(retry_delays=(0.05, 0.05)) as aws:
        yield Portal(aws, tmp_path_factory.mktemp("operator"))


@pytest.fixture
def downloads(window: Browser, tmp_path: Path) -> Path:
    """Where the browser saves what it downloads."""
    window.save_downloads_in(tmp_path)
    return tmp_path


@pytest.fixture
def browser(window: Browser, downloads: Path) -> Iterator[Browser]:
    """A window whose console stays silent."""
    with silent(window):
        yield window


@pytest.fixture
def area() -> Iterator[MembersArea]:
    """A members area without AWS, whose login saw nothing wrong."""
    with running_members_area() as area:
        yield area
    assert area.login.faults == []


@pytest.fixture
def member(window: Browser, area: MembersArea) -> Iterator[Browser]:
    """A window whose console stays silent, before the area ends."""
    with silent(window):
        yield window


def _start_quick(directory: Path) -> RunningLocal:
    return start_local(
        directory,
        *("--retry-delay", "0.2", "--retry-delay", "0.2"),
        *("--set", "DeadLetterQueueAlarmTreshold=1"),
    )
