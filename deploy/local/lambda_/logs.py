"""Writes what a function's process prints into the embedded AWS's CloudWatch Logs."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from threading import Lock
from typing import Any
from uuid import uuid4

from moto.logs.models import logs_backends

from deploy.local.iam.policies import UnreadablePolicyError
from deploy.local.iam.requested_actions import log_arn
from deploy.local.iam.role_policies import check_role
from deploy.local.lambda_.settings import LATEST, FunctionSettings

_TAIL_LIMIT = 4096  # bytes of X-Amz-Log-Result, as on AWS

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Report:
    """How one invocation went; `status` is success, error or timeout."""

    request_id: str
    status: str
    duration: float  # milliseconds
    peak_memory: float  # MiB


class FunctionLog:
    """One log stream: that of one process. Safe to use from several threads."""

    def __init__(self, settings: FunctionSettings) -> None:
        today = datetime.now(UTC)
        self._settings = settings
        self.stream = f"{today:%Y/%m/%d}/[{LATEST}]{uuid4().hex}"
        self._lock = Lock()
        self._since_start: list[str] = []

    def write(self, messages: Sequence[str]) -> None:
        """Append one log event per message."""
        if not messages:
            return
        now = int(time.time() * 1000)
        group = self._settings.log_group
        with self._lock:
            self._since_start += messages
            logs = logs_backends[self._settings.account][self._settings.region]
            if not self._may_write(is_new=group not in logs.groups):
                return
            logs.ensure_log_group(group)
            logs.ensure_log_stream(group, self.stream)
            events: list[dict[str, Any]] = [
                {"timestamp": now, "message": message} for message in messages
            ]
            logs.put_log_events(group, self.stream, events)

    def start(self, request_id: str) -> None:
        with self._lock:
            self._since_start = []
        if self._is_json:
            record = {"requestId": request_id, "version": LATEST}
            self.write([_platform_event("platform.start", record)])
        else:
            self.write([f"START RequestId: {request_id} Version: {LATEST}"])

    def end(self, report: Report) -> None:
        if self._is_json:
            metrics = {
                "durationMs": round(report.duration, 2),
                "billedDurationMs": ceil(report.duration),
                "memorySizeMB": self._settings.memory,
                "maxMemoryUsedMB": self._told_memory(report),
            }
            record = {"requestId": report.request_id, "status": report.status, "metrics": metrics}
            self.write([_platform_event("platform.report", record)])
        else:
            self.write(
                [
                    f"END RequestId: {report.request_id}",
                    f"REPORT RequestId: {report.request_id}\tDuration: {report.duration:.2f} ms\t"
                    f"Billed Duration: {ceil(report.duration)} ms\t"
                    f"Memory Size: {self._settings.memory} MB\t"
                    f"Max Memory Used: {self._told_memory(report)} MB",
                ]
            )

    def _told_memory(self, report: Report) -> int:
        """Lambda never tells of more than there is."""
        return min(ceil(report.peak_memory), self._settings.memory)

    def tail(self) -> bytes:
        """The end of what was logged since `start`."""
        with self._lock:
            return "\n".join(self._since_start).encode()[-_TAIL_LIMIT:]

    def _may_write(self, is_new: bool) -> bool:
        """Whether the function's role lets Lambda write this log."""
        actions = ["logs:CreateLogGroup"] * is_new + ["logs:CreateLogStream", "logs:PutLogEvents"]
        settings = self._settings
        stream = log_arn(settings.region, settings.log_group, self.stream)
        try:
            for action in actions:
                check_role(settings.role, action, stream)
        except (PermissionError, UnreadablePolicyError) as exc:
            _log.warning("A line of %s is not logged: %s", settings.name, exc)
            return False
        return True

    @property
    def _is_json(self) -> bool:
        return self._settings.log_format == "JSON"


def _platform_event(kind: str, record: dict[str, Any]) -> str:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"time": now, "type": kind, "record": record})
