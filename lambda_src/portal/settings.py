"""Portal's environment as a frozen object. Parameter names of the template are its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from function.environment import required, whole_number
from portal_links.redeeming import Limits

NOBODY = "nobody"


@dataclass(frozen=True)
class Settings:
    """`origins` may send requests for links: the portal's own, and AllowedOrigins."""

    sender: str
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
            sender=required(environment, "EmailSender"),
            links_table=required(environment, "LinksTableName"),
            counts_table=required(environment, "RequestCountsTableName"),
            mailer=required(environment, "LinkMailerName"),
            limits=Limits(
                usual_downloads=whole_number(environment, "MaxDownloads"),
                grace=timedelta(seconds=whole_number(environment, "DownloadGracePeriod")),
            ),
            confirms_recipient=required(environment, "ConfirmRecipient") == "true",
            tells_of_downloads=required(environment, "NotifyOnDownload") != NOBODY,
            origins=frozenset(
                {f"{own.scheme}://{own.netloc}", *(one.strip() for one in allowed if one.strip())}
            ),
        )
