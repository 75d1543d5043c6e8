"""Everything that can happen to a deployment: mailed, bounced, refused, dead-lettered, replayed."""

from __future__ import annotations

import json

from deploy.local.sns.backend import publish_as_service
from tests.e2e.deployed import SIMULATOR, Deployed
from tests.waiting import until

NOTE = "The pass phrase is swordfish"


def everything_happens(deployed: Deployed) -> str:
    """Gives what was in DeadLetterQueue before it was replayed."""
    deployed.confirm_alarms()
    _mail_and_bounce(deployed)
    _refuse(deployed)
    _dead_letter(deployed)
    until(lambda: any(mail.subject.startswith("ALARM") for mail in deployed.admins_mails))
    letters = deployed.dead_letters()
    deployed.s3link("dlq list --debug")
    deployed.aws.services.start("ses")
    deployed.s3link("dlq redrive --all")
    until(lambda: deployed.fates()["later@example.com"] == "Delivered")
    _look_around(deployed)
    return letters


def _mail_and_bounce(deployed: Deployed) -> None:
    """Every fate that SES's mailbox simulator knows."""
    people = {
        "bob@example.com": "Delivered",
        f"bounce@{SIMULATOR}": "Bounced",
        f"suppressionlist@{SIMULATOR}": "Bounced",
        f"complaint@{SIMULATOR}": "Complained",
        f"ooto@{SIMULATOR}": "Delivered",
    }
    deployed.upload("a file.pdf", recipients=",".join(people), note=NOTE)
    until(lambda: deployed.fates() == people)
    # Bad news comes twice rather than never, as where FateRecorder's time was up.
    unlucky = [person for person, fate in people.items() if fate != "Delivered"]
    until(lambda: all(_is_told_of(person, deployed) for person in unlucky))


def _is_told_of(person: str, deployed: Deployed) -> bool:
    news = [mail.text for mail in deployed.admins_mails if mail.subject.startswith("s3link:")]
    return any(person in text for text in news)


def _refuse(deployed: Deployed) -> None:
    """Uploads that LinkGenerator refuses, each for a reason of its own."""
    deployed.upload("refused.pdf", recipients="eve@evil.example", note=NOTE)
    deployed.upload("mistyped.pdf", recipients=f"bob <bob@example.com> {NOTE}"[:24], note=NOTE)
    deployed.upload("endless.pdf", expires="for ever", note=NOTE)
    deployed.upload("bob@example.com/../up.pdf", note=NOTE)
    until(lambda: _depth(deployed) == 4)


def _dead_letter(deployed: Deployed) -> None:
    """SES is gone for an upload, and FateRecorder gets what it cannot read."""
    deployed.aws.services.stop("ses")
    deployed.upload("later@example.com/late.pdf", note=NOTE)
    _publish_as_ses(deployed, '{"eventType": "Bounce"}')
    until(lambda: _depth(deployed) == 6)


def _publish_as_ses(deployed: Deployed, message: str) -> None:
    """Nobody else may."""
    topic = deployed.names["MailEventsTopic"]
    account = topic.removeprefix("arn:aws:sns:").rpartition(":")[0]
    source = f"arn:aws:ses:{account}:configuration-set/{deployed.names['ConfigurationSet']}"
    structured = json.dumps({"default": message})
    assert publish_as_service("ses.amazonaws.com", source, topic, structured, "SES")


def _depth(deployed: Deployed) -> int:
    attributes = deployed.account.client("sqs").get_queue_attributes(
        QueueUrl=deployed.names["DeadLetterQueue"], AttributeNames=["All"]
    )["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"])


def _look_around(deployed: Deployed) -> None:
    """Whatever an operator looks at."""
    for line in (
        "status",
        "status --output json",
        "deliveries",
        "deliveries --failed --output json",
        "dlq list --output json",
        "logs --since 1h",
        "logs --since 1h --output json",
        "plan",
        "doctor --debug",
    ):
        deployed.s3link(line)
