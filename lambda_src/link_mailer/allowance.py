"""How many mails a request for links may send. The limits are asked when it is taken on, and for
each mail beyond the first: none ends a request on its way. What left, or may have, counts to them,
and what is kept for the next try.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from portal_links.request_counts import PER_ADDRESS, PER_ADDRESS_AND_DAY, Limit
from tables.service import TableError

from link_mailer.settings import TaskContext

# As many as an hour allows: more would wait for nobody.
_MOST_MAILS = PER_ADDRESS.most
_ASKED_TOO_OFTEN = "links were asked for too often in this hour"
_ADDRESS_HAS_ENOUGH = "it got as many mails as it may for now"
DAY_IS_USED_UP = "MaxRequestedMailsPerDay is reached, for all addresses together"


@dataclass
class Allowance:
    """What the limits allow one request for one mailbox."""

    identity: str
    context: TaskContext
    now: datetime
    mails: int = 0
    kept: int = 0

    def take_on(self) -> str | None:
        """Begin the request, or go on with it. Why it may not begin, else None."""
        row, counts = self.context.progress.row, self.context.services.counts
        if row.allowed is not None:
            self.mails = row.allowed
            counts.count_mails(self.identity, row.allowed - row.counted, self.now)
            self._note(row.allowed)
            return None
        if not counts.allows_request(self.identity, self.now):
            return _ASKED_TOO_OFTEN
        is_taken_on = False
        try:
            limit = self._reached()
            if not limit:
                self.mails = 1
                self._note(1)
                is_taken_on = True
        finally:
            if not is_taken_on:
                # The next try is the same request. Where the table does not answer, it counts.
                with suppress(TableError):
                    counts.forget_request(self.identity, self.now)
        if not limit:
            return None
        is_its_own = limit in (PER_ADDRESS, PER_ADDRESS_AND_DAY)
        return _ADDRESS_HAS_ENOUGH if is_its_own else DAY_IS_USED_UP

    def has_one_after(self, mails: int) -> bool:
        """Whether the request may send another mail after so many that have not left yet."""
        row = self.context.progress.row
        return self.mails - row.sent > mails or self._one_more()

    def _one_more(self) -> bool:
        if self.mails >= _MOST_MAILS or self._reached():
            return False
        self.mails += 1
        self._note(self.context.progress.row.counted + 1)
        return True

    def settle(self, *, is_nothing: bool) -> None:
        """Take back what was counted for mails that have not left and are not kept for the next
        try, and the request if it `is_nothing`."""
        if not self.context.progress.is_held:
            return  # what is counted is another run's by now
        row, counts = self.context.progress.row, self.context.services.counts
        unused = row.counted - row.sent - row.in_doubt - self.kept
        # Where the table does not answer, too much is counted, for an hour or a day.
        with suppress(TableError):
            if unused > 0:
                counts.count_mails(self.identity, -unused, self.now)
                self._note(row.counted - unused)
            if is_nothing:
                counts.forget_request(self.identity, self.now)

    def _reached(self) -> Limit | None:
        most = self.context.settings.mails_a_day
        return self.context.services.counts.reached(self.identity, most, self.now)

    def _note(self, counted: int) -> None:
        self.context.progress.note_allowed(self.mails, counted)
