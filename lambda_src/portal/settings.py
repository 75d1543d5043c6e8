"""What Portal works with: settings, from its environment, and the services that it calls.

Parameter names of the template are the environment's keys. Nothing here reads or calls anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

from files.store import FileStore
from function.environment import account_of, required, whole_number
from mail.authorized import Authorized
from mail.named_senders import authorized_senders
from portal_links.redeeming import Limits
from portal_links.request_counts import RequestCounts
from portal_links.store import Links
from signing.signer import Signer

NOBODY = "nobody"


@dataclass(frozen=True)
class Settings:
    """`sender` is EmailSender; `senders` may be named in its place. `origins` may send requests for
    links: the portal's own, and AllowedOrigins."""

    account: str
    sender: str
    senders: Authorized
    links_table: str
    counts_table: str
    mailer: str
    limits: Limits
    confirms_recipient: bool
    tells_of_downloads: bool
    origins: frozenset[str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises SettingsError that names the parameter."""
        own = urlsplit(required(environment, "PortalUrl"))
        allowed = environment.get("AllowedOrigins", "").split(",")
        return cls(
            account=account_of(environment),
            sender=required(environment, "EmailSender"),
            senders=authorized_senders(environment),
            links_table=required(environment, "LinksTableName"),
            counts_table=required(environment, "RequestCountsTableName"),
            mailer=required(environment, "LinkMailerName"),
            limits=Limits(
                usual_downloads=whole_number(environment, "MaxDownloads", stack="portal"),
                grace=timedelta(
                    seconds=whole_number(environment, "DownloadGracePeriod", stack="portal")
                ),
            ),
            confirms_recipient=required(environment, "ConfirmRecipient") == "true",
            tells_of_downloads=required(environment, "NotifyOnDownload") != NOBODY,
            origins=frozenset(
                {f"{own.scheme}://{own.netloc}", *(one.strip() for one in allowed if one.strip())}
            ),
        )


class Functions(Protocol):
    """The part of a Lambda client that the portal uses."""

    def invoke(self, *args: Any, **parameters: Any) -> Any: ...


@dataclass(frozen=True)
class Services:
    """`signer` is called per download, for credentials are renewed."""

    store: FileStore
    links: Links
    counts: RequestCounts
    functions: Functions
    signer: Callable[[], Signer]
    clock: Callable[[], datetime]
