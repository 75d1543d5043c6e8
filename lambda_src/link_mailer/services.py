"""What LinkMailer acts on, passed to whoever acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from files.store import FileStore
from function.invocation import Invocation
from mail.sending import MailService
from portal_links.request_counts import RequestCounts
from portal_links.store import Links
from portal_links.tokens import RandomBytes

from link_mailer.settings import Settings


class Topic(Protocol):
    """The part of an SNS client that LinkMailer uses."""

    def publish(self, *args: Any, **parameters: Any) -> Any: ...


@dataclass(frozen=True)
class Services:
    """AWS's services, and randomness."""

    store: FileStore
    mail: MailService
    topic: Topic
    links: Links
    counts: RequestCounts
    random_bytes: RandomBytes


@dataclass(frozen=True)
class Desk:
    """One invocation's settings, services and time."""

    settings: Settings
    services: Services
    invocation: Invocation
