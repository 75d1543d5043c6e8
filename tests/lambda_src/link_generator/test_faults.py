"""What SES's refusals mean to the operator."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from files.uploads import Upload
from link_generator import errors
from link_generator.deliveries import Delivery, Sent, send
from link_generator.errors import MailError
from link_generator.faults import mail_error
from mail.addresses import parse_address
from mail.sending import Reply

from tests.lambda_src.fakes import BUCKET, settings

UPLOAD = Upload(BUCKET, "report.pdf", None)


def refused(status: str, recipient: str = "bob@example.com") -> Sent:
    delivery = Delivery("0123456789abcdef", parse_address(recipient), "a link")
    return Sent(delivery, Reply(status))


@pytest.mark.parametrize(
    ("status", "kind", "advice"),
    [
        ("TemplateDoesNotExist", "TemplateMissing", "no template s3link-sender-download"),
        ("TemplateDoesNotExistException", "TemplateMissing", "make it again under this name"),
        (
            "ConfigurationSetDoesNotExist",
            "ConfigurationSetMissing",
            "no configuration set s3link-sender-mails",
        ),
        (
            "ConfigurationSetDoesNotExistException",
            "ConfigurationSetMissing",
            "make it again under this name",
        ),
        ("MessageRejected", "SenderNotVerified", "Verify files@example.com in SES"),
        ("MailFromDomainNotVerified", "SenderNotVerified", "s3link doctor --name files"),
        ("AccountSuspended", "SendingPaused", "account dashboard"),
        ("AccountSendingPausedException", "SendingPaused", "account dashboard"),
        ("ConfigurationSetSendingPaused", "SendingPaused", "account dashboard"),
        ("AccessDenied", "SendingNotAllowed", "ses:SendBulkTemplatedEmail"),
        ("AccountThrottled", "MailThrottled", "daily quota"),
        ("AccountDailyQuotaExceeded", "MailThrottled", "DeadLetterQueue"),
        ("Throttling", "MailThrottled", "Lambda tries again"),
        ("TransientFailure", "MailServiceDown", "Lambda tries again"),
        ("ServiceUnavailable", "MailServiceDown", "DeadLetterQueue"),
        ("EndpointConnectionError", "MailServiceDown", "Lambda tries again"),
        ("InvalidParameterValue", "MailError", "BulkEmailDestinationStatus"),
        ("SomethingNew", "MailError", "BulkEmailDestinationStatus"),
    ],
)
def test_a_status_has_a_name_and_an_advice(status: str, kind: str, advice: str) -> None:
    """Whether it is an entry's status, a call's error code, or no answer at all."""
    error = mail_error(UPLOAD, [refused(status)], settings())

    assert type(error) is getattr(errors, kind)
    assert f"{status} for bob@example.com" in str(error)
    assert advice in str(error)


def test_every_documented_status_is_known() -> None:
    """Those of the installed botocore; three say nothing that LinkGenerator could add to."""
    model = boto3.client("ses", region_name="eu-west-1").meta.service_model
    shape: Any = model.shape_for("BulkEmailStatus")
    documented = set(shape.enum)

    plain = {
        status
        for status in documented - {"Success"}
        if type(mail_error(UPLOAD, [refused(status)], settings())) is MailError
    }

    assert plain == {"Failed", "InvalidParameterValue", "InvalidSendingPoolName"}


def test_different_refusals_come_as_one_error() -> None:
    """It names the file, and every recipient beside their status."""
    all_refused = [
        refused("AccountThrottled", "a@example.com"),
        refused("MessageRejected", "b@example.com"),
        refused("AccountThrottled", "c@example.com"),
    ]

    error = mail_error(UPLOAD, all_refused, settings())

    assert type(error) is MailError
    assert str(error).startswith(
        '"report.pdf" was not mailed to 3 of its recipients: AccountThrottled for a@example.com, '
        "c@example.com; MessageRejected for b@example.com. "
    )


@pytest.fixture
def ses() -> Any:
    return boto3.client(
        "ses", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )


def send_one(service: Any) -> Reply:
    delivery = Delivery("0123456789abcdef", parse_address("bob@example.com"), "a link")
    [sent] = send([delivery], {"fileName": "report.pdf"}, settings().envelope, service)
    return sent.reply


def test_the_call_is_what_ses_expects(ses: Any) -> None:
    """botocore accepts its parameters; an entry's status decides, not the call's."""
    answer = {"Status": [{"Status": "AccountDailyQuotaExceeded", "Error": "Quota"}]}
    asked = {
        "Source": "files@example.com",
        "Template": "s3link-sender-download",
        "ConfigurationSetName": "s3link-sender-mails",
        "DefaultTemplateData": "{}",
        "Destinations": [
            {
                "Destination": {"ToAddresses": ["bob@example.com"]},
                "ReplacementTemplateData": (
                    '{"fileName": "report.pdf", "link": "a link", "linkHtml": "a link"}'
                ),
                "ReplacementTags": [{"Name": "s3link-delivery", "Value": "0123456789abcdef"}],
            }
        ],
    }

    with Stubber(ses) as stubber:
        stubber.add_response("send_bulk_templated_email", answer, asked)
        result = send_one(ses)

    assert (result.accepted, result.status) == (False, "AccountDailyQuotaExceeded")


def test_an_entry_that_ses_does_not_mention_was_not_accepted(ses: Any) -> None:
    """Silence is not success."""
    with Stubber(ses) as stubber:
        stubber.add_response("send_bulk_templated_email", {"Status": []})
        result = send_one(ses)

    assert not result.accepted


def test_a_failed_call_keeps_its_cause(ses: Any) -> None:
    """So that AWS's own words are not lost to whoever debugs it."""
    with Stubber(ses) as stubber:
        stubber.add_client_error("send_bulk_templated_email", "TemplateDoesNotExistException")
        result = send_one(ses)

    assert result.status == "TemplateDoesNotExistException"
    assert result.cause is not None
