"""From an event to the mails: the steps of "What happens to a file", in their order.

What it acts on is passed in as Services; it reads neither the environment nor the clock.
Nothing remembers yet who was mailed: when Lambda tries an event again, all its mails go out again.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from link_generator import log
from link_generator.errors import LinkGeneratorError, SeveralFailures, UnexpectedFailure
from link_generator.events import Upload, is_arrival, records_of, upload_of
from link_generator.expiry import validity_of
from link_generator.links import deliveries_of
from link_generator.mail_data import mail_data_of
from link_generator.mail_faults import mail_error
from link_generator.mails import MailService, send
from link_generator.recipients import recipients_of
from link_generator.settings import Settings
from link_generator.signing import Signer
from link_generator.store import FileStore, look_up


@dataclass(frozen=True)
class Services:
    """What LinkGenerator acts on. `signer` is called per file, for credentials are renewed."""

    store: FileStore
    mail: MailService
    signer: Callable[[], Signer]
    clock: Callable[[], datetime]


def announce_all(event: object, settings: Settings, services: Services) -> None:
    """Announce every file of the event; one that fails does not stop the others.

    Raises the one error, or SeveralFailures with all of them.
    """
    records = records_of(event)
    if not records:
        log.skipped_event()
    failures = [
        failure for record in records if (failure := _failure_of(record, settings, services))
    ]
    if len(failures) > 1:
        raise SeveralFailures(failures)
    if failures:
        raise failures[0]


def _failure_of(record: Any, settings: Settings, services: Services) -> LinkGeneratorError | None:
    """Announce one record's file; what went wrong, if anything, is logged and returned."""
    upload: Upload | None = None
    try:
        if not is_arrival(record):
            log.skipped_record(record)
            return None
        upload = upload_of(record, settings.bucket)
        announce(upload, settings, services)
    except LinkGeneratorError as exc:
        failure = exc
    except Exception as exc:
        failure = _unexpected(exc, upload)
    else:
        return None
    log.failed(failure, upload)
    return failure


def announce(upload: Upload, settings: Settings, services: Services) -> None:
    """Mail each recipient of the upload a link of their own. Raises LinkGeneratorError."""
    log.received(upload)
    file = look_up(upload, services.store)
    if file is None:
        log.gone(upload)
        return
    if file.is_folder_marker:
        log.skipped_folder(file.upload)
        return

    recipients = recipients_of(file.upload, file.metadata, settings)
    validity = validity_of(file, settings, services.clock())
    if validity.shortened_from:
        log.shortened(file.upload, validity)
    deliveries = deliveries_of(file.upload, recipients, validity, services.store, services.signer())
    data = mail_data_of(file, validity)
    refused = []
    for outcome in send(deliveries, data, settings, services.mail):
        log.outcome(file.upload, outcome, validity)
        if not outcome.accepted:
            refused.append(outcome)
    if refused:
        raise mail_error(file.upload, refused, settings) from refused[0].cause


def _unexpected(exc: Exception, upload: Upload | None) -> UnexpectedFailure:
    """Names the line, not the exception's own words: those could quote a link or a note."""
    frame = traceback.extract_tb(exc.__traceback__)[-1]
    return UnexpectedFailure(
        f"{upload or 'A record'} was not announced: {type(exc).__name__} in "
        f"{PurePath(frame.filename).name}, line {frame.lineno}. "
        "This is a defect of LinkGenerator; please report it."
    )
