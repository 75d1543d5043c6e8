"""LinkMailer's environment as a frozen object. Parameter names of the template are its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from function.environment import required, whole_number
from mail.addresses import Address
from mail.recipients import Authorized, RecipientSettings, sender_of
from mail.sending import Envelope

# NotifyOnDownload
SENDER = "sender"
ADMIN = "admin"


@dataclass(frozen=True)
class Settings:
    """`notify` is one of the values of NotifyOnDownload; `usual_downloads` 0 is any number."""

    sender: Address
    authorized: Authorized
    portal_url: str
    links_table: str
    counts_table: str
    usual_downloads: int
    notify: str
    envelope: Envelope
    topic: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises SettingsError that names the parameter."""
        sender = sender_of(environment)
        return cls(
            sender=sender,
            authorized=RecipientSettings.from_environment(environment).authorized,
            portal_url=required(environment, "PortalUrl"),
            links_table=required(environment, "LinksTableName"),
            counts_table=required(environment, "RequestCountsTableName"),
            usual_downloads=whole_number(environment, "MaxDownloads"),
            notify=required(environment, "NotifyOnDownload"),
            envelope=Envelope(
                str(sender),
                required(environment, "PortalMailTemplateName"),
                required(environment, "ConfigSetName"),
            ),
            topic=required(environment, "CommonAlarmTopicArn"),
        )
