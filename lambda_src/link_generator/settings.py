"""The function's environment as a frozen object. Parameter names of the template are its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from files.expiry import DIRECT_LINK_LIMIT
from function.environment import MOST_DAYS, MOST_SECONDS, positive, required
from mail.addresses import Address
from mail.recipients import RecipientSettings, sender_of


@dataclass(frozen=True)
class PortalSettings:
    """Where the links of the portal begin, and the table that has them."""

    url: str
    table: str


@dataclass(frozen=True)
class Settings:
    """`portal` is None where mails carry links to S3 itself."""

    bucket: str
    sender: Address
    recipients: RecipientSettings
    days_to_live: int
    days_of_logs: int
    link_seconds: int
    configuration_set: str
    template: str
    ledger: str
    portal: PortalSettings | None = None

    @property
    def longest_link(self) -> timedelta | None:
        """How long a link may work; one to the portal, signed at the click, as long as its file."""
        if self.portal:
            return None
        return min(timedelta(seconds=self.link_seconds), DIRECT_LINK_LIMIT)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises SettingsError that names the parameter and the value."""
        return cls(
            bucket=required(environment, "FileExchangeBucketName"),
            sender=sender_of(environment),
            recipients=RecipientSettings.from_environment(environment),
            days_to_live=positive(environment, "ExchangableObjectsTTL", MOST_DAYS),
            days_of_logs=positive(environment, "LogsTTL", MOST_DAYS),
            link_seconds=positive(environment, "LinkExpirationPeriod", MOST_SECONDS),
            configuration_set=required(environment, "ConfigSetName"),
            template=required(environment, "LinkDownloadTemplateName"),
            ledger=required(environment, "DeliveriesLedgerName"),
            portal=_portal(environment),
        )


def _portal(environment: Mapping[str, str]) -> PortalSettings | None:
    if not environment.get("PortalUrl"):
        return None
    return PortalSettings(
        url=required(environment, "PortalUrl"), table=required(environment, "LinksTableName")
    )
