"""Runs Lambda functions: the zip that moto holds, in child processes under AWS's runtime client.

moto would start Docker containers. Here a function's processes are started on demand, take one
event at a time, stay warm, and are replaced once the function's code or settings have changed.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from threading import Condition
from typing import Any

from deploy.local.lambda_.runtime_api import Answer
from deploy.local.lambda_.sandbox import Sandbox
from deploy.local.lambda_.settings import FunctionSettings
from deploy.local.metrics import put_metric_data

# More events at once wait for a free process: a laptop is not a region.
PROCESSES_PER_FUNCTION = 4
# And what a region does within a time limit takes longer on a busy one.
PATIENCE = 5.0  # times the limit


class ThrottledError(Exception):
    """The function's reserved concurrency is used up; `for_good` when none is reserved at all."""

    def __init__(self, for_good: bool) -> None:
        super().__init__("Rate Exceeded.")
        self.for_good = for_good


class StoppedError(Exception):
    """The embedded AWS is stopping: nothing runs any more."""


@dataclass(frozen=True)
class Result:
    """What came of one invocation, with the end of its log."""

    answer: Answer
    log_tail: bytes = b""


@dataclass(eq=False)
class _Pool:
    """The processes of one function in one state of its code and settings."""

    settings: FunctionSettings
    code: Path
    in_use: int = 0
    idle: list[Sandbox] = field(default_factory=list)


class Functions:
    """The processes of all functions. Safe to use from several threads."""

    def __init__(self, endpoint: str, leap: bool = False, patience: float = PATIENCE) -> None:
        """With `leap` the functions' sleep moves their clock instead of waiting.

        `patience`: how many times their time limits they, and those who wait for them, are given.
        """
        self.patience = patience
        self._endpoint = endpoint
        self._leap = leap
        self._directory = TemporaryDirectory(prefix="s3link-local-")
        self._codes: dict[str, Path] = {}
        self._pools: dict[str, _Pool] = {}
        self._sandboxes: set[Sandbox] = set()
        self._starting = 0
        self._changed = Condition()
        self._stopped = False

    def invoke(
        self,
        function: Any,
        request_id: str,
        payload: bytes,
        begins: Callable[[], object] = lambda: None,
    ) -> Result:
        """Run moto's `function` on one event, and count it; says when it `begins`.

        Raises ThrottledError when it may not run now, StoppedError when nothing may.
        """
        try:
            with self._slot(function) as pool:
                begins()
                result, duration = self._run(pool, request_id, payload)
        except ThrottledError:
            put_metrics(function, Throttles=1)
            raise
        errors = int(result.answer.failed)
        put_metrics(function, Invocations=1, Errors=errors, Duration=duration)
        return result

    def forget(self, function: Any) -> None:
        """Stop the idle processes of a function that is gone; busy ones stop when they are done."""
        with self._changed:
            self._retire(function.function_arn)

    def kill_processes(self, function_name: str) -> int:
        """Kill the function's processes, busy or not; gives how many there were.

        What they work on fails with Runtime.ExitError. The next event gets a new process.
        """
        with self._changed:
            killed = [each for each in self._sandboxes if each.settings.name == function_name]
        for sandbox in killed:
            sandbox.stop()
        return len(killed)

    def stop(self) -> None:
        """Kill every process and remove every file; returns when none is left."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._starting)
            sandboxes = set(self._sandboxes)
        for sandbox in sandboxes:
            sandbox.stop()
        self._directory.cleanup()

    @contextmanager
    def _slot(self, function: Any) -> Iterator[_Pool]:
        """The right to run one event of `function`."""
        reserved = function.reserved_concurrency
        with self._changed:
            pool = self._pool_of(function)
            if reserved is not None and pool.in_use >= int(reserved):
                raise ThrottledError(for_good=int(reserved) == 0)
            while pool.in_use >= PROCESSES_PER_FUNCTION and not self._stopped:
                self._changed.wait()
            if self._stopped:
                raise StoppedError
            pool.in_use += 1
        try:
            yield pool
        finally:
            with self._changed:
                pool.in_use -= 1
                self._changed.notify_all()

    def _run(self, pool: _Pool, request_id: str, payload: bytes) -> tuple[Result, float]:
        sandbox = self._take(pool)
        try:
            answer, duration = sandbox.invoke(request_id, payload, self.patience)
            if self._stopped:
                raise StoppedError
            return Result(answer, sandbox.log.tail()), duration
        finally:
            self._give_back(pool, sandbox)

    def _take(self, pool: _Pool) -> Sandbox:
        """A warm process, else a new one, for whose start nobody waits but `stop`."""
        with self._changed:
            if self._stopped:
                raise StoppedError
            while pool.idle:
                warm = pool.idle.pop()
                if warm.is_usable:
                    return warm
                self._dispose(warm)
            self._starting += 1
        sandbox: Sandbox | None = None
        try:
            sandbox = Sandbox(pool.settings, pool.code, self._endpoint, self._leap)
            return sandbox
        finally:
            with self._changed:
                self._starting -= 1
                if sandbox:
                    self._sandboxes.add(sandbox)
                self._changed.notify_all()

    def _give_back(self, pool: _Pool, sandbox: Sandbox) -> None:
        with self._changed:
            is_current = self._pools.get(pool.settings.arn) is pool
            if is_current and sandbox.is_usable:
                pool.idle.append(sandbox)
            else:
                self._dispose(sandbox)

    def _pool_of(self, function: Any) -> _Pool:
        settings = FunctionSettings.of(function)
        pool = self._pools.get(settings.arn)
        if pool is None or pool.settings != settings:
            self._retire(settings.arn)
            pool = self._pools[settings.arn] = _Pool(settings, self._unpacked(function))
        return pool

    def _unpacked(self, function: Any) -> Path:
        """One folder for all functions with this code, which Python compiles there once."""
        code = self._codes.get(function.code_sha_256)
        if code is None:
            code = Path(mkdtemp(dir=self._directory.name, prefix="code-")) / "task"
            with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as archive:
                archive.extractall(code)
            self._codes[function.code_sha_256] = code
        return code

    def _retire(self, arn: str) -> None:
        pool = self._pools.pop(arn, None)
        for sandbox in pool.idle if pool else ():
            self._dispose(sandbox)

    def _dispose(self, sandbox: Sandbox) -> None:
        sandbox.stop()
        self._sandboxes.discard(sandbox)


def put_metrics(function: Any, **values: float) -> None:
    """Add one value to each of the named metrics of moto's `function`."""
    place = function.account_id, function.region
    put_metric_data(*place, "AWS/Lambda", values, {"FunctionName": function.function_name})
