"""Makes the links of one file's mails: to S3 itself, or to the portal where there is one.

Links to S3 are signed anew with every try, so that waiting costs a recipient none of their time.
Links to the portal are written down first, so that each one that is mailed works.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from files.expiry import Validity, file_ends, row_ends, validity_of
from files.metadata import max_downloads_of
from files.store import StoredFile
from function.invocation import Pause
from mail.addresses import Address
from portal_links.store import Links, NewLink
from portal_links.tokens import link_to, new_token
from signing.links import Delivery, deliveries_of, delivery_id
from tables.service import TableError

from link_generator.errors import LinksNotMade
from link_generator.services import Services
from link_generator.settings import PortalSettings, Settings

# While SES is busy, a link is made again once a tenth of its time has passed.
_WORN = 1 / 10


@dataclass(frozen=True)
class Made:
    """The links of one call to SES, and from when until when they work."""

    validity: Validity
    deliveries: list[Delivery]


class Linking(Protocol):
    """Makes the links of one file."""

    def links_for(self, recipients: Sequence[Address], now: datetime, pause: Pause) -> Made:
        """A link of their own for each recipient, from now on. Raises LinkGeneratorError."""


def linking_of(file: StoredFile, settings: Settings, services: Services) -> Linking:
    """The kind of links that this deployment mails."""
    if settings.portal and services.links:
        return PortalLinking(file, settings, services, settings.portal, services.links)
    return DirectLinking(file, settings, services)


@dataclass(frozen=True)
class DirectLinking:
    """Links to S3 itself."""

    file: StoredFile
    settings: Settings
    services: Services

    def links_for(self, recipients: Sequence[Address], now: datetime, pause: Pause) -> Made:
        validity = validity_of(self.file, self.settings, now)
        store, signer = self.services.store, self.services.signer()
        return Made(validity, deliveries_of(self.file.upload, recipients, validity, store, signer))


@dataclass
class PortalLinking:
    """Links to the portal; those that were made are mailed again while their time lasts."""

    file: StoredFile
    settings: Settings
    services: Services
    portal: PortalSettings
    links: Links
    _made: dict[str, Delivery] = field(default_factory=dict, repr=False)
    _validity: Validity | None = None

    def links_for(self, recipients: Sequence[Address], now: datetime, pause: Pause) -> Made:
        validity = self._current(validity_of(self.file, self.settings, now))
        new = [one for one in recipients if one.identity not in self._made]
        if new:
            self._make(new, validity, now, pause)
        return Made(validity, [self._made[one.identity] for one in recipients])

    def _current(self, fresh: Validity) -> Validity:
        """The time of the links that were made, or the fresh one, for which they are made anew."""
        made = self._validity
        if made is None or (fresh.stops_at - made.stops_at).total_seconds() > made.seconds * _WORN:
            self._made.clear()
            self._validity = made = fresh
        return made

    def _make(
        self, recipients: Sequence[Address], validity: Validity, now: datetime, pause: Pause
    ) -> None:
        upload = self.file.upload
        made, new = {}, []
        for recipient in recipients:
            token = new_token(delivery_id(upload, recipient), self.services.random_bytes)
            url = link_to(self.portal.url, token)
            made[recipient.identity] = Delivery(token.link_id, recipient, url)
            new.append(
                NewLink(
                    token=token,
                    bucket=upload.bucket,
                    key=upload.key,
                    version=upload.version,
                    recipient=str(recipient),
                    expires_at=validity.stops_at,
                    file_ends_at=file_ends(self.file, self.settings),
                    removed_at=row_ends(self.file, self.settings),
                    modified_at=self.file.last_modified,
                    max_downloads=max_downloads_of(self.file, are_counted=True),
                )
            )
        try:
            self.links.make(new, now, pause)
        except TableError as exc:
            raise _not_made(self.file, exc) from exc
        self._made |= made


def _not_made(file: StoredFile, error: TableError) -> LinksNotMade:
    advice = "Lambda tries again, and then the event waits in DeadLetterQueue."
    if error.final:
        advice = "Deploy again: the portal stack has the table, the generator stack its use."
    return LinksNotMade(
        f"{file.upload} was not announced, because the portal's table did not take its links "
        f"({error.code}). {advice}"
    )
