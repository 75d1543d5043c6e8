"""Mails a file's recipients: claim, send, record, 50 at a time, and wait while SES is busy.

Nobody is mailed without a claim in the ledger, and what SES took is recorded before anything else
is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from files.expiry import Validity, row_ends
from files.metadata import max_downloads_of
from files.store import StoredFile
from files.uploads import Upload
from function.invocation import Invocation
from ledger.claims import CLAIM_LASTS, DELIVERIES_PER_CLAIM, Claimant, Entry, Ledger
from mail.addresses import Address
from mail.brand_data import brand_data_of, button_data_of
from mail.mailboxes import Mailbox
from mail.sending import DESTINATIONS_PER_CALL, MOST_DATA, Reply, are_too_many, written_size
from mail.template_data import (
    MOST_LISTED,
    mail_data_of,
    sender_data_of,
    share_data_of,
    shortened,
    subject_name_of,
    subject_of,
)
from tables.service import TableError

from link_generator import log
from link_generator.deliveries import Sent, delivery_id, send
from link_generator.errors import LinksNotMade
from link_generator.faults import ledger_unavailable, not_recorded
from link_generator.linking import DirectLinking, LinkBatch, Linking, linking_of
from link_generator.settings import Services, Settings
from link_generator.sharing import too_many

_GROUP = min(DELIVERIES_PER_CLAIM, DESTINATIONS_PER_CALL)

# How old a claim may be when SES is called: the rest of its life is for the call and the record.
_CLAIM_SERVES = CLAIM_LASTS / 3
# Before the mail nothing is lost by giving up: Lambda tries the event again in a minute.
_CLAIM_TRIES = 4

# Later the role's session token, and so each link, may be longer than when its room was measured.
_ROOM_FOR_CHANGES = 20_000  # characters

# In the ledger, why a mail did not leave.
_LINK_REVOKED = "LinkRevoked"


@dataclass(frozen=True)
class MailingResult:
    """How many deliveries were mailed now and before, and what stands in the way of the others.

    `held_by` has the ids of the requests that are mailing them right now, `revoked` those whose
    link an operator has taken back.
    """

    now: int = 0
    before: int = 0
    held_by: frozenset[str] = frozenset()
    refused: tuple[Sent, ...] = ()
    revoked: tuple[Address, ...] = ()

    def __add__(self, other: MailingResult) -> MailingResult:
        return MailingResult(
            self.now + other.now,
            self.before + other.before,
            self.held_by | other.held_by,
            self.refused + other.refused,
            self.revoked + other.revoked,
        )


def editions(
    file: StoredFile, copied: Sequence[str], recipients: Sequence[Address], ledger: Ledger
) -> Iterator[tuple[StoredFile, list[Address]]]:
    """The file as the version that recipients know it as, with those recipients.

    Of the versions that were `copied` onto themselves some were uploads, each with mails of its
    own: each recipient is asked for, the latest first. Raises LedgerUnavailable.
    """
    if not copied:
        yield file, list(recipients)
        return
    *later, first = (replace(file.upload, known_as=version) for version in copied)
    known_as: dict[Upload, list[Address]] = {}
    try:
        for one in recipients:
            known = (each for each in later if ledger.knows(delivery_id(each, one)))
            known_as.setdefault(next(known, first), []).append(one)
    except TableError as exc:
        raise ledger_unavailable(file.upload, exc) from exc
    for upload, its_recipients in known_as.items():
        yield replace(file, upload=upload), its_recipients


@dataclass(frozen=True)
class Mailing:
    """One file that is to be mailed by one invocation; `sender` is who shares it, if named."""

    file: StoredFile
    sender: Mailbox | None
    settings: Settings
    services: Services
    invocation: Invocation

    def mail(self, recipients: Sequence[Address]) -> MailingResult:
        """Mail those who have not been. Raises FunctionError where it cannot go on."""
        linking = linking_of(self.file, self.settings, self.services)
        self._check_room(linking, recipients)
        result, most = MailingResult(), min(_GROUP, linking.most_at_once)
        for start in range(0, len(recipients), most):
            result += self._mail_group(recipients[start : start + most], linking)
        return result

    def _check_room(self, linking: Linking, recipients: Sequence[Address]) -> None:
        """Raises InvalidShare for links that are too long for one mail, before any is claimed."""
        if not (isinstance(linking, DirectLinking) and self.file.parts):
            return
        batch = linking.links_for(recipients[:1], self.invocation.clock(), self._pause)
        [mail] = batch.deliveries
        if written_size(mail.data(self._data(batch.validity))) > MOST_DATA - _ROOM_FOR_CHANGES:
            raise too_many(self.file, "its links are too long together", self.settings)

    def _mail_group(self, left: Sequence[Address], linking: Linking) -> MailingResult:
        claimant = Claimant(self.invocation.request_id, uuid4().hex)
        result, tries, at_once = MailingResult(), 0, len(left)
        claim_ends = self.invocation.clock()
        while left:
            now = self.invocation.clock()
            if now >= claim_ends:
                left, others = self._claim(left, claimant, now)
                result, claim_ends = result + others, now + _CLAIM_SERVES
                if self.invocation.clock() >= claim_ends and not self.invocation.has_time:
                    raise ledger_unavailable(self.file.upload, TableError("TooSlow"))
                continue
            # When time is short the rest is asked for in one call: there is none for several.
            next_ones = left[:at_once] if self.invocation.has_time else left
            try:
                batch = linking.links_for(next_ones, now, partial(self._pause, most=_CLAIM_TRIES))
            except LinksNotMade as exc:
                self._give_back(left, claimant, type(exc).__name__)
                raise
            if self.invocation.clock() >= claim_ends:
                continue  # the portal's table was slow: claim again, for links that are made
            result += self._leave_out(batch.revoked, claimant)
            sent = self._send(batch)
            again = [one for one in sent if self._may_try_again(one, tries)]
            final = [one for one in sent if one not in again]
            result += self._record(final, claimant, batch.validity)
            left = [*(one.delivery.recipient for one in again), *left[len(next_ones) :]]
            if again:
                if are_too_many([one.reply for one in sent]):
                    at_once = max(len(next_ones) // 2, 1)
                log.waiting(self.file, again, tries)
                self.invocation.pause(tries)
            tries = tries + 1 if again else 0
        return result

    def _claim(
        self, wanted: Sequence[Address], claimant: Claimant, now: datetime
    ) -> tuple[list[Address], MailingResult]:
        """Those of `wanted` that are ours to mail, and how it stands with the others."""
        entries = {address: self._entry(address) for address in wanted}
        try:
            claims = self.services.ledger.claim(
                list(entries.values()), claimant, now, partial(self._pause, most=_CLAIM_TRIES)
            )
        except TableError as exc:
            raise ledger_unavailable(self.file.upload, exc) from exc
        for address, entry in entries.items():
            if entry.delivery_id in claims.mailed:
                log.mailed_before(self.file, address)
            elif entry.delivery_id in claims.held_by:
                log.in_progress(self.file, address)
        ours = [address for address, entry in entries.items() if entry.delivery_id in claims.ours]
        return ours, MailingResult(
            before=len(claims.mailed), held_by=frozenset(claims.held_by.values())
        )

    def _leave_out(self, revoked: tuple[Address, ...], claimant: Claimant) -> MailingResult:
        """Mail nobody a link that was taken back before its mail left."""
        for address in revoked:
            log.revoked(self.file, address)
        if revoked:
            self._give_back(revoked, claimant, _LINK_REVOKED)
        return MailingResult(revoked=revoked)

    def _send(self, batch: LinkBatch) -> list[Sent]:
        if not batch.deliveries:
            return []
        envelope = self.settings.envelope
        if self.sender:
            envelope = envelope.answered_by(self.sender.address)
        return send(batch.deliveries, self._data(batch.validity), envelope, self.services.mail)

    def _data(self, validity: Validity) -> dict[str, Any]:
        """What the mails of all recipients have in common."""
        portal = self.settings.portal
        most = max_downloads_of(self.file)
        if most is None and portal:
            most = portal.usual_downloads
        return {
            # 0 is any number, as None is.
            **mail_data_of(self.file, validity, most or None),
            **sender_data_of(self.sender),
            # Without a portal each file needs its link.
            **share_data_of(self.file, self.sender, MOST_LISTED if portal else None),
            "subject": subject_of(self.file, self.sender),
            **brand_data_of(),
            **button_data_of(),
            "senderName": subject_name_of(self.sender),
            "requestUrl": portal.request_page if portal else "",
        }

    def _record(
        self, sent: Sequence[Sent], claimant: Claimant, validity: Validity
    ) -> MailingResult:
        """Log and record what SES said for good."""
        for one in sent:
            log.reply(self.file, one, validity)
        accepted = [one for one in sent if one.reply.accepted]
        try:
            if sent:
                self.services.ledger.record(
                    {one.delivery.id: one.reply for one in sent},
                    claimant,
                    self.invocation.clock(),
                    validity.stops_at,
                    # Once SES has taken mails, giving up means sending them twice.
                    self._pause if accepted else partial(self._pause, most=_CLAIM_TRIES),
                )
        except TableError as exc:
            raise not_recorded(self.file.upload, accepted, exc) from exc
        return MailingResult(
            len(accepted), refused=tuple(one for one in sent if not one.reply.accepted)
        )

    def _give_back(self, claimed: Sequence[Address], claimant: Claimant, why: str) -> None:
        """Let the next try, or a replay, claim at once what nobody was mailed."""
        ids = [delivery_id(self.file.upload, recipient) for recipient in claimed]
        now = self.invocation.clock()
        # Where the ledger does not answer either, the claims lapse by themselves.
        with suppress(TableError):
            self.services.ledger.record(
                dict.fromkeys(ids, Reply(why)), claimant, now, now, lambda tries: False
            )

    def _may_try_again(self, sent: Sent, tries: int) -> bool:
        return self.invocation.has_time and sent.reply.may_try_again(tries)

    def _pause(self, tries: int, most: int | None = None) -> bool:
        return (most is None or tries + 1 < most) and self.invocation.pause(tries)

    def _entry(self, recipient: Address) -> Entry:
        upload = self.file.upload
        return Entry(
            delivery_id(upload, recipient),
            upload.bucket,
            upload.key,
            upload.version,
            str(recipient),
            row_ends(self.file, self.settings),
            shortened(self.file.own_name),
        )
