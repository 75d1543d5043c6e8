"""One burst, from its first upload to the end of its last event, and how it went."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from function.errors import FunctionError
from function.invocation import Invocation
from ledger.claims import Ledger
from link_generator.announcement import announce_all
from link_generator.settings import Services, Settings

from benchmarks.simulated.clock import START, Clock, TimeLimitReached
from benchmarks.simulated.queues import (
    TIME_LIMIT,
    Event,
    Function,
    LambdaQueue,
    SqsQueue,
)
from benchmarks.simulated.services import Latency, Signer, World, key_of, recipient_of

ACCOUNT_CONCURRENCY = 1000  # Lambda's quota for most accounts
ARRIVALS_PER_SECOND = 1000
# A duplicate comes within moments of the first event or within minutes, as S3's event or as a
# second run of Lambda's own, which has the first one's request id.
MOMENTS, MINUTES = 0.05, 120.0  # seconds

_BUCKET = "example-files"
# Files live long enough for the slowest burst (100,000 uploads at 1 mail a second are 28 hours).
_SETTINGS = Settings.from_environment(
    {
        "AccountId": "123456789012",
        "DeploymentName": "s3link",
        "FileExchangeBucketName": _BUCKET,
        "EmailSender": "files@example.com",
        "EmailRecipient": "team@example.com",
        "AuthorizedRecipients": "@example.com",
        "ExchangableObjectsTTL": "14",
        "LinkExpirationPeriod": "18000",
        "ConfigSetName": "s3link-sender-mails",
        "LinkDownloadTemplateName": "s3link-sender-download",
        "LogsTTL": "90",
        "DeliveriesLedgerName": "s3link-generator-DeliveriesLedger-1",
    }
)

Announce = Callable[[object, Settings, Services, Invocation], Any]


@dataclass(frozen=True)
class Burst:
    """So many uploads at once, one recipient each; `rate` is SES's, in mails a second.

    `concurrency` is how many handlers Lambda runs at once; `by_sqs` puts a queue before it.
    """

    uploads: int
    rate: float
    concurrency: int = ACCOUNT_CONCURRENCY
    by_sqs: bool = False
    duplicates: float = 0.01
    seed: int = 1


@dataclass(frozen=True)
class Ending:
    """What became of a burst; `seconds` is when the last mail left."""

    burst: Burst
    lost: int
    twice: int
    dead: int
    seconds: float
    runs: int
    cold_starts: int
    busy_seconds: float
    mail_calls: int
    throttles: int

    @property
    def ideal(self) -> float:
        return self.burst.uploads / self.burst.rate

    @property
    def ratio(self) -> float:
        return self.seconds / self.ideal


def simulate(burst: Burst, announce: Announce = announce_all) -> Ending:
    """Let the burst happen. `announce` is the handler's code; tests give a wrong one."""
    clock = Clock()
    rng = random.Random(burst.seed)  # noqa: S311 - chance, not secrecy
    world = World.with_rate(burst.rate, Latency(clock, rng))
    function = Function(
        clock, rng, burst.concurrency, lambda event: _handle(event, clock, rng, world, announce)
    )
    queue = SqsQueue(function) if burst.by_sqs else LambdaQueue(function)
    for moment, event in _events(burst, rng):
        clock.at(moment, lambda event=event: queue.receive(event))  # type: ignore[misc]
    with _quiet_log():
        clock.run()

    mails = world.post_office.mails
    dead = {event.number for event in queue.dead}
    return Ending(
        burst,
        lost=sum(not mails[recipient_of(n)] and n not in dead for n in range(burst.uploads)),
        twice=sum(count > 1 for count in mails.values()),
        dead=len(queue.dead),
        seconds=world.post_office.last_mail_at,
        runs=function.runs,
        cold_starts=function.cold_starts,
        busy_seconds=function.busy_seconds,
        mail_calls=world.post_office.calls,
        throttles=queue.throttles,
    )


def _events(burst: Burst, rng: random.Random) -> Iterator[tuple[float, Event]]:
    for number in range(burst.uploads):
        moment = number / ARRIVALS_PER_SECOND
        yield moment, Event(number, f"request {number}")
        if rng.random() < burst.duplicates:
            later = rng.uniform(0, rng.choice((MOMENTS, MINUTES)))
            own = rng.choice(("", " again"))
            yield moment + later, Event(number, f"request {number}{own}")


def _handle(
    event: Event, clock: Clock, rng: random.Random, world: World, announce: Announce
) -> bool:
    """One run of the handler, as `link_generator.handler` does it."""
    services = Services(
        world.bucket,
        world.post_office,
        Ledger(world.table, _SETTINGS.ledger),
        cast(Any, Signer),
    )
    invocation = Invocation(
        request_id=event.request_id,
        ends_at=clock.date() + timedelta(seconds=TIME_LIMIT),
        clock=clock.date,
        sleep=clock.passes,
        random=rng.random,
    )
    well = True
    try:
        announce(_s3_event(event.number), _SETTINGS, services, invocation)
        clock.meet()
    except (FunctionError, TimeLimitReached):
        well = False
    return well


def _s3_event(number: int) -> dict[str, Any]:
    key = key_of(number)
    entry = {
        "key": key,
        "size": 12345,
        "versionId": f"v{key}",
        "sequencer": f"{number:016X}",
    }
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "eventName": "ObjectCreated:Put",
                "eventTime": f"{START:%Y-%m-%dT%H:%M:%S.000Z}",
                "s3": {"bucket": {"name": _BUCKET}, "object": entry},
            }
        ]
    }


@contextmanager
def _quiet_log() -> Iterator[None]:
    """Millions of lines that nobody reads would cost more time than the handler."""
    logger = logging.getLogger("link_generator")
    was_off, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = was_off
