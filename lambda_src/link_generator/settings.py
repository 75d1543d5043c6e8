"""What LinkGenerator works with: settings, from its environment, and the services that it calls.

Parameter names of the template are the environment's keys. Nothing here reads or calls anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_bytes
from typing import Any, Protocol

from files.expiry import DIRECT_LINK_LIMIT
from files.store import FileStore
from function.environment import (
    MOST_DAYS,
    MOST_SECONDS,
    account_of,
    positive,
    required,
    whole_number,
)
from ledger.claims import Ledger
from mail.authorized import Authorized
from mail.named_senders import authorized_senders
from mail.recipients import RecipientSettings
from mail.senders import Envelope, envelope_of
from mail.sending import MailService
from portal_links.store import Links
from portal_links.tokens import RandomBytes
from signing.signer import Signer

from link_generator.gathered_files import GatheredFiles
from link_generator.wake_ups import Target, WakeUps


@dataclass(frozen=True)
class PortalSettings:
    """Where the links of the portal begin, the table that has them, and how often each works
    that has no limit of its own; 0 is any number."""

    url: str
    table: str
    usual_downloads: int

    @property
    def request_page(self) -> str:
        """Where recipients ask for their links again."""
        return f"{self.url}/"


@dataclass(frozen=True)
class GatheringSettings:
    """For how long nothing more may come before files are mailed together, the table of those that
    wait, and what is invoked then."""

    period: timedelta
    table: str
    target: Target


@dataclass(frozen=True)
class Settings:
    """`portal` is None where mails carry links to S3 itself, `gathering` where each file is mailed
    at once; `deployment` is its name, for commands."""

    deployment: str
    account: str
    bucket: str
    recipients: RecipientSettings
    senders: Authorized
    days_to_live: int
    days_of_logs: int
    link_seconds: int
    envelope: Envelope
    ledger: str
    portal: PortalSettings | None = None
    gathering: GatheringSettings | None = None

    @property
    def longest_link(self) -> timedelta | None:
        """How long a link may work; one to the portal, signed at the click, as long as its file."""
        if self.portal:
            return None
        return min(timedelta(seconds=self.link_seconds), DIRECT_LINK_LIMIT)

    def command(self, words: str) -> str:
        """The line that an operator types for this deployment: `words` say what of s3link."""
        return f"s3link {words} --name {self.deployment}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises SettingsError that names the parameter and the value."""
        return cls(
            deployment=required(environment, "DeploymentName"),
            account=account_of(environment),
            bucket=required(environment, "FileExchangeBucketName"),
            recipients=RecipientSettings.from_environment(environment),
            senders=authorized_senders(environment),
            days_to_live=positive(environment, "ExchangableObjectsTTL", MOST_DAYS),
            days_of_logs=positive(environment, "LogsTTL", MOST_DAYS),
            link_seconds=positive(environment, "LinkExpirationPeriod", MOST_SECONDS),
            envelope=envelope_of(environment, "LinkDownloadTemplateName"),
            ledger=required(environment, "DeliveriesLedgerName"),
            portal=_portal(environment),
            gathering=_gathering(environment),
        )


def _portal(environment: Mapping[str, str]) -> PortalSettings | None:
    if not environment.get("PortalUrl"):
        return None
    return PortalSettings(
        url=required(environment, "PortalUrl"),
        table=required(environment, "LinksTableName"),
        usual_downloads=whole_number(environment, "MaxDownloads", stack="generator"),
    )


def _gathering(environment: Mapping[str, str]) -> GatheringSettings | None:
    # Code may be newer than its environment, while a stack is updated.
    seconds = int(environment.get("GatherPeriod", "0") or "0", 10)
    if not seconds:
        return None
    role, region = required(environment, "GatheringRoleArn"), required(environment, "AWS_REGION")
    partition, name = role.split(":")[1], required(environment, "AWS_LAMBDA_FUNCTION_NAME")
    return GatheringSettings(
        period=timedelta(seconds=seconds),
        table=required(environment, "GatheredFilesName"),
        target=Target(
            function=f"arn:{partition}:lambda:{region}:{account_of(environment)}:function:{name}",
            role=role,
            schedule_group=required(environment, "GatheringScheduleGroupName"),
            dead_letters=required(environment, "DeadLetterQueueArn"),
        ),
    )


class ManifestStore(Protocol):
    """The part of an S3 client that puts manifests."""

    def put_object(self, *args: Any, **parameters: Any) -> Any: ...


@dataclass(frozen=True)
class Gathering:
    """Which files wait for others, who looks for them in time, and where their manifest goes."""

    files: GatheredFiles
    wake_ups: WakeUps
    manifests: ManifestStore


@dataclass(frozen=True)
class Services:
    """`signer` is called per mail, for credentials are renewed. `links` where there is a portal,
    `gathering` where files wait for others.

    `readers` is how many questions `store` is asked at once.
    """

    store: FileStore
    mail: MailService
    ledger: Ledger
    signer: Callable[[], Signer]
    links: Links | None = None
    gathering: Gathering | None = None
    random_bytes: RandomBytes = token_bytes
    readers: int = 1
