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
from mail.sending import DESTINATIONS_PER_CALL
from mail.template_data import shortened
from portal_links.store import Links, NewLink
from portal_links.tokens import Token, link_to, new_token
from signing.links import LONGEST_MAILED, address_of, mailed_link
from tables.service import TableError

from link_generator import log
from link_generator.deliveries import Delivery, delivery_id
from link_generator.faults import links_not_made
from link_generator.settings import PortalSettings, Services, Settings

# While SES is busy, a link is made again once a tenth of its time has passed.
_WORN = 1 / 10


@dataclass(frozen=True)
class LinkBatch:
    """The deliveries of one call to SES, and from when until when their links work.

    `revoked` are left out of it: an operator has taken their link back.
    """

    validity: Validity
    deliveries: list[Delivery]
    revoked: tuple[Address, ...] = ()


class Linking(Protocol):
    """Makes the links of one file, or of one share."""

    @property
    def most_at_once(self) -> int:
        """For how many recipients one call to SES has room."""

    def links_for(self, recipients: Sequence[Address], now: datetime, pause: Pause) -> LinkBatch:
        """A link of their own for each recipient, from now on. Raises FunctionError."""


def linking_of(file: StoredFile, settings: Settings, services: Services) -> Linking:
    """The kind of links that this deployment mails."""
    if settings.portal and services.links:
        return PortalLinking(file, settings, services, settings.portal, services.links)
    return DirectLinking(file, settings, services)


@dataclass
class DirectLinking:
    """Links to S3 itself; of a share, to each of its files."""

    file: StoredFile
    settings: Settings
    services: Services
    _said_that_long: bool = False

    @property
    def most_at_once(self) -> int:
        """A call carries no more links than one of as many single files."""
        return DESTINATIONS_PER_CALL // max(len(self.file.parts), 1)

    def links_for(self, recipients: Sequence[Address], now: datetime, pause: Pause) -> LinkBatch:
        files, signer = self.file.parts or (self.file,), self.services.signer()
        validity = validity_of(self.file, self.settings, now)
        addresses = [address_of(one.upload, self.services.store) for one in files]

        def delivery(recipient: Address) -> Delivery:
            identifier = delivery_id(self.file.upload, recipient)
            links = tuple(
                mailed_link(one, address, identifier, validity, signer)
                for one, address in zip(files, addresses, strict=True)
            )
            self._warn_if_long(files, links)
            if len(links) > 1:
                return Delivery(identifier, recipient, links_to_files=links)
            return Delivery(identifier, recipient, links[0])

        return LinkBatch(validity, [delivery(recipient) for recipient in recipients])

    def _warn_if_long(self, files: Sequence[StoredFile], links: Sequence[str]) -> None:
        if self._said_that_long:
            return
        for one, link in zip(files, links, strict=True):
            if len(link) > LONGEST_MAILED:
                to_shorten = self.settings.command("deploy --with portal")
                log.long_link(one.upload, len(link), to_shorten)
                self._said_that_long = True
                return


@dataclass
class PortalLinking:
    """Links to the portal; those that were made are mailed again while their time lasts."""

    file: StoredFile
    settings: Settings
    services: Services
    portal: PortalSettings
    links: Links
    _deliveries: dict[str, Delivery] = field(default_factory=dict, repr=False)
    _validity: Validity | None = None

    @property
    def most_at_once(self) -> int:
        return DESTINATIONS_PER_CALL

    def links_for(self, recipients: Sequence[Address], now: datetime, pause: Pause) -> LinkBatch:
        validity = self._renewed_validity(validity_of(self.file, self.settings, now))
        missing = [one for one in recipients if one.identity not in self._deliveries]
        if missing:
            self._write_links(missing, validity, now, pause)
        made = [one for one in recipients if one.identity in self._deliveries]
        return LinkBatch(
            validity,
            [self._deliveries[one.identity] for one in made],
            tuple(one for one in recipients if one not in made),
        )

    def _renewed_validity(self, fresh: Validity) -> Validity:
        """The time of the links that were made, or the fresh one, for which they are made anew."""
        last = self._validity
        if last is None or (fresh.stops_at - last.stops_at).total_seconds() > last.seconds * _WORN:
            self._deliveries.clear()
            self._validity = last = fresh
        return last

    def _write_links(
        self, recipients: Sequence[Address], validity: Validity, now: datetime, pause: Pause
    ) -> None:
        deliveries, new_links = {}, []
        for recipient in recipients:
            identifier = delivery_id(self.file.upload, recipient)
            token = new_token(identifier, self.services.random_bytes)
            link = link_to(self.portal.url, token)
            deliveries[recipient.identity] = Delivery(identifier, recipient, link)
            new_links.append(self._new_link(token, recipient, validity))
        try:
            revoked = self.links.make(new_links, now, pause)
        except TableError as exc:
            raise links_not_made(self.file.upload, exc) from exc
        self._deliveries |= {who: one for who, one in deliveries.items() if one.id not in revoked}

    def _new_link(self, token: Token, recipient: Address, validity: Validity) -> NewLink:
        upload = self.file.upload
        return NewLink(
            token=token,
            bucket=upload.bucket,
            key=upload.key,
            version=upload.version,
            recipient=str(recipient),
            expires_at=validity.stops_at,
            file_ends_at=file_ends(self.file, self.settings),
            removed_at=row_ends(self.file, self.settings),
            modified_at=self.file.last_modified,
            max_downloads=max_downloads_of(self.file),
            own_name=shortened(self.file.own_name),
            file_count=len(self.file.manifest.files) if self.file.manifest else 0,
        )
