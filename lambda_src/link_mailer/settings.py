"""What LinkMailer works with: settings, from its environment, the services that it calls, and for
one task its invocation.

Parameter names of the template are the environment's keys. Nothing here reads or calls anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from files.store import FileStore
from function.environment import account_of, required, whole_number
from function.invocation import Invocation
from mail.authorized import Authorized
from mail.named_senders import authorized_senders
from mail.recipients import RecipientSettings
from mail.senders import Envelope, envelope_of
from mail.sending import MailService
from portal_links.request_counts import RequestCounts
from portal_links.store import Links
from portal_links.tasks import Tasks
from portal_links.tokens import RandomBytes

from link_mailer.progress import Progress

# In a task's answer, why it may be done later, and is not done.
NOT_YET = "notYet"

# NotifyOnDownload
SENDER = "sender"
ADMIN = "admin"


@dataclass(frozen=True)
class Settings:
    """`senders` may be named as who shares a file; `notify` is one of the values of
    NotifyOnDownload; `usual_downloads` 0 is any number; `mails_a_day` are those that somebody asks
    for, to all addresses together; `deployment` is its name, for commands."""

    account: str
    authorized: Authorized
    senders: Authorized
    portal_url: str
    links_table: str
    counts_table: str
    usual_downloads: int
    mails_a_day: int
    notify: str
    envelope: Envelope
    topic: str
    deployment: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises SettingsError that names the parameter."""
        return cls(
            account=account_of(environment),
            authorized=RecipientSettings.from_environment(environment).authorized,
            senders=authorized_senders(environment),
            portal_url=required(environment, "PortalUrl"),
            links_table=required(environment, "LinksTableName"),
            counts_table=required(environment, "RequestCountsTableName"),
            usual_downloads=whole_number(environment, "MaxDownloads", stack="portal"),
            mails_a_day=whole_number(environment, "MaxRequestedMailsPerDay", stack="portal"),
            notify=required(environment, "NotifyOnDownload"),
            envelope=envelope_of(environment, "PortalMailTemplateName"),
            topic=required(environment, "CommonAlarmTopicArn"),
            deployment=required(environment, "DeploymentName"),
        )


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
    tasks: Tasks
    random_bytes: RandomBytes


@dataclass(frozen=True)
class TaskContext:
    """One task's settings, services, time, and how far it has come."""

    settings: Settings
    services: Services
    invocation: Invocation
    progress: Progress
