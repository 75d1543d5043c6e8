"""SignedOutTable: sessions that are over before their tokens are.

A token stays valid until its end, and API Gateway cannot know of a sign-out. So each request asks
this table first, with one consistent read. Rows: `session#` and `login#` of one that was signed
out, and `member#` of somebody who was removed or reset, written by the tool: what was signed in up
to `Before` is over. Who signs out on one device stays signed in on others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tables.rows import Rows, RowsClient

from members.caller import Caller
from members.errors import NotSignedIn

ID = "Id"
BEFORE = "Before"
REMOVED_AT = "RemovedAt"  # DynamoDB's time to live

# Longer than any refresh token lives (MembersSessionHours is at most 24): the page revokes it with
# the sign-out, but whoever could keep the page from that would get new access tokens with it.
_REMEMBERED = timedelta(hours=25)


@dataclass(frozen=True)
class SignedOut:
    """The table. Its methods raise TableError when DynamoDB does not do it."""

    client: RowsClient
    name: str

    def check(self, caller: Caller) -> None:
        """Raises NotSignedIn for a session that is over."""
        member = _member(caller)
        for row in self._rows.read_all([{ID: one} for one in (*_sessions(caller), member)]):
            if row[ID] != member:
                raise NotSignedIn("the session was signed out")
            before = row.get(BEFORE)
            # A row that does not say so means all.
            if not isinstance(before, Decimal) or caller.signed_in_at <= before:
                raise NotSignedIn("the member was removed or reset")

    def sign_out(self, caller: Caller, now: datetime) -> None:
        """From now on this session's tokens are refused, and those of its sign-in."""
        removed_at = int((now + _REMEMBERED).timestamp())
        for one in _sessions(caller):
            self._rows.put({ID: one, REMOVED_AT: removed_at})

    @property
    def _rows(self) -> Rows:
        return Rows(self.client, self.name)


def _sessions(caller: Caller) -> tuple[str, str]:
    return f"session#{caller.session}", f"login#{caller.member_id}#{caller.signed_in_at}"


def _member(caller: Caller) -> str:
    return f"member#{caller.member_id}"
