"""What the tool and LinkGenerator must see alike: the tool's only way into LinkGenerator's code.

A rule written twice would one day differ, so the tool asks the function's own package.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from deploy.assets import LAMBDA_SOURCES
from deploy.deployment import Deployment
from deploy.errors import ConfigurationError, UploadError
from deploy.stacks import StackState

if str(LAMBDA_SOURCES) not in sys.path:
    sys.path.append(str(LAMBDA_SOURCES))

from link_generator.addresses import parse_address
from link_generator.errors import LinkGeneratorError, SettingsError
from link_generator.events import Upload
from link_generator.expiry import DIRECT_LINK_LIMIT, EXPIRES
from link_generator.mail_data import NOTE
from link_generator.recipients import RECIPIENTS, recipients_of
from link_generator.settings import Settings
from link_generator.text import file_size, quoted

__all__ = [
    "DIRECT_LINK_LIMIT_SECONDS",
    "EXPIRES",
    "NOTE",
    "RECIPIENTS",
    "file_size",
    "parse_address",
    "quoted",
    "recipients_who_get",
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
