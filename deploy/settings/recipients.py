"""Who may get files from LinkGenerator, by the parameters that its stack has or would get."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.errors import ConfigurationError
from deploy.lambda_packages import (
    MOST_DAYS,
    MOST_SECONDS,
    RecipientSettings,
    SettingsError,
    authorized_senders,
    positive,
    reply_to_of,
    sender_name_of,
)


def unauthorized_recipients(parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Those of EmailRecipient whom AuthorizedRecipients leaves out.

    Raises ConfigurationError for values with which LinkGenerator would not even start.
    """
    try:
        settings = RecipientSettings.from_environment(parameters)
        _check_the_rest(parameters)
    except SettingsError as exc:
        raise ConfigurationError(str(exc)) from exc
    return tuple(
        str(address) for address in settings.default if not settings.authorized.allows(address)
    )


def _check_the_rest(parameters: Mapping[str, str]) -> None:
    """As LinkGenerator reads them when it starts."""
    sender_name_of(parameters)
    reply_to_of(parameters)
    authorized_senders(parameters)
    for name in ("ExchangableObjectsTTL", "LogsTTL"):
        positive(parameters, name, MOST_DAYS)
    positive(parameters, "LinkExpirationPeriod", MOST_SECONDS)
