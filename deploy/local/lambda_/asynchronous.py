"""Asynchronous invocations: accepted at once, run later, tried again, then dead-lettered.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Condition, Thread
from typing import Any
from uuid import uuid4

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import lambda_backends

from deploy.local.iam.role_policies import check_role
from deploy.local.in_process import clients
from deploy.local.lambda_.functions import (
    PROCESSES_PER_FUNCTION,
    Functions,
    StoppedError,
    ThrottledError,
    put_metrics,
)
from deploy.local.lambda_.runtime_api import Answer
from deploy.local.lambda_.settings import invocation_rules

AWS_RETRY_DELAYS = (60.0, 120.0)  # seconds before the second and the third try, Lambda's own
_THROTTLED_DELAY = 1.0  # seconds at most, doubled with each throttled try, as Lambda does …
_THROTTLED_DELAY_LIMIT = 300.0  # … up to this many

_BUSY_FUNCTIONS = 3  # that can have all their processes at work on events

_HTTP_OK = 200  # Lambda did run the function: so ErrorCode says of a function that failed
_HTTP_TOO_MANY_REQUESTS = 429

_log = logging.getLogger(__name__)

_MESSAGE_LIMIT = 1024  # bytes of the error message that Lambda passes on


@dataclass(frozen=True)
class Event:
    """One accepted event and how often it has been tried so far."""

    account: str
    region: str
    function: str  # name, or ARN
    request_id: str
    payload: bytes
    accepted: float  # by the queue's clock
    failures: int = 0
    throttles: int = 0


class AsynchronousInvocations:
    """A queue of events and the threads that work on it."""

    def __init__(
        self, functions: Functions, retry_delays: Sequence[float] = AWS_RETRY_DELAYS
    ) -> None:
        self._functions = functions
        self._retry_delays = tuple(retry_delays) or AWS_RETRY_DELAYS
        # Whoever is in a hurry with failed events is so with throttled ones, too.
        self._throttled_delay = min(_THROTTLED_DELAY, max(self._retry_delays[0], 0.01))
        self._due: list[tuple[float, int, Event]] = []
        self._order = itertools.count()
        self._running: Counter[str] = Counter()  # tries under way, by function
        self._changed = Condition()
        self._ahead = 0.0  # seconds that the queue's clock is ahead
        self._stopped = False
        self._workers = [
            Thread(target=self._work, daemon=True, name="asynchronous")
            for _ in range(_BUSY_FUNCTIONS * PROCESSES_PER_FUNCTION)
        ]
        for worker in self._workers:
            worker.start()

    def accept(self, account: str, region: str, function: str, payload: bytes) -> str:
        """Take the event for `function` (name or ARN); gives the request's id at once."""
        request_id = str(uuid4())
        event = Event(account, region, function, request_id, payload, self._now())
        with contextlib.suppress(LambdaClientError):  # whoever tries it will say so
            put_metrics(_function_of(event), AsyncEventsReceived=1)
        self._schedule(event, delay=0)
        return request_id

    def stop(self) -> None:
        """Forget what waits; call it after the functions are stopped."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for worker in self._workers:
            worker.join()

    def pass_time(self, seconds: float) -> None:
        """Move the clock ahead by which events wait for their next try."""
        with self._changed:
            self._ahead += seconds
            self._changed.notify_all()

    def waiting(self, function_name: str) -> int:
        """How many events of a function have failed and wait for their next try."""
        with self._changed:
            waiting = [event for _, _, event in self._due if event.failures]
        return sum(event.function.rpartition(":")[2] == function_name for event in waiting)

    def _now(self) -> float:
        return time.monotonic() + self._ahead

    def _schedule(self, event: Event, delay: float) -> None:
        with self._changed:
            self._due.append((self._now() + delay, next(self._order), event))
            self._changed.notify_all()

    def _next(self) -> Event | None:
        """The next event that is due, and whose function has a process to spare; None at the end.

        So the events of a busy function do not keep those of another one waiting.
        """
        with self._changed:
            while not self._stopped:
                first = min(filter(self._has_a_process, self._due), default=None)
                wait = first[0] - self._now() if first else None
                if first and wait is not None and wait <= 0:
                    self._due.remove(first)
                    self._running[first[2].function] += 1
                    return first[2]
                self._changed.wait(wait)
        return None

    def _has_a_process(self, waiting: tuple[float, int, Event]) -> bool:
        return self._running[waiting[2].function] < PROCESSES_PER_FUNCTION

    def _work(self) -> None:
        while event := self._next():
            try:
                self._try(event)
            except StoppedError:
                return
            except Exception as exc:  # the function is gone, for example
                _log.error("An event for %s is lost: %s", event.function, exc)
            finally:
                with self._changed:
                    self._running[event.function] -= 1
                    self._changed.notify_all()

    def _try(self, event: Event) -> None:
        function = _function_of(event)
        put_metrics(function, AsyncEventAge=(self._now() - event.accepted) * 1000)
        try:
            answer = self._run(function, event)
        except ThrottledError as throttled:
            delay = min(self._throttled_delay * 2**event.throttles, _THROTTLED_DELAY_LIMIT)
            later = replace(event, throttles=event.throttles + 1)
            failure = Failure(event.request_id, _HTTP_TOO_MANY_REQUESTS, str(throttled))
            self._try_later(function, later, None if throttled.for_good else delay, failure)
            return
        if answer.failed:
            later = replace(event, failures=event.failures + 1)
            failure = Failure(event.request_id, _HTTP_OK, _error_message(answer))
            self._try_later(function, later, self._retry_delay(function, later), failure)

    def _run(self, function: Any, event: Event) -> Answer:
        try:
            return self._functions.invoke(function, event.request_id, event.payload).answer
        except (ThrottledError, StoppedError):
            raise
        except Exception as exc:  # a package that cannot be unpacked, no memory for a process …
            _log.exception("%s could not be run.", event.function)
            return Answer.error("ServiceException", repr(exc))

    def _retry_delay(self, function: Any, event: Event) -> float | None:
        """Seconds until the next try after a function error; None when it was the last one."""
        if event.failures > invocation_rules(function).retries:
            return None
        return self._retry_delays[min(event.failures, len(self._retry_delays)) - 1]

    def _try_later(
        self, function: Any, event: Event, delay: float | None, failure: Failure
    ) -> None:
        rules = invocation_rules(function)
        age = self._now() - event.accepted
        if delay is not None and age + delay <= rules.maximum_event_age:
            self._schedule(event, delay)
            return
        put_metrics(function, AsyncEventsDropped=1)
        if rules.dead_letter_target_arn:
            send_to_dead_letters(function, rules.dead_letter_target_arn, event.payload, failure)


def _function_of(event: Event) -> Any:
    return lambda_backends[event.account][event.region].get_function(event.function)


def _error_message(answer: Answer) -> str:
    """What the function's error says; a function can answer anything, so this takes anything."""
    try:
        return str(json.loads(answer.payload)["errorMessage"])
    except (ValueError, LookupError, TypeError):
        return answer.payload.decode("utf-8", "replace")


@dataclass(frozen=True)
class Failure:
    """Why an event was given up: Lambda's own status code, and what the function's error said."""

    request_id: str
    code: int
    message: str

    def attributes(self) -> dict[str, Any]:
        message = self.message.encode()[:_MESSAGE_LIMIT].decode("utf-8", "ignore")
        return {
            "RequestID": {"DataType": "String", "StringValue": self.request_id},
            "ErrorCode": {"DataType": "Number", "StringValue": str(self.code)},
            # An attribute cannot be empty.
            "ErrorMessage": {"DataType": "String", "StringValue": message or " "},
        }


def send_to_dead_letters(function: Any, target: str, payload: bytes, failure: Failure) -> None:
    """Send the original event to `target`, the ARN of a queue or a topic."""
    aws = clients(function.region)
    body, attributes = payload.decode(), failure.attributes()
    try:
        is_topic = target.split(":")[2] == "sns"
        check_role(function.role, "sns:Publish" if is_topic else "sqs:SendMessage", target)
        if is_topic:
            aws.sns.publish(TopicArn=target, Message=body, MessageAttributes=attributes)
        else:
            queue = aws.sqs.get_queue_url(QueueName=target.split(":")[-1])["QueueUrl"]
            aws.sqs.send_message(QueueUrl=queue, MessageBody=body, MessageAttributes=attributes)
    except Exception:
        put_metrics(function, DeadLetterErrors=1)
        _log.exception("An event of %s could not be dead-lettered.", function.function_name)
