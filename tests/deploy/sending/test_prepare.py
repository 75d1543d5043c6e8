"""How long and how often the links of what is sent may work, with a portal and without one; and
in whose name it may be sent."""

from __future__ import annotations

import pytest

from deploy.deployment import Deployment
from deploy.errors import UploadError
from deploy.sending.prepare import SendOptions, prepare_uploads
from deploy.stacks.lookup import StackState

DEPLOYMENT = Deployment("s3link", "123456789012", "eu-west-1", {})
HOURS, DAYS = 3_600, 86_400


def generator(**parameters: str) -> StackState:
    usual = {
        "EmailSender": "links@example.com",
        "EmailRecipient": "bob@example.com",
        "AuthorizedRecipients": "",
        "ExchangableObjectsTTL": "7",
        "LinkExpirationPeriod": "18000",
        "LogsTTL": "90",
        "PortalStackName": "",
    }
    outputs = {"FileExchangeBucketName": "files"}
    values = {**usual, **parameters}
    return StackState(
        "s3link-generator", "id", "CREATE_COMPLETE", "", values, outputs, {}, is_protected=False
    )


DIRECT = generator()
AT_MOST = generator(LinkExpirationPeriod="21600")
PORTAL = generator(PortalStackName="s3link-portal")


@pytest.mark.parametrize(
    ("options", "stack"),
    [
        (SendOptions(expires=5 * HOURS), DIRECT),
        (SendOptions(expires=6 * HOURS), AT_MOST),
        (SendOptions(expires=7 * DAYS), PORTAL),
        (SendOptions(max_downloads=1), PORTAL),
        (SendOptions(sender="Ann <ann@example.com>"), generator(AuthorizedSenders="@example.com")),
    ],
)
def test_what_the_links_can_keep_is_sent(options: SendOptions, stack: StackState) -> None:
    """Links of the portal work for as long as their file stays."""
    assert prepare_uploads([], options, DEPLOYMENT, stack) == []


@pytest.mark.parametrize(
    ("options", "stack", "sentence"),
    [
        (
            SendOptions(expires=6 * HOURS),
            DIRECT,
            "--expires asks for 21,600 seconds and links of this deployment live at most 18,000; "
            "ask for less, or deploy with a longer LinkExpirationPeriod.",
        ),
        (
            SendOptions(expires=7 * HOURS),
            AT_MOST,
            "--expires asks for 25,200 seconds and links of this deployment live at most 21,600; "
            "ask for less, or run `s3link deploy --with portal`, whose links work for as long as "
            "their file stays.",
        ),
        (
            SendOptions(expires=8 * DAYS),
            PORTAL,
            "--expires asks for 691,200 seconds and links of this deployment live at most 604,800; "
            "ask for less, or deploy with a higher ExchangableObjectsTTL (days).",
        ),
        (
            SendOptions(max_downloads=1),
            DIRECT,
            "--max-downloads needs the portal, which this deployment lacks: nobody counts the "
            "downloads of a direct link. Leave it out, or run `s3link deploy --with portal` first.",
        ),
        (
            SendOptions(sender="Ann <eve@example.com.evil.example>"),
            generator(AuthorizedSenders="@example.com"),
            "Nothing was sent, because eve@example.com.evil.example may not be named as who shares "
            "files through s3link-generator; leave --from out, or add the address to "
            "AuthorizedSenders and run `s3link deploy`.",
        ),
        (
            SendOptions(sender="ann@example.com"),
            DIRECT,
            "Nothing was sent, because ann@example.com may not be named as who shares files "
            "through s3link-generator; leave --from out, or add the address to AuthorizedSenders "
            "and run `s3link deploy`.",
        ),
    ],
)
def test_what_they_cannot_keep_is_refused(
    options: SendOptions, stack: StackState, sentence: str
) -> None:
    """Before anything is uploaded, with the way out."""
    with pytest.raises(UploadError) as refused:
        prepare_uploads([], options, DEPLOYMENT, stack)

    assert str(refused.value) == sentence
