"""Faults that outlast Lambda's tries: the event waits, the admin knows, a replay mails all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from deploy.local.inbox.mailbox import MAILBOX
from tests.faults.deployed import Deployed
from tests.faults.faults import CLAIM, HEAD, INVOKE, SEND
from tests.waiting import until

pytestmark = pytest.mark.slow

ANN, BOB = "ann@example.com", "bob@example.com"
ERRORS, DEEP = "LinkGeneratorErrorsTooHighAlarm", "DeadLetterQueueTooDeepAlarm"

Act = Callable[[Deployed], object]


@dataclass(frozen=True)
class Case:
    """`inject` → `error` in DeadLetterQueue, `states` in the ledger → `mend` and replay."""

    inject: Act
    error: str
    states: str | None  # of both deliveries; None when there is no row
    mend: Act = lambda deployed: deployed.faults.end()


def stop(service: str) -> Act:
    return lambda deployed: deployed.aws.services.stop(service)


def start(service: str) -> Act:
    return lambda deployed: deployed.aws.services.start(service)


def answers(step: str, status: int, code: str, message: str = "") -> Act:
    return lambda deployed: deployed.faults.answer(step, status, code, message)


def remove_the_template(deployed: Deployed) -> None:
    name = deployed.outputs["LinkDownloadTemplateName"]
    ses = deployed.clients.ses
    kept.update(ses.get_template(TemplateName=name)["Template"])
    ses.delete_template(TemplateName=name)


def put_the_template_back(deployed: Deployed) -> None:
    deployed.clients.ses.create_template(Template=kept)


kept: dict[str, Any] = {}


def remove_the_configuration_set(deployed: Deployed) -> None:
    name = deployed.outputs["ConfigSetName"]
    deployed.clients.ses.delete_configuration_set(ConfigurationSetName=name)


def put_the_configuration_set_back(deployed: Deployed) -> None:
    name = deployed.outputs["ConfigSetName"]
    deployed.clients.ses.create_configuration_set(ConfigurationSet={"Name": name})


CASES = {
    "SES is down": Case(stop("ses"), "ServiceUnavailable for ann@", "Refused", start("ses")),
    "SES cannot be reached": Case(
        lambda deployed: deployed.faults.lose_the_call(SEND),
        "ConnectionClosedError for ann@",
        "Refused",
    ),
    "the daily quota is used up": Case(
        answers(SEND, 400, "Throttling", "Daily message quota exceeded."),
        "AccountDailyQuotaExceeded for ann@",
        "Refused",
    ),
    "the template is gone": Case(
        remove_the_template,
        "SES has no template s3link-sender-download; make it again under this name",
        "Refused",
        put_the_template_back,
    ),
    "the configuration set is gone": Case(
        remove_the_configuration_set,
        "SES has no configuration set s3link-sender-mails; make it again under this name",
        "Refused",
        put_the_configuration_set_back,
    ),
    "S3 says 403": Case(
        answers(HEAD, 403, "AccessDenied"), "S3 does not let LinkGenerator's role read it", None
    ),
    "S3 is down": Case(answers(HEAD, 503, "ServiceUnavailable"), "S3 answered 503", None),
    "the ledger is throttled": Case(
        answers(CLAIM, 400, "ThrottlingException"), "(ThrottlingException). Lambda tries", None
    ),
    "the ledger is down": Case(
        lambda deployed: deployed.faults.lose_the_call(CLAIM), "(ConnectionClosedError).", None
    ),
    "the ledger may not be used": Case(
        answers(CLAIM, 400, "AccessDeniedException"), "Deploy the generator stack again", None
    ),
    "there is not enough memory": Case(
        lambda deployed: deployed.shrink_memory(32),
        "Runtime exited with error: signal: killed",
        None,
        lambda deployed: deployed.configure(MemorySize=512),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_given_up_waits_and_is_replayed(deployed: Deployed, case: Case) -> None:
    """Nobody is mailed, the event is kept with its reason, the admin is told; then each once."""
    case.inject(deployed)
    deployed.upload("report.pdf", ANN, BOB)
    until(deployed.dead_letters)
    until(lambda: deployed.alarms() == {ERRORS, DEEP})

    [error] = deployed.dead_letters()
    assert case.error in error
    assert deployed.mails() == {}
    deployed.wait_until_admin_knows({ERRORS, DEEP})
    assert "report.pdf" in deployed.s3link("dlq list").stdout

    case.mend(deployed)
    assert deployed.ledger() == ({ANN: case.states, BOB: case.states} if case.states else {})
    replayed = deployed.s3link("dlq redrive --all")

    assert replayed.exit_code == 0, replayed.stderr
    assert deployed.mails() == {ANN: 1, BOB: 1}
    assert deployed.dead_letters() == []


def test_a_queue_full_of_rubbish(deployed: Deployed) -> None:
    """What cannot be read is named and stays; the one event among it is replayed."""
    deployed.aws.services.stop("ses")
    deployed.upload("report.pdf", ANN)
    until(deployed.dead_letters)
    for rubbish in ("no JSON", "{", "[]", '{"Records": []}', "\u2028 hello"):
        deployed.clients.sqs.send_message(
            QueueUrl=deployed.outputs["DeadLetterQueueUrl"], MessageBody=rubbish
        )
    deployed.aws.services.start("ses")

    listed = deployed.s3link("dlq list --output json").document["messages"]
    replayed = deployed.s3link("dlq redrive --all")

    unreadable = [message for message in listed if message["kind"] == "unreadable"]
    assert (len(listed), len(unreadable)) == (6, 5)
    assert replayed.exit_code == 1
    assert replayed.error.startswith("1 of 6 messages was replayed; 5 stay in the queue")
    assert deployed.mails() == {ANN: 1}
    assert len(deployed.s3link("dlq list --output json").document["messages"]) == 5
    until(lambda: DEEP in deployed.alarms())


def test_a_recipient_who_can_never_be_mailed(deployed: Deployed) -> None:
    """No redrive gets rid of a typo; once the operator drops it, the alarm ends."""
    deployed.upload("typo.pdf", "ann@exmaple.com", BOB)
    until(deployed.dead_letters)
    replayed = deployed.s3link("dlq redrive --all")
    [letter] = deployed.s3link("dlq list --output json").document["messages"]

    dropped = deployed.s3link(f"dlq drop {letter['id']} --yes")

    assert replayed.exit_code == 1
    assert "ann@exmaple.com" in letter["error"]
    assert "take out what can never pass with `s3link dlq drop ID" in replayed.error
    assert dropped.exit_code == 0, dropped.stderr
    assert dropped.stdout.startswith(f'Dropped {letter["id"]}: "typo.pdf" was not announced to')
    assert deployed.dead_letters() == []
    assert deployed.mails() == {}
    assert deployed.s3link("dlq redrive --all").exit_code == 0


def test_a_sender_who_may_not_be_named(deployed: Deployed) -> None:
    """Nobody is mailed in their name, until the operator has listed them."""
    deployed.clients.s3.put_object(
        Bucket=deployed.outputs["FileExchangeBucketName"],
        Key="report.pdf",
        Metadata={"recipients": BOB, "sender": f"Ann Example <{ANN}>"},
    )
    until(deployed.dead_letters)
    [letter] = deployed.s3link("dlq list --output json").document["messages"]
    replayed = deployed.s3link("dlq redrive --all")
    before = _subjects_to(BOB)

    listed = deployed.s3link(f"deploy --yes --set AuthorizedSenders={ANN}")
    again = deployed.s3link("dlq redrive --all")

    assert f"not on AuthorizedSenders: {ANN}." in letter["error"]
    assert (replayed.exit_code, before) == (1, [])
    assert listed.exit_code == 0, listed.stderr
    assert again.exit_code == 0, again.stderr
    assert _subjects_to(BOB) == ["Ann Example shares report.pdf with you"]


def _subjects_to(recipient: str) -> list[str]:
    return [mail.subject for mail in MAILBOX.mails() if mail.recipients == (recipient,)]


def test_the_answer_to_a_redrive_is_lost(deployed: Deployed) -> None:
    """LinkGenerator is not invoked again at once; the next redrive finds that it has mailed."""
    deployed.aws.services.stop("ses")
    deployed.upload("report.pdf", ANN, BOB)
    until(deployed.dead_letters)
    deployed.aws.services.start("ses")
    deployed.faults.lose_the_answer(INVOKE)

    lost = deployed.s3link("dlq redrive --all")
    hits = deployed.faults.hits()
    deployed.faults.end()
    again = deployed.s3link("dlq redrive --all")

    assert (lost.exit_code, hits) == (1, 1)
    assert "has done it is not known, for its answer was lost" in lost.stderr
    assert (again.exit_code, deployed.dead_letters()) == (0, [])
    assert '"report.pdf" (already mailed)' in again.stdout
    assert deployed.mails() == {ANN: 1, BOB: 1}


def test_a_dead_letter_that_cannot_be_kept(deployed: Deployed) -> None:
    """Then an alarm of its own tells, and the log names the file."""
    deployed.aws.services.stop("ses")
    deployed.clients.sqs.delete_queue(QueueUrl=deployed.outputs["DeadLetterQueueUrl"])
    deployed.upload("report.pdf", ANN)

    until(lambda: "LinkGeneratorEventsLostAlarm" in deployed.alarms())
    assert '"report.pdf" was not mailed to 1 of its recipients' in deployed.log()
    assert deployed.ledger() == {ANN: "Refused"}
    assert deployed.mails() == {}


def test_an_admin_who_is_not_subscribed(deployed: Deployed) -> None:
    """No mail can tell them; `s3link status` does, with the alarms that are on."""
    topic = deployed.outputs["CommonAlarmTopicArn"]
    subscriptions = deployed.clients.sns.list_subscriptions_by_topic(TopicArn=topic)
    for subscription in subscriptions["Subscriptions"]:
        deployed.clients.sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    before = len(deployed.admins_mails())
    deployed.aws.services.stop("ses")
    deployed.upload("report.pdf", ANN)
    until(deployed.dead_letters)
    until(lambda: deployed.alarms() == {ERRORS, DEEP})

    status = deployed.s3link("status").stdout

    assert len(deployed.admins_mails()) == before
    assert "Nobody gets alarms: nobody is subscribed to CommonAlarmTopic" in status
    assert f"{DEEP}" in status
    assert " is on: " in status
