"""LinkGenerator's own settings, made of the parameters that its stack has or would get. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from deploy.errors import ConfigurationError
from deploy.lambda_packages import LinkGeneratorSettings, SettingsError

if TYPE_CHECKING:
    from deploy.stacks.lookup import StackState


def settings_of_stack(generator: StackState) -> LinkGeneratorSettings:
    """The settings with which a deployed LinkGenerator runs."""
    return _settings(generator.parameters, generator.outputs["FileExchangeBucketName"])


def unauthorized_recipients(parameters: Mapping[str, str], bucket: str) -> tuple[str, ...]:
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


def _settings(parameters: Mapping[str, str], bucket: str) -> LinkGeneratorSettings:
    """The settings, but for the names of SES's and DynamoDB's things, which no rule here reads."""
    return LinkGeneratorSettings.from_environment(
        {
            **parameters,
            "FileExchangeBucketName": bucket,
            "ConfigSetName": "unread",
            "LinkDownloadTemplateName": "unread",
            "DeliveriesLedgerName": "unread",
        }
    )
