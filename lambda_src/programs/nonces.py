"""NoncesTable: links that work once, by the SHA-256 of their nonce.

A nonce is a credential: 32 random bytes as 43 characters of URL-safe Base64. Never log one, never
store one. Whoever takes one does so by one conditional update, so that of any number of requests
at the same moment one is given the file.
"""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from files.uploads import Upload
from function.invocation import Pause
from function.text import end_of_link
from tables.service import (
    NotWritten,
    Table,
    TableClient,
    Update,
    moment_text,
    write_patiently,
)

_NONCE_BYTES = 32
_LENGTH = 43
_NONCE = re.compile(rf"[A-Za-z0-9_-]{{{_LENGTH}}}")
_ID_DIGITS = 32

# What a row says. Times are epoch seconds, but those that people read.
NONCE_HASH = "NonceHash"
BUCKET = "Bucket"
FILE = "File"
VERSION = "Version"
MODIFIED_AT = "ModifiedAt"  # the file's
EXPIRES_AT = "ExpiresAt"
CREATED_AT = "CreatedAt"
TAKEN_AT = "TakenAt"
TAKEN_BY = "TakenBy"  # an id of the one take
REMOVED_AT = "RemovedAt"  # DynamoDB's time to live

# A nonce is taken if all of this holds: it is known, nobody has taken it, and its time is not over.
_KNOWN = f"attribute_exists(#{NONCE_HASH})"
_NOT_TAKEN = f"attribute_not_exists(#{TAKEN_AT})"
_NOT_EXPIRED = f"#{EXPIRES_AT} > :now"
# It is given back by nobody but the request that took it.
_TAKEN_BY_THIS_ONE = f"#{TAKEN_BY} = :taker"

# Gives so many random bytes, as `secrets.token_bytes` does.
RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True)
class Nonce:
    """The secret of one link; of it only the hash is kept."""

    text: str = field(repr=False)

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def link_id(self) -> str:
        return link_id_of(self.hash)


def new_nonce(random_bytes: RandomBytes) -> Nonce:
    return Nonce(urlsafe_b64encode(random_bytes(_NONCE_BYTES)).decode().rstrip("="))


def parse_nonce(text: str) -> Nonce | None:
    """None for anything that does not look like one, with what mail programs append or without."""
    text = end_of_link(text, _LENGTH)
    return Nonce(text) if _NONCE.fullmatch(text) else None


def link_id_of(nonce_hash: str) -> str:
    """How logs name a link; it opens nothing."""
    return nonce_hash[:_ID_DIGITS]


@dataclass(frozen=True)
class OneTimeLink:
    """One row: to one version of a file, until `expires_at`."""

    nonce_hash: str
    upload: Upload
    modified_at: datetime
    expires_at: datetime

    @property
    def id(self) -> str:
        return link_id_of(self.nonce_hash)

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> OneTimeLink:
        """`row` has plain values, not DynamoDB's typed ones."""
        return cls(
            nonce_hash=str(row[NONCE_HASH]),
            upload=Upload(str(row[BUCKET]), str(row[FILE]), row.get(VERSION)),
            modified_at=datetime.fromtimestamp(int(row[MODIFIED_AT]), UTC),
            expires_at=datetime.fromtimestamp(int(row[EXPIRES_AT]), UTC),
        )


@dataclass(frozen=True)
class Refused:
    """A nonce that nobody may take now, and why."""

    why: str


@dataclass(frozen=True)
class Nonces:
    """The table. All methods raise TableError when DynamoDB does not do it."""

    client: TableClient
    name: str

    def make(self, link: OneTimeLink, now: datetime, pause: Pause) -> None:
        """Write a link down; a busy table is asked again while `pause` says so."""
        values: dict[str, Any] = {
            BUCKET: link.upload.bucket,
            FILE: link.upload.key,
            MODIFIED_AT: _seconds(link.modified_at),
            EXPIRES_AT: _seconds(link.expires_at),
            CREATED_AT: moment_text(now),
            REMOVED_AT: _seconds(link.expires_at),
        }
        if link.upload.version:
            values[VERSION] = link.upload.version
        write_patiently(lambda: self._table.write(Update(link.nonce_hash, set=values)), pause)

    def find(self, nonce_hash: str, now: datetime) -> OneTimeLink | Refused:
        """The link of a nonce that may be taken; another request may still be faster."""
        row = self._table.read(nonce_hash)
        refused = _refusal(row, now)
        return refused or OneTimeLink.of_row(row)

    def take(self, nonce_hash: str, taker: str, now: datetime) -> Refused | None:
        """For the one request that takes the nonce; None when it is this one."""
        taken = self._table.write(
            Update(
                nonce_hash,
                set={TAKEN_AT: moment_text(now), TAKEN_BY: taker},
                condition=f"{_KNOWN} AND {_NOT_TAKEN} AND {_NOT_EXPIRED}",
                operands={"now": _seconds(now)},
            )
        )
        if not isinstance(taken, NotWritten):
            return None
        # botocore sends the update again when its answer is lost.
        if taken.row.get(TAKEN_BY) == taker:
            return None
        return _refusal(taken.row, now)

    def give_back(self, nonce_hash: str, taker: str) -> None:
        """Undo what `take` may have done for this request; nothing if another took the nonce."""
        self._table.write(
            Update(
                nonce_hash,
                removed=(TAKEN_AT, TAKEN_BY),
                condition=_TAKEN_BY_THIS_ONE,
                operands={"taker": taker},
            )
        )

    @property
    def _table(self) -> Table:
        return Table(self.client, self.name, NONCE_HASH)


def _refusal(row: Mapping[str, Any], now: datetime) -> Refused | None:
    if not row:
        return Refused("there is no such link")
    if TAKEN_AT in row:
        return Refused("UsedUp")
    return Refused("Expired") if int(row[EXPIRES_AT]) <= _seconds(now) else None


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
