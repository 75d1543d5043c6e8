"""How fast messages may be replayed: no faster than SES takes the mails, and within its day."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from deploy.aws.polling import PATIENT, Poll
from deploy.aws.ses import Quota
from deploy.errors import DeadLetterError
from deploy.wording import counted


@dataclass(frozen=True)
class Timing:
    """How time passes; arguments, so that a test need not wait."""

    poll: Poll = PATIENT
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class DailyQuotaSpentError(DeadLetterError):
    """SES would not take the next mails before tomorrow."""


@dataclass
class Pace:
    """Counts the mails; `clock` is in seconds, and goes on while `sleep` waits."""

    read_quota: Callable[[], Quota]
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    _quota: Quota | None = None
    _mails: int = 0
    _next: float = field(default=0.0)

    def wait_for(self, mails: int, title: str) -> None:
        """Return when so many mails may go out. Raises DailyQuotaSpentError if that is not today.

        The quota counts recipients, and others send too: before we stop we ask again.
        """
        if mails == 0:
            return
        quota = self._quota or self._ask()
        if quota.left_today - self._mails < mails:
            quota = self._ask()
        if quota.left_today < mails:
            raise DailyQuotaSpentError(
                f"SES takes {counted(quota.left_today, 'more mail')} today and {title} needs "
                f"{mails:,}; go on tomorrow, or ask AWS for a higher quota"
            )
        self.sleep(max(self._next - self.clock(), 0))
        self._next = self.clock() + mails / (quota.per_second or 1)
        self._mails += mails

    def _ask(self) -> Quota:
        self._quota, self._mails = self.read_quota(), 0
        return self._quota
