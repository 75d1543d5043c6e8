"""Fires the schedules of EventBridge Scheduler: every so often, once, or when somebody says so.

moto keeps schedules and never fires one. One that runs once does so in its second, while AWS takes
up to a minute; with ActionAfterCompletion DELETE it is gone then.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import Any
from weakref import WeakKeyDictionary

from moto.awslambda.exceptions import LambdaClientError
from moto.scheduler.models import scheduler_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.iam.policies import UnreadablePolicyError
from deploy.local.iam.role_policies import check_role
from deploy.local.in_process import clients
from deploy.local.lambda_.asynchronous import AsynchronousInvocations
from deploy.local.lambda_.invocations import find_function
from deploy.local.metrics import put_metric_data
from deploy.local.scheduler.expressions import interval, moment
from deploy.local.wire.stopped_services import StoppedServices

_LOOK = 0.5  # seconds between looks which schedules are due

_log = logging.getLogger(__name__)


class NoSuchScheduleError(LookupError):
    """There is no schedule of this name."""


@dataclass(frozen=True)
class Firing:
    """One time that a schedule was fired; `error` says why its target was not invoked."""

    at: datetime
    error: str | None = None


class Schedules:
    """The schedules of one region, and the thread that fires them."""

    def __init__(
        self,
        region: str,
        queue: AsynchronousInvocations,
        services: StoppedServices,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._region = region
        self._queue = queue
        self._services = services
        self._clock = clock
        self._lock = Lock()
        # By moto's schedule: one of the same name that is made later is another one.
        self._last: WeakKeyDictionary[Any, Firing] = WeakKeyDictionary()
        self._stopping = Event()
        self._thread = Thread(target=self._watch, daemon=True, name="schedules")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def describe(self) -> list[dict[str, Any]]:
        """Every schedule as the control pages tell it."""
        return [self._description(schedule) for schedule in self._all()]

    def run(self, name: str) -> dict[str, Any]:
        """Fire a schedule now, whatever its time and state. Raises NoSuchScheduleError."""
        for schedule in self._all():
            if schedule.name == name:
                self._fire(schedule)
                return self._description(schedule)
        raise NoSuchScheduleError(f'There is no schedule "{name}".')

    def fire_due(self) -> None:
        """Fire the schedules whose time has come: an interval after they were made, or last run; or
        their moment."""
        if "scheduler" in self._services.names:
            return
        for schedule in self._all():
            if schedule.state == "ENABLED" and self._is_due(schedule):
                self._fire(schedule)
                self._delete_if_done(schedule)

    def _watch(self) -> None:
        while not self._stopping.wait(_LOOK):
            try:
                self.fire_due()
            except Exception:  # the next look may go better
                _log.exception("The schedules could not be looked through.")

    def _all(self) -> Iterator[Any]:
        for group in list(scheduler_backends[LOCAL_ACCOUNT][self._region].schedule_groups.values()):
            yield from list(group.schedules.values())

    def _is_due(self, schedule: Any) -> bool:
        rate = interval(schedule.schedule_expression)
        last = self._last.get(schedule)
        if rate is None:
            once = moment(schedule.schedule_expression, schedule.schedule_expression_timezone)
            is_over = once is None or (last is not None and last.at >= once)
            return once is not None and not is_over and self._clock() >= once
        made = datetime.fromtimestamp(schedule.creation_date, UTC)
        return self._clock() >= (max(last.at, made) if last else made) + rate

    def _delete_if_done(self, schedule: Any) -> None:
        """What runs once is over; what runs every so often never is, for EndDate is not known."""
        if interval(schedule.schedule_expression) or schedule.action_after_completion != "DELETE":
            return
        groups = scheduler_backends[LOCAL_ACCOUNT][self._region].schedule_groups
        if group := groups.get(schedule.group_name):
            group.schedules.pop(schedule.name, None)

    def _fire(self, schedule: Any) -> None:
        error = self._invoke(schedule.target)
        with self._lock:
            self._last[schedule] = Firing(self._clock(), error)
        counted = {"InvocationAttemptCount": 1}
        if error:
            _log.warning("The schedule %s did not invoke its target: %s", schedule.name, error)
            counted["TargetErrorCount"] = 1
            counted |= _send_to_dead_letters(schedule.target, self._region)
        group = {"ScheduleGroup": schedule.group_name}
        put_metric_data(LOCAL_ACCOUNT, self._region, "AWS/Scheduler", counted, group)

    def _invoke(self, target: dict[str, Any]) -> str | None:
        """Hand the event to Lambda as the target's role; why not, when it cannot."""
        arn = target["Arn"]
        try:
            check_role(target["RoleArn"], "lambda:InvokeFunction", arn)
            find_function(arn)
        except (PermissionError, UnreadablePolicyError, LambdaClientError) as exc:
            return str(exc)
        payload = target.get("Input") or "{}"
        self._queue.accept(LOCAL_ACCOUNT, arn.split(":")[3], arn, payload.encode())
        return None

    def _description(self, schedule: Any) -> dict[str, Any]:
        last = self._last.get(schedule)
        return {
            "name": schedule.name,
            "expression": schedule.schedule_expression,
            "state": schedule.state,
            "target": schedule.target["Arn"],
            "lastRun": last.at.isoformat().replace("+00:00", "Z") if last else None,
            "error": last.error if last else None,
        }


def _send_to_dead_letters(target: dict[str, Any], region: str) -> dict[str, int]:
    """Put what was not invoked where the target's DeadLetterConfig says; what to count of it."""
    queue = target.get("DeadLetterConfig", {}).get("Arn")
    if not queue:
        return {"InvocationDroppedCount": 1}
    try:
        check_role(target["RoleArn"], "sqs:SendMessage", queue)
        sqs = clients(region).sqs
        url = sqs.get_queue_url(QueueName=queue.split(":")[-1])["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=target.get("Input") or json.dumps({}))
    except Exception as exc:
        _log.warning("What a schedule could not do is not in its queue: %s", exc)
        return {"InvocationsFailedToBeSentToDeadLetterCount": 1}
    return {"InvocationsSentToDeadLetterCount": 1}
