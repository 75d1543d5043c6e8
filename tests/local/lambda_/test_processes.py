"""A function's process is the same whether it is forked or started anew."""

from __future__ import annotations

import json
import os
import signal
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from deploy.local.lambda_.processes import FORKS, Process, start_process
from tests.local.account import is_alive, open_files
from tests.waiting import until

TELLING = """
import json, os, sys, time

sleep = time.sleep
begun = time.time()
sleep(1000 if "leap" in os.environ else 0)
print(json.dumps({
    "environment": dict(os.environ),
    "cwd": os.getcwd(),
    "arguments": sys.argv,
    "path": sys.path,
    "ours": [name for name in sys.modules if name.split(".")[0] in ("deploy", "moto", "tests")],
    "input": sys.stdin.read(),
    "is leader": os.getpgid(0) == os.getsid(0) == os.getpid(),
    "files": sorted(int(each) for each in os.listdir("/proc/self/fd")),
    "zone": time.tzname,
    "slept": round(time.time() - begun, -2),
}), flush=True)
os._exit(7)
"""


def _task(folder: Path, source: str) -> tuple[str, Path, dict[str, str]]:
    """What a function's process is started with."""
    (folder / "main.py").write_text(textwrap.dedent(source))
    environment = {
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
        "LAMBDA_TASK_ROOT": str(folder),
        "LANG": "C.UTF-8",
        "TZ": "Asia/Tokyo",
    }
    return "main.handle", folder, environment


def _told(process: Process) -> Any:
    with process.stdin, process.stdout:
        return json.loads(process.stdout.read())


def _parent(process: Process) -> int:
    with process.stdout:
        return int(process.stdout.readline())


only_forked = pytest.mark.skipif(not FORKS, reason="processes are forked on Linux only")


@only_forked
@pytest.mark.parametrize("leap", [False, True])
def test_forked_or_started(tmp_path: Path, leap: bool) -> None:
    """It sees the same of its environment, its files and its time, and its status is the same."""
    handler, cwd, environment = _task(tmp_path, TELLING)
    environment |= {"leap": "yes"} if leap else {}

    processes = [start_process(handler, cwd, environment, leap, forks) for forks in (True, False)]

    forked, started = map(_told, processes)
    assert [process.wait() for process in processes] == [7, 7]
    assert [process.poll() for process in processes] == [7, 7]
    assert forked["environment"] == environment
    assert (forked["ours"], forked["input"], forked["is leader"]) == ([], "", True)
    assert forked["zone"] == ["JST", "JST"]
    assert forked["slept"] == (1000 if leap else 0)
    assert forked == started


def test_its_end_is_told(tmp_path: Path) -> None:
    """Another that still runs does not keep it from being known."""
    processes = [start_process(*_task(tmp_path, "import time; time.sleep(1000)")) for _ in range(2)]
    first, second = processes
    for process in processes:
        process.stdout.close()

    assert [process.poll() for process in processes] == [None, None]
    os.kill(first.pid, signal.SIGTERM)

    assert first.wait() == -signal.SIGTERM
    assert second.poll() is None
    second.stdin.close()  # as at the end of this process
    assert second.wait() == -signal.SIGKILL
    first.stdin.close()
    assert not any(is_alive(process.pid) for process in processes)


@only_forked
def test_when_the_program_that_is_forked_was_killed(tmp_path: Path) -> None:
    """Its processes count as killed, too; the next one gets a new program."""
    source = "import os, time; print(os.getppid(), flush=True); time.sleep(1000)"
    process = start_process(*_task(tmp_path, source))
    program = _parent(process)

    os.kill(program, signal.SIGKILL)

    assert process.wait() == -signal.SIGKILL
    process.stdin.close()
    until(lambda: not is_alive(process.pid))
    after = start_process(*_task(tmp_path, source))
    assert _parent(after) != program
    after.stdin.close()
    assert after.wait() == -signal.SIGKILL


@only_forked
def test_an_order_that_the_program_did_not_live_to_read(tmp_path: Path) -> None:
    """It is given to the next program; what was opened for it is closed."""
    task = _task(tmp_path, "import os, time; print(os.getppid(), flush=True); time.sleep(1000)")
    first = start_process(*task)
    program = _parent(first)
    before = open_files()
    os.kill(program, signal.SIGSTOP)
    with ThreadPoolExecutor() as pool:
        starting = pool.submit(start_process, *task)
        until(lambda: open_files() > before)
        os.kill(program, signal.SIGKILL)
        second = starting.result()

    assert _parent(second) != program
    for process in (first, second):
        process.stdin.close()
        process.wait()
    assert open_files() <= before


@pytest.mark.parametrize("forks", [True, False] if FORKS else [False])
def test_a_folder_that_is_gone_is_the_functions_own_fault(tmp_path: Path, forks: bool) -> None:
    """As of a process that was started anew, its number is never another's."""
    handler, cwd, environment = _task(tmp_path, "")
    if not forks:
        with pytest.raises(FileNotFoundError):
            start_process(handler, cwd / "gone", environment, forks=forks)
        return

    process = start_process(handler, cwd / "gone", environment, forks=forks)

    with process.stdin, process.stdout:
        assert b"FileNotFoundError" in process.stdout.read()
    assert process.wait() == 1
    assert process.pid > 1


@only_forked
def test_an_order_that_is_too_long_leaves_nothing_open(tmp_path: Path) -> None:
    handler, cwd, environment = _task(tmp_path, "")
    before = open_files()

    with pytest.raises(OSError, match="too long"):
        start_process(handler, cwd, {**environment, "LONG": "x" * 1_000_000})

    assert open_files() <= before + 1  # the program's socket
