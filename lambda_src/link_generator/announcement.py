"""From an event to the mails: the steps of "What happens to a file", in their order.

What it acts on is passed in as Services and Invocation; it reads neither the environment nor the
clock. The ledger remembers who was mailed, so an event may come again and again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from files.copies import is_prolonged, versions_copied
from files.errors import InvalidMaxDownloads
from files.expiry import validity_of
from files.manifest import is_manifest
from files.metadata import check_names, is_left_out, max_downloads_of
from files.store import FileStore, StoredFile, check_decryptable, is_replaced, look_up
from files.uploads import Outcome, Upload, is_arrival, records_of, upload_of
from function.errors import FunctionError
from function.invocation import Invocation
from function.log import place_of
from mail.addresses import Address
from mail.named_senders import named_sender
from mail.recipients import recipients_of
from signing.links import check_openable

from link_generator import log
from link_generator.errors import AlreadyInProgress, SeveralFailures, UnexpectedFailure
from link_generator.faults import mail_error
from link_generator.gathering import gather, not_gathered_yet
from link_generator.mailing import Mailing, MailingResult, editions
from link_generator.settings import Services, Settings
from link_generator.sharing import check_direct, is_part, looked_up, opened, versions_repeated

# How long a file that is still empty may take to get its bytes.
_FILLED_WITHIN = timedelta(seconds=20)


@dataclass(frozen=True)
class Announced:
    """How it ended with one upload. `revoked` were not mailed: their link has been taken back."""

    upload: Upload
    outcome: Outcome
    revoked: tuple[Address, ...] = ()


def announce_all(
    event: object, settings: Settings, services: Services, invocation: Invocation
) -> list[Announced]:
    """Announce every file of the event; one that fails does not stop the others.

    Raises the one error, or SeveralFailures with all of them.
    """
    records = records_of(event)
    if not records:
        log.skipped_event()
    announced = []
    failures = []
    for record in records:
        result = _announce_record(record, settings, services, invocation)
        if isinstance(result, FunctionError):
            failures.append(result)
        elif result:
            announced.append(result)
    if len(failures) > 1:
        raise SeveralFailures(failures)
    if failures:
        raise failures[0]
    return announced


def _announce_record(
    record: Any, settings: Settings, services: Services, invocation: Invocation
) -> Announced | FunctionError | None:
    """Announce one record's file; what went wrong, if anything, is logged and returned."""
    upload: Upload | None = None
    try:
        if not is_arrival(record):
            log.skipped_record(record)
            return None
        upload = upload_of(record, settings.bucket)
        return announce(upload, settings, services, invocation)
    except FunctionError as exc:
        failure = exc
    except Exception as exc:
        failure = _unexpected(exc, upload)
    log.failed(failure, upload)
    return failure


def announce(
    upload: Upload, settings: Settings, services: Services, invocation: Invocation
) -> Announced:
    """Mail each recipient of the upload a link of their own, once. Raises FunctionError."""
    log.received(upload)
    file = look_up(upload, services.store)
    if file is None:
        log.gone(upload)
        return Announced(upload, Outcome.GONE)
    if is_prolonged(file, services.store):
        log.prolonged(file.upload)
        return Announced(upload, Outcome.SKIPPED)
    left_out = _left_out(file, settings, services.store, invocation)
    if left_out:
        return Announced(upload, left_out)
    file, copied = _opened(file, services.store)
    if copied:
        log.unchanged(file)

    recipients = recipients_of(file.upload, file.metadata, settings.recipients)
    sender = named_sender(file, settings.senders)
    # Before anything is claimed, for no retry will help.
    check_openable(file.upload)
    check_decryptable(file, services.store)
    _check_downloads(file, settings)
    check_direct(file, settings)
    file = looked_up(file, services, invocation)

    validity = validity_of(file, settings, invocation.clock())
    if not is_manifest(upload.key):
        if not copied and gather(file, recipients, settings, services, invocation):
            return Announced(upload, Outcome.GATHERED)
        recipients = not_gathered_yet(file, copied, recipients, services)
        if not recipients:
            return Announced(upload, Outcome.SKIPPED)
    if validity.shortened_from:
        log.shortened(file, validity)
    mailed = MailingResult()
    for edition, its_recipients in editions(file, copied, recipients, services.ledger):
        mailed += Mailing(edition, sender, settings, services, invocation).mail(its_recipients)
    if mailed.refused:
        cause = mailed.refused[0].reply.cause
        raise mail_error(file.upload, mailed.refused, settings) from cause
    if invocation.request_id in mailed.held_by:
        # Lambda may run one event twice at once. If the other run dies, only Lambda's next try of
        # this one is left; a different request has tries of its own.
        raise AlreadyInProgress(
            f"{upload} is being announced by another run of the same event. "
            "Lambda tries again, and then finds it done."
        )
    return Announced(upload, _outcome_of(mailed), mailed.revoked)


def _opened(file: StoredFile, store: FileStore) -> tuple[StoredFile, tuple[str, ...]]:
    """The file, a manifest as its share; and the versions before it that were the same."""
    check_names(file)
    if not is_manifest(file.upload.key):
        return file, versions_copied(file, store)
    share = opened(file, store)
    return share, versions_repeated(share, store)


def _outcome_of(mailed: MailingResult) -> Outcome:
    if mailed.held_by:
        return Outcome.IN_PROGRESS
    if mailed.now:
        return Outcome.MAILED
    return Outcome.ALREADY_MAILED if mailed.before else Outcome.SKIPPED


def _left_out(
    file: StoredFile, settings: Settings, store: FileStore, invocation: Invocation
) -> Outcome | None:
    """How it ended with what nobody is to be mailed; None for all other files."""
    if file.is_folder_marker:
        log.skipped_folder(file.upload)
        return Outcome.SKIPPED
    if not is_manifest(file.upload.key) and is_part(file, store):
        log.skipped_part(file.upload)
        return Outcome.SKIPPED
    if is_left_out(file):
        log.skipped_leftover(file.upload, settings.command("send"))
        return Outcome.SKIPPED
    if file.size == 0:
        # Programs that show a bucket as a drive first make an empty file, and fill it in a moment:
        # that is a newer version, with an event of its own.
        invocation.wait_until(file.last_modified + _FILLED_WITHIN)
        if is_replaced(file, store):
            log.replaced(file.upload)
            return Outcome.REPLACED
    return None


def _check_downloads(file: StoredFile, settings: Settings) -> None:
    """Raises InvalidMaxDownloads, also where nobody counts: S3 itself does not."""
    if max_downloads_of(file) is not None and settings.portal is None:
        raise InvalidMaxDownloads(
            f"{file.upload} was not announced: downloads are counted by the portal only, which "
            "this deployment lacks; upload it again without the metadata max-downloads, or "
            f"run `{settings.command('deploy --with portal')}`."
        )


def _unexpected(exc: Exception, upload: Upload | None) -> UnexpectedFailure:
    return UnexpectedFailure(
        f"{upload or 'A record'} was not announced: {place_of(exc)}. "
        "This is a defect of LinkGenerator; please report it."
    )
