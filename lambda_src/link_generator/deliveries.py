"""A delivery: one upload announced to one recipient, by a mail with a link of its own.

Links are credentials: never log them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from files.uploads import Upload
from mail.addresses import Address
from mail.senders import Envelope
from mail.sending import MailService, Reply, destination, send_bulk
from mail.template_data import file_links_data_of, link_data_of

_ID_DIGITS = 32
# What S3 calls the version of every object that arrives while versioning is suspended.
_NO_VERSION = "null"


@dataclass(frozen=True)
class Delivery:
    """One upload announced to one recipient. The links are left out of its repr.

    Of several files whose mail leads to S3 itself, each has one, and there is no other.
    """

    id: str
    recipient: Address
    link: str = field(repr=False, default="")
    links_to_files: tuple[str, ...] = field(repr=False, default=())

    def data(self, shared: Mapping[str, Any]) -> dict[str, Any]:
        """All variables of its mail; `shared` are those that the mails of all recipients have."""
        if self.links_to_files:
            return {**shared, **file_links_data_of(shared, self.links_to_files)}
        return {**shared, **link_data_of(self.link)}


@dataclass(frozen=True)
class Sent:
    """A delivery whose mail was handed to SES, and what SES said."""

    delivery: Delivery
    reply: Reply


def delivery_id(upload: Upload, recipient: Address) -> str:
    """The same for every attempt to announce this version to this mailbox.

    A copy of a version is no news to whoever was mailed that one. Where the bucket has no versions,
    the event's sequencer tells one upload from the next.
    """
    version = upload.known_as or upload.version
    version = None if version == _NO_VERSION else version
    arrival = version or upload.sequencer or ""
    parts = (upload.bucket, upload.key, arrival, recipient.identity)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_ID_DIGITS]


def send(
    deliveries: Sequence[Delivery],
    data: Mapping[str, Any],
    envelope: Envelope,
    service: MailService,
) -> list[Sent]:
    """Mail at most 50 deliveries, in one call; `data` is what their mails share."""
    mails = [destination(one.recipient, one.data(data), one.id) for one in deliveries]
    replies = send_bulk(mails, envelope, service)
    return [Sent(one, reply) for one, reply in zip(deliveries, replies, strict=True)]
