"""Keeping a local deployment running, until somebody stops it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.console import Console
from deploy.local.run import LocalDeployment
from deploy.local.serve import instructions, serve
from tests.tools import RUN_LIMIT


class ImpatientConsole(Console):
    """Somebody at the terminal who presses Ctrl-C as soon as there is something to read."""

    def __init__(self) -> None:
        super().__init__("json")
        self._presses = iter([signal.SIGINT])

    def progress(self, line: str, **style: Any) -> None:
        super().progress(line, **style)
        for number in self._presses:
            signal.raise_signal(number)


@pytest.fixture
def without_ctrl_c() -> Iterator[None]:
    """As in the background and below `nohup`, where programs are started with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    assert signal.signal(signal.SIGINT, before) is signal.SIG_IGN


def test_stopped_while_it_starts(capsys: pytest.CaptureFixture[str], without_ctrl_c: None) -> None:
    """What is stopped is never said to be ready: a tool would begin to use it.

    It can be stopped even where it was started with SIGINT ignored.
    """
    with pytest.raises(KeyboardInterrupt):
        serve("s3link", None, {}, port=0, retry_delays=(), console=ImpatientConsole())

    assert capsys.readouterr().out == ""


# Half a second after the main thread has begun to wait, or nearly.
IN_ANOTHER_THREAD = """
import signal, threading
from deploy.local.serve import until_stopped, wait_until

def press():
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)

with until_stopped() as stopped:
    threading.Timer(0.5, press).start()
    wait_until(stopped)
"""


@pytest.mark.slow
def test_ctrl_c_is_heard_in_whichever_thread_it_comes() -> None:
    """The system hands it to any thread, which is rarely another than the main one."""
    ended = subprocess.run([sys.executable, "-c", IN_ANOTHER_THREAD], timeout=RUN_LIMIT)

    assert ended.returncode == 0


def test_what_to_type_next() -> None:
    """Lines that work as they are, in a terminal of their own."""
    endpoint = "http://127.0.0.1:5055"
    local = LocalDeployment(endpoint, f"{endpoint}/_s3link/inbox", "files", "eu-west-1", "team")

    lines = [line.strip() for line in instructions(local).splitlines()]

    assert f"export AWS_DEFAULT_REGION=eu-west-1 AWS_ENDPOINT_URL={endpoint}" in lines
    assert "aws s3 cp report.pdf s3://files/" in lines
    assert "s3link status --name team" in lines


def test_how_to_sign_in() -> None:
    """With a members area only: its address, where the password is, and what to publish."""
    endpoint, area = "http://127.0.0.1:5055", "http://127.0.0.1:5056"
    places = (endpoint, f"{endpoint}/_s3link/inbox", "files", "eu-west-1", "team")

    told = instructions(LocalDeployment(*places, members=area))

    assert f"  Members   {area}/" in told.splitlines()
    assert "password, which is in the inbox" in told
    assert "  s3link members publish report.pdf --version 1.0.0 --name team" in told.splitlines()
    assert "members" not in instructions(LocalDeployment(*places))
