"""What the tool and the functions must see alike: the tool's only way into their code.

A rule written twice would one day differ, so the tool asks the functions' own packages.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deploy.assets import LAMBDA_SOURCES
from deploy.aws.explain import explain
from deploy.deployment import Deployment
from deploy.errors import ConfigurationError, UploadError
from deploy.stacks.lookup import StackState

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

if str(LAMBDA_SOURCES) not in sys.path:
    sys.path.append(str(LAMBDA_SOURCES))

from files.expiry import DEAD_LETTERS_LAST, DIRECT_LINK_LIMIT, EXPIRES
from files.metadata import METADATA_LIMIT, header_text, metadata_size
from files.store import look_up
from files.uploads import Upload, is_arrival, records_of, upload_of
from files.wishes import MAX_DOWNLOADS
from function.text import file_size, quoted
from ledger import rows
from link_generator.errors import (
    EventError,
    FileNotReadable,
    LinkGeneratorError,
    SettingsError,
)
from link_generator.outcomes import IN_PROGRESS
from link_generator.settings import Settings
from mail.addresses import parse_address
from mail.recipients import RECIPIENTS, recipients_of
from mail.template_data import NOTE
from portal_links.files import file_of
from portal_links.links import EXPIRED, LOCKED, REVOKED, STATES, USABLE, USED_UP, Link
from portal_links.store import Links
from tables.service import TableError

__all__ = [
    "DEAD_LETTERS_LAST",
    "DIRECT_LINK_LIMIT_SECONDS",
    "EXPIRED",
    "EXPIRES",
    "IN_PROGRESS",
    "LOCKED",
    "MAX_DOWNLOADS",
    "METADATA_LIMIT",
    "NOTE",
    "RECIPIENTS",
    "REVOKED",
    "STATES",
    "USABLE",
    "USED_UP",
    "Audience",
    "FileNotReadable",
    "Link",
    "Links",
    "TableError",
    "Upload",
    "audience_of",
    "file_of",
    "file_size",
    "header_text",
    "metadata_size",
    "parse_address",
    "quoted",
    "recipients_who_get",
    "rows",
    "uploads_of",
    "usual_recipients_refused",
]

DIRECT_LINK_LIMIT_SECONDS = int(DIRECT_LINK_LIMIT.total_seconds())


def recipients_who_get(
    key: str,
    metadata: Mapping[str, str],
    to: Sequence[str],
    deployment: Deployment,
    generator: StackState,
) -> tuple[str, ...]:
    """Whom LinkGenerator will mail; raises UploadError when it would refuse the upload."""
    settings = _settings(generator.parameters, generator.outputs["FileExchangeBucketName"])
    refused = [address for address in to if not settings.authorized.allows(parse_address(address))]
    if refused:
        raise UploadError(
            f"Nothing was sent, because {', '.join(refused)} may not get links from "
            f"{generator.name}; send to others, or add the address to AuthorizedRecipients and "
            f"run `{deployment.command('deploy')}`."
        )
    upload = Upload(settings.bucket, key, version=None)
    try:
        return tuple(str(address) for address in recipients_of(upload, metadata, settings))
    except LinkGeneratorError as exc:
        raise UploadError(f"Nothing was sent: {exc}") from exc


@dataclass(frozen=True)
class Audience:
    """Whom LinkGenerator would mail a link to an uploaded file; or why it would mail nobody."""

    recipients: tuple[str, ...] = ()
    remark: str = ""


def audience_of(upload: Upload, store: S3Client, generator: StackState) -> Audience:
    """Found as LinkGenerator finds it, from the object's metadata or key as they are now."""
    settings = _settings(generator.parameters, generator.outputs["FileExchangeBucketName"])
    try:
        file = look_up(upload, store)
        if file is None:
            return Audience(remark="its file is gone; a redrive mails nobody")
        if file.is_folder_marker:
            return Audience(remark="it is only a folder; a redrive mails nobody")
        found = recipients_of(file.upload, file.metadata, settings)
    except FileNotReadable as exc:
        # It speaks of LinkGenerator's role, but here the operator has asked.
        cause = explain(exc.__cause__) if exc.__cause__ else None
        return Audience(remark=f"its recipients cannot be told: {cause or exc}")
    except LinkGeneratorError as exc:
        return Audience(remark=str(exc))
    return Audience(tuple(str(address) for address in found))


def uploads_of(event: Mapping[str, Any], bucket: str) -> tuple[Upload, ...]:
    """The files that an S3 event says have arrived, without what LinkGenerator cannot read."""
    found = []
    for record in records_of(event):
        with suppress(EventError):
            if is_arrival(record):
                found.append(upload_of(record, bucket))
    return tuple(found)


def usual_recipients_refused(parameters: Mapping[str, str], bucket: str) -> tuple[str, ...]:
    """Those of EmailRecipient whom AuthorizedRecipients leaves out.

    Raises ConfigurationError for values with which LinkGenerator would not even start.
    """
    try:
        settings = _settings(parameters, bucket)
    except SettingsError as exc:
        raise ConfigurationError(str(exc)) from exc
    return tuple(
        str(address)
        for address in settings.default_recipients
        if not settings.authorized.allows(address)
    )


def _settings(parameters: Mapping[str, str], bucket: str) -> Settings:
    """LinkGenerator's settings, but for the names of SES's things, which no rule here reads."""
    return Settings.from_environment(
        {
            **parameters,
            "FileExchangeBucketName": bucket,
            "ConfigSetName": "unread",
            "LinkDownloadTemplateName": "unread",
            "DeliveriesLedgerName": "unread",
        }
    )
