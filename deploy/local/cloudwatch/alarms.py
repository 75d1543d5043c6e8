"""Evaluates CloudWatch alarms every second and lets them act; moto keeps alarms but never looks.

    watch = AlarmWatch(region); watch.start(); ...; watch.stop()

A datapoint is the statistic over one Period, counted back from now: the newest covers the last
Period seconds, the next the Period before, and so on; CloudWatch itself counts by the clock.
The depth of an SQS queue is what it is now, for every period. Of M datapoints (DatapointsToAlarm)
in N (EvaluationPeriods), TreatMissingData decides about those without data.
"""

from __future__ import annotations

import logging
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.sqs.models import sqs_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.cloudwatch.alarm_mail import StateChange, announce

OK = "OK"
ALARM = "ALARM"
INSUFFICIENT_DATA = "INSUFFICIENT_DATA"

_INTERVAL = 1.0  # seconds between two evaluations
_NEVER_EVALUATED = "Unchecked: Initial alarm creation"  # moto's words

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "Maximum": max,
    "Minimum": min,
    "Average": lambda values: sum(values) / len(values),
    "SampleCount": len,
}

# Namespace, name and dimensions of a metric; and when it had which values.
_Metric = tuple[str, str, frozenset[tuple[str, str]]]
_Values = dict[_Metric, list[tuple[datetime, float]]]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rule:
    """When an alarm is in which state."""

    comparison: str
    threshold: float
    needed: int
    missing: str

    def judge(self, datapoints: Sequence[float | None], state: str) -> str:
        """The state that follows from the datapoints, newest first; None stands for no data."""
        if all(point is None for point in datapoints):
            if self.missing == "ignore":
                return state
            if self.missing not in ("breaching", "notBreaching"):
                return INSUFFICIENT_DATA
        breaching = sum(self._breaches(point) for point in datapoints)
        return ALARM if breaching >= self.needed else OK

    def _breaches(self, point: float | None) -> bool:
        if point is None:
            return self.missing == "breaching"
        return _COMPARISONS[self.comparison](point, self.threshold)


class AlarmWatch:
    """Looks at every alarm of a region, in a thread of its own."""

    def __init__(
        self,
        region: str,
        interval: float = _INTERVAL,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._region = region
        self._interval = interval
        self._clock = clock
        # The last state that was acted upon, by alarm.
        self._states: dict[str, str] = {}
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="alarms", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._interval):
            try:
                self.evaluate()
            except Exception:  # one broken alarm must not silence the others for good
                _log.exception("The alarms could not be evaluated.")

    def evaluate(self) -> None:
        """Bring every alarm to the state that its metric gives it, and let it act."""
        backend = cloudwatch_backends[LOCAL_ACCOUNT][self._region]
        values = _values_by_metric(list(backend.metric_data))
        for alarm in list(backend.alarms.values()):
            self._evaluate(alarm, values)

    def _evaluate(self, alarm: Any, values: _Values) -> None:
        before = self._states.get(alarm.alarm_arn, INSUFFICIENT_DATA)
        if alarm.state_reason == _NEVER_EVALUATED:
            # moto calls a new alarm OK, and one that is changed new.
            alarm.update_state("Unchecked", "{}", before)
        if alarm.state_value != before:
            # Somebody used SetAlarmState.
            self._act(alarm, before)
            before = alarm.state_value
        if alarm.rule:
            return  # a composite alarm is only set by hand
        points = self._datapoints(alarm, values)
        state = _rule(alarm).judge(points, before)
        if state != before:
            alarm.update_state(_reason(alarm, state, points), "{}", state)
            self._act(alarm, before)

    def _act(self, alarm: Any, before: str) -> None:
        self._states[alarm.alarm_arn] = alarm.state_value
        if alarm.actions_enabled:
            announce(StateChange.of(alarm, before, self._clock(), self._region))

    def _datapoints(self, alarm: Any, known: _Values) -> list[float | None]:
        if alarm.namespace == "AWS/SQS":
            depth = _queue_depth(alarm, self._region)
            return [depth] * int(alarm.evaluation_periods)
        now, period = self._clock(), timedelta(seconds=int(alarm.period))
        values = known.get(_metric(alarm.namespace, alarm.metric_name, alarm), [])
        points: list[float | None] = []
        for number in range(int(alarm.evaluation_periods)):
            end = now - number * period
            inside = [value for time, value in values if end - period < time <= end]
            points.append(_STATISTICS[alarm.statistic](inside) if inside else None)
        return points


def _rule(alarm: Any) -> Rule:
    return Rule(
        comparison=alarm.comparison_operator,
        threshold=float(alarm.threshold),
        needed=int(alarm.datapoints_to_alarm or alarm.evaluation_periods),
        missing=alarm.treat_missing_data or "missing",
    )


def _dimensions(metric: Any) -> frozenset[tuple[str, str]]:
    return frozenset((dimension.name, dimension.value) for dimension in metric.dimensions)


def _metric(namespace: str, name: str, of: Any) -> _Metric:
    return namespace, name, _dimensions(of)


def _values_by_metric(data: Sequence[Any]) -> _Values:
    values: _Values = {}
    for datum in data:
        if not hasattr(datum, "value"):
            continue  # moto keeps StatisticValues without their single values
        metric = _metric(datum.namespace, datum.name, datum)
        values.setdefault(metric, []).append((_aware(datum.timestamp), float(datum.value)))
    return values


def _queue_depth(alarm: Any, region: str) -> float | None:
    names = {value for name, value in _dimensions(alarm) if name == "QueueName"}
    for name, queue in sqs_backends[LOCAL_ACCOUNT][region].queues.items():
        if name in names and alarm.metric_name == "ApproximateNumberOfMessagesVisible":
            return float(queue.approximate_number_of_messages)
    return None


def _aware(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time


def _reason(alarm: Any, state: str, points: Sequence[float | None]) -> str:
    known = [point for point in points if point is not None]
    if not known:
        kind = alarm.treat_missing_data or "missing"
        return f"No datapoints were received; missing data is treated as {kind}."
    values = ", ".join(str(point) for point in known)
    crossed = "" if state == ALARM else "not "
    return (
        f"Threshold Crossed: {len(known)} datapoint(s) [{values}] {crossed}breaching the "
        f"threshold ({float(alarm.threshold)}, {alarm.comparison_operator})."
    )
