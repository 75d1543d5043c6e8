"""How many mails a second SES takes. Off until somebody sets a rate."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from threading import Lock
from typing import Any
from uuid import uuid4

from werkzeug.exceptions import HTTPException

from deploy.local.wire.replies import ServiceError, query_xml

# What an account that has left the sandbox starts with: told, but not enforced.
USUAL_RATE = 14.0  # recipients a second

EXCEEDED = "Maximum sending rate exceeded."


class ThrottlingError(HTTPException):
    """The answer to a call that sends one mail too many; SES's own model has no such error."""

    code = HTTPStatus.BAD_REQUEST.value

    def __init__(self) -> None:
        error = ServiceError(HTTPStatus.BAD_REQUEST, "Throttling", EXCEEDED)
        super().__init__(query_xml(error, str(uuid4())).decode())

    def get_headers(self, *_: Any) -> list[tuple[str, str]]:
        return [("Content-Type", "text/xml")]


class SendRate:
    """A bucket of tokens, one for each recipient; it holds what flows in within a second."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.limit(None)

    def limit(self, per_second: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        """Take so many recipients a second from now on, 0 for none; None for any number."""
        with self._lock:
            self._clock = clock
            self._limit = per_second
            self._tokens = self._capacity
            self._filled = self._clock()

    @property
    def max_send_rate(self) -> float:
        """The rate that GetSendQuota tells."""
        return USUAL_RATE if self._limit is None else self._limit

    def allows(self, recipients: int) -> bool:
        """Whether a mail to so many recipients may leave now; if so, it counts."""
        with self._lock:
            if self._limit is None:
                return True
            now = self._clock()
            flown_in = (now - self._filled) * self._limit
            self._tokens = min(self._tokens + flown_in, self._capacity)
            self._filled = now
            # A mail to more recipients than the bucket holds could never leave otherwise.
            price = min(float(max(recipients, 1)), self._capacity)
            if not price or self._tokens < price:
                return False
            self._tokens -= price
            return True

    @property
    def _capacity(self) -> float:
        return max(self._limit, 1.0) if self._limit else 0.0


# One for the process, as moto's state is one for the process.
SEND_RATE = SendRate()
