"""Mails of a pool: invitations and codes, in the pool's words, from its sender through SES.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-message-customizations.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError
from moto.cognitoidp.models import DEFAULT_USER_POOL_CONFIG
from moto.core.exceptions import JsonRESTError

from deploy.local.cognito.pools import UserPool
from deploy.local.in_process import clients
from deploy.local.inbox.mailbox import MAILBOX

_COGNITOS_OWN_SENDER = "no-reply@verificationemail.com"


class CodeDeliveryFailureError(JsonRESTError):
    """SES does not take the mail; the message says why."""

    def __init__(self, message: str) -> None:
        super().__init__("CodeDeliveryFailureException", message)


def send_invitation(pool: UserPool, address: str, name: str, password: str) -> None:
    """Raises CodeDeliveryFailureError."""
    given = pool.extended_config.get("AdminCreateUserConfig") or {}
    defaults = DEFAULT_USER_POOL_CONFIG["AdminCreateUserConfig"]["InviteMessageTemplate"]
    template = {**defaults, **(given.get("InviteMessageTemplate") or {})}
    _send(pool, address, template, {"{username}": name, "{####}": password})


def send_code(pool: UserPool, address: str, code: str) -> None:
    """Raises CodeDeliveryFailureError."""
    given = pool.extended_config.get("VerificationMessageTemplate") or {}
    template = {**DEFAULT_USER_POOL_CONFIG["VerificationMessageTemplate"], **given}
    _send(pool, address, template, {"{####}": code})


def _send(
    pool: UserPool, address: str, template: Mapping[str, str], values: Mapping[str, str]
) -> None:
    subject, html = template["EmailSubject"], template["EmailMessage"]
    for placeholder, value in values.items():
        subject, html = subject.replace(placeholder, value), html.replace(placeholder, value)
    configuration = pool.extended_config.get("EmailConfiguration") or {}
    if configuration.get("EmailSendingAccount") != "DEVELOPER":
        MAILBOX.deliver(_COGNITOS_OWN_SENDER, [address], subject, "", html)
        return
    if "ses" in pool.surroundings.services.names:
        raise CodeDeliveryFailureError("SES is stopped in the embedded AWS.")
    identity = configuration.get("SourceArn", "").rpartition(":identity/")[2]
    given: dict[str, Any] = {
        "Source": configuration.get("From") or identity,
        "Destination": {"ToAddresses": [address]},
        "Message": {"Subject": {"Data": subject}, "Body": {"Html": {"Data": html}}},
    }
    if configuration.get("ReplyToEmailAddress"):
        given["ReplyToAddresses"] = [configuration["ReplyToEmailAddress"]]
    if configuration.get("ConfigurationSet"):
        given["ConfigurationSetName"] = configuration["ConfigurationSet"]
    try:
        clients(pool.region).ses.send_email(**given)
    except ClientError as exc:
        raise CodeDeliveryFailureError(exc.response["Error"]["Message"]) from exc
