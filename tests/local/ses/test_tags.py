"""A sender's own tags come back in the events about the mail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.account import Account
from tests.local.mail import CONFIGURATION_SET, SENDER, TEMPLATE, MailAccount, mails


@pytest.fixture
def mail(account: Account) -> MailAccount:
    found = MailAccount(account)
    found.listen("delivery", "bounce")
    return found


def _tag(name: str, value: str) -> dict[str, str]:
    return {"Name": name, "Value": value}


def _own(event: dict[str, Any]) -> dict[str, Any]:
    tags = event["mail"]["tags"]
    return {name: value for name, value in tags.items() if not name.startswith("ses:")}


def _to(address: str, *tags: dict[str, str]) -> dict[str, Any]:
    return {"Destination": {"ToAddresses": [address]}, "ReplacementTags": list(tags)}


def test_tags_of_a_bulk_call(mail: MailAccount) -> None:
    """Each mail has its own tags and the default ones, its own first, as lists."""
    mail.ses.send_bulk_templated_email(
        Source=SENDER,
        Template=TEMPLATE,
        ConfigurationSetName=CONFIGURATION_SET,
        DefaultTags=[_tag("team", "files"), _tag("s3link-delivery", "none")],
        DefaultTemplateData='{"name": "a"}',
        Destinations=[
            _to("bob@example.com", _tag("s3link-delivery", "1f")),
            _to("bounce@simulator.amazonses.com", _tag("s3link-delivery", "2e")),
            _to("carol@example.com"),
        ],
    )

    assert [_own(event) for event in mail.events()] == [
        {"team": ["files"], "s3link-delivery": ["1f"]},
        {"team": ["files"], "s3link-delivery": ["2e"]},
        {"team": ["files"], "s3link-delivery": ["none"]},
    ]


@pytest.mark.parametrize("templated", [True, False])
def test_tags_of_a_single_mail(mail: MailAccount, templated: bool) -> None:
    """SendEmail and SendTemplatedEmail take tags, too."""
    given = {
        "Source": SENDER,
        "ConfigurationSetName": CONFIGURATION_SET,
        "Destination": {"ToAddresses": ["bob@example.com"]},
        "Tags": [_tag("team", "files")],
    }
    if templated:
        data = json.dumps({"name": "a"})
        mail.ses.send_templated_email(Template=TEMPLATE, TemplateData=data, **given)
    else:
        message = {"Subject": {"Data": "a"}, "Body": {"Text": {"Data": "b"}}}
        mail.ses.send_email(Message=message, **given)

    [event] = mail.events()
    assert _own(event) == {"team": ["files"]}


_WRONG = [
    (
        _tag("delivery:id", "1"),
        "Invalid tag name <delivery:id>: only alphanumeric ASCII characters, '_', and '-' are "
        "allowed.",
    ),
    (
        _tag("id", "ä"),
        "Invalid tag value <ä>: only alphanumeric ASCII characters, '_', and '-' are allowed.",
    ),
    (
        _tag("id", "a\n"),
        "Invalid tag value <a\n>: only alphanumeric ASCII characters, '_', and '-' are allowed.",
    ),
    (_tag("n" * 256, "1"), "Tag name cannot exceed 255 characters."),
    (_tag("id", "1" * 256), "Tag value cannot exceed 255 characters."),
    (_tag("", "1"), "The tag name must be specified."),
    (_tag("id", ""), "The tag value must be specified."),
]


@pytest.mark.parametrize(("tag", "message"), _WRONG)
def test_wrong_tags(mail: MailAccount, tag: dict[str, str], message: str) -> None:
    """A wrong tag stops the mail that has it; as a default it stops the whole call."""
    destinations = [_to("bob@example.com", tag), _to("carol@example.com")]
    answer = mail.send_bulk(destinations, {"name": "a"})
    with pytest.raises(ClientError) as refused:
        mail.send_bulk(destinations[1:], {"name": "a"}, DefaultTags=[tag])

    entry = answer["Status"][0]
    assert (entry["Status"], entry["Error"]) == ("InvalidParameterValue", message)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValue"
    assert refused.value.response["Error"]["Message"] == message
    assert [one.recipients for one in mails()] == [("carol@example.com",)]


def test_longest_tags(mail: MailAccount) -> None:
    """255 characters are taken."""
    answer = mail.send_bulk([_to("bob@example.com", _tag("n" * 255, "v" * 255))], {"name": "a"})

    assert answer["Status"][0]["Status"] == "Success"
