"""What SES refuses, and what it tells about the mails that it took."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.account import Account
from tests.local.mail import ALL_EVENTS, CONFIGURATION_SET, SENDER, MailAccount, mails


@pytest.fixture
def mail(account: Account) -> MailAccount:
    return MailAccount(account)


_BOB = [{"Destination": {"ToAddresses": ["bob@example.com"]}}]


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        ({"Template": "other"}, "TemplateDoesNotExist", "Template other does not exist"),
        (
            {"ConfigurationSetName": "other"},
            "ConfigurationSetDoesNotExist",
            "Configuration set <other> does not exist.",
        ),
        (
            {"Source": "eve@example.net"},
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region "
            "EU-WEST-1: eve@example.net",
        ),
    ],
)
def test_refused_calls(mail: MailAccount, changed: dict[str, str], code: str, message: str) -> None:
    """A call with the wrong template, configuration set or sender sends nothing."""
    with pytest.raises(ClientError) as refused:
        mail.send_bulk(_BOB, {"name": "a"}, **changed)

    assert refused.value.response["Error"]["Code"] == code
    assert message in str(refused.value)
    assert mails() == []


def test_too_many_destinations(mail: MailAccount) -> None:
    """50 destinations are taken, 51 are not."""
    mail.send_bulk(_BOB * 50, {"name": "a"})

    with pytest.raises(ClientError) as refused:
        mail.send_bulk(_BOB * 51, {"name": "a"})

    assert refused.value.response["Error"]["Code"] == "MessageRejected"
    assert len(mails()) == 50


def test_a_call_that_returns_can_contain_failures(mail: MailAccount) -> None:
    """One bad address does not stop the others; its entry says why."""
    answer = mail.send("bob@example.com", "nobody@", "carol@example.com", name="a")

    statuses = [status["Status"] for status in answer["Status"]]
    assert statuses == ["Success", "InvalidParameterValue", "Success"]
    assert answer["Status"][1]["Error"] == "Missing domain"
    assert [one.recipients for one in mails()] == [("bob@example.com",), ("carol@example.com",)]


def test_domain_identities(mail: MailAccount) -> None:
    """A verified domain may send from every address in it."""
    mail.ses.verify_domain_identity(Domain="example.org")

    mail.send_bulk(_BOB, {"name": "a"}, Source="anybody@example.org")

    assert mails()[0].sender == "anybody@example.org"


def test_send_and_delivery(mail: MailAccount) -> None:
    """SES tells the configuration set's topic that a mail was taken, and that it arrived."""
    mail.listen(*ALL_EVENTS)

    answer = mail.send("bob@example.com", name="a.pdf")

    sent, delivered = mail.events()
    assert (sent["eventType"], delivered["eventType"]) == ("Send", "Delivery")
    about = sent["mail"]
    assert about["messageId"] == answer["Status"][0]["MessageId"]
    assert about["source"] == SENDER
    assert about["destination"] == ["bob@example.com"]
    assert about["commonHeaders"]["subject"] == "A file: a.pdf"
    assert about["tags"]["ses:configuration-set"] == [CONFIGURATION_SET]
    assert delivered["delivery"]["recipients"] == ["bob@example.com"]


def test_a_missing_variable(mail: MailAccount) -> None:
    """The call succeeds and the mail never leaves; only a Rendering Failure event tells."""
    mail.listen(*ALL_EVENTS)

    answer = mail.send("bob@example.com", note="no name")

    assert answer["Status"][0]["Status"] == "Success"
    assert mails() == []
    [event] = mail.events()
    assert event["eventType"] == "Rendering Failure"
    assert event["failure"] == {
        "errorMessage": "Attribute 'name' is not present in the rendering data.",
        "templateName": "announcement",
    }


@pytest.mark.parametrize(
    ("user", "events"),
    [
        ("success", ["Send", "Delivery"]),
        ("bounce", ["Send", "Bounce"]),
        ("complaint", ["Send", "Delivery", "Complaint"]),
        ("suppressionlist", ["Send", "Bounce"]),
        ("bounce+label", ["Send", "Bounce"]),
        ("ooto", ["Send", "Delivery", "Bounce"]),
    ],
)
def test_mailbox_simulator(mail: MailAccount, user: str, events: list[str]) -> None:
    """The addresses of SES's mailbox simulator have their fate here, too."""
    mail.listen(*ALL_EVENTS)

    mail.send(f"{user}@simulator.amazonses.com", name="a")

    assert [event["eventType"] for event in mail.events()] == events
    assert len(mails()) == (user in ("success", "ooto"))


def test_out_of_the_office(mail: MailAccount) -> None:
    """The mail arrives; SES takes the automatic answer for a bounce, and calls it transient."""
    mail.listen("bounce")

    mail.send("ooto@simulator.amazonses.com", name="a")

    [event] = mail.events()
    assert event["bounce"]["bounceType"] == "Transient"
    assert event["bounce"]["bouncedRecipients"] == [
        {"emailAddress": "ooto@simulator.amazonses.com"}
    ]


def test_events_that_nobody_asked_for(mail: MailAccount) -> None:
    """A destination gets the kinds of events that it names."""
    mail.listen("bounce")

    mail.send("bob@example.com", name="a")

    assert mail.events() == []


def _policy(topic: str, **condition: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": condition,
    }
    return json.dumps({"Statement": [statement]})


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "210987654321"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:ses:*:*:configuration-set/mails"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:ses:*:*:configuration-set/other"}}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
    ],
)
def test_a_topic_must_let_ses_publish(
    mail: MailAccount, account: Account, condition: dict[str, Any], allowed: bool
) -> None:
    """SES tries the topic when the destination is made, and refuses one that does not let it."""
    sns = account.client("sns")
    topic = sns.create_topic(Name="events")["TopicArn"]
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=_policy(topic, **condition)
    )
    destination = {
        "Name": "topic",
        "Enabled": True,
        "MatchingEventTypes": ["send"],
        "SNSDestination": {"TopicARN": topic},
    }

    def create() -> None:
        mail.ses.create_configuration_set_event_destination(
            ConfigurationSetName=CONFIGURATION_SET, EventDestination=destination
        )

    if allowed:
        create()
        return
    with pytest.raises(ClientError) as refused:
        create()
    assert refused.value.response["Error"]["Code"] == "InvalidSNSDestination"


def test_quota(mail: MailAccount) -> None:
    """The account has left the sandbox, with the numbers that SES then begins with."""
    mail.send("bob@example.com", name="a")

    quota = mail.ses.get_send_quota()

    assert (quota["Max24HourSend"], quota["MaxSendRate"]) == (50000.0, 14.0)
    assert quota["SentLast24Hours"] == 1.0
