"""Portal's environment as a frozen object. Parameter names of the template are its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from link_generator.errors import SettingsError
from link_generator.settings import required
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
                usual_downloads=number(environment, "MaxDownloads"),
                grace=timedelta(seconds=number(environment, "DownloadGracePeriod")),
            ),
            confirms_recipient=required(environment, "ConfirmRecipient") == "true",
            tells_of_downloads=required(environment, "NotifyOnDownload") != NOBODY,
            origins=frozenset(
                {f"{own.scheme}://{own.netloc}", *(one.strip() for one in allowed if one.strip())}
            ),
        )


def number(environment: Mapping[str, str], name: str) -> int:
    """A whole number, 0 or more."""
    value = required(environment, name)
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise SettingsError(f"{name} is no whole number; deploy the portal stack again.")
    return int(value)
