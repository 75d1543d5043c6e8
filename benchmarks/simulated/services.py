"""S3, SES and DynamoDB as the handler sees them, each with its latency in simulated time.

An answer takes effect half-way: between the request's way there and the answer's way back.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from benchmarks.simulated.clock import START, Clock
from benchmarks.simulated.table import QuickTable

# Seconds that a warm call takes in one region; each call takes 0.7 to 1.3 of that.
HEAD_TAKES = 0.03
MAIL_TAKES = 0.1
LEDGER_TAKES = 0.01
SPREAD = (0.7, 1.3)

# SES says "over the rate" either in the entry of a recipient or by failing the whole call.
WHOLE_CALL_FAILS = 0.2  # of the calls that find the rate used up
FAILS_ANYWAY = 0.005  # of all calls, for the API has limits of its own


def recipient_of(number: int) -> str:
    return f"{number}@example.com"


def key_of(number: int) -> str:
    """Short, because the handler encodes it again for each try."""
    return str(number)


class Latency:
    """Lets a call take its time."""

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self.clock = clock
        self.rng = rng

    def half(self, seconds: float) -> None:
        self.clock.passes(seconds / 2 * self.rng.uniform(*SPREAD))


class Bucket:
    """Has every file, as of the start of the burst."""

    def __init__(self, latency: Latency) -> None:
        self._latency = latency

    def head_object(self, **parameters: str) -> dict[str, Any]:
        self._latency.half(HEAD_TAKES)
        self._latency.half(HEAD_TAKES)
        return {
            "ContentLength": 12345,
            "LastModified": START - timedelta(seconds=1),
            "VersionId": f"v{parameters['Key']}",
            "Metadata": {"recipients": recipient_of(int(parameters["Key"]))},
        }

    def generate_presigned_url(self, _operation: str, parameters: Mapping[str, str]) -> str:
        return f"https://{parameters['Bucket']}.s3.eu-west-1.amazonaws.com/file"


class Signer:
    """Signing is measured elsewhere; here it would only cost the benchmark's own time."""

    def signed_url(self, address: str, *_: Any) -> str:
        return f"{address}?signature"


class PostOffice:
    """SES: `rate` mails a second, and as many at once after a second of rest."""

    def __init__(self, latency: Latency, rate: float) -> None:
        self.mails: Counter[str] = Counter()
        self.calls = 0
        self.last_mail_at = 0.0
        self._latency = latency
        self._rate = rate
        self._most = max(rate, 1.0)
        self._tokens = self._most
        self._counted_at = 0.0

    def send_bulk_templated_email(self, **parameters: Any) -> dict[str, Any]:
        self.calls += 1
        self._latency.half(MAIL_TAKES)
        self._latency.clock.meet()
        self._count_tokens()
        fails = WHOLE_CALL_FAILS if self._tokens < 1 else FAILS_ANYWAY
        if self._latency.rng.random() < fails:
            self._latency.half(MAIL_TAKES)
            raise ClientError(
                {"Error": {"Code": "Throttling", "Message": "Maximum sending rate exceeded."}},
                "SendBulkTemplatedEmail",
            )
        entries = [self._entry(destination) for destination in parameters["Destinations"]]
        self._latency.half(MAIL_TAKES)
        return {"Status": entries}

    def _count_tokens(self) -> None:
        now = self._latency.clock.now
        self._tokens = min(self._most, self._tokens + (now - self._counted_at) * self._rate)
        self._counted_at = now

    def _entry(self, destination: Mapping[str, Any]) -> dict[str, str]:
        if self._tokens < 1:
            return {"Status": "AccountThrottled", "Error": "Maximum sending rate exceeded."}
        self._tokens -= 1
        [recipient] = destination["Destination"]["ToAddresses"]
        self.mails[recipient] += 1
        self.last_mail_at = self._latency.clock.now
        return {"Status": "Success", "MessageId": f"message {self.calls}"}


class LedgerTable(QuickTable):
    """The table behind its latency; a row is held while a transaction is at it."""

    def __init__(self, latency: Latency) -> None:
        super().__init__(self._is_held)
        self._latency = latency
        self._held_until: dict[str, float] = {}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self._latency.half(LEDGER_TAKES)
        self._latency.clock.meet()
        try:
            answer = super().transact_write_items(TransactItems=TransactItems)
            until = self._latency.clock.now + LEDGER_TAKES / 2
            for item in TransactItems:
                self._held_until[next(iter(item["Update"]["Key"].values()))["S"]] = until
        finally:
            self._latency.half(LEDGER_TAKES)
        return answer

    def _is_held(self, key: str) -> bool:
        return self._held_until.get(key, 0.0) > self._latency.clock.now


@dataclass(frozen=True)
class World:
    """What the handler acts on."""

    bucket: Bucket
    post_office: PostOffice
    table: LedgerTable

    @classmethod
    def with_rate(cls, rate: float, latency: Latency) -> World:
        return cls(Bucket(latency), PostOffice(latency, rate), LedgerTable(latency))
