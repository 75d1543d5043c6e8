"""Faults that pass: LinkGenerator, or Lambda's next try, gets over them by itself."""

from __future__ import annotations

import json
from itertools import count
from typing import Any
from urllib.parse import quote_plus

import pytest

from deploy.local.ses.send_rate import SEND_RATE
from tests.faults.deployed import Deployed
from tests.faults.faults import FATE, HEAD, RECORD, SEND
from tests.waiting import until

pytestmark = pytest.mark.slow

ANN, BOB, CAT = "ann@example.com", "bob@example.com", "cat@example.com"
ERRORS = frozenset({"LinkGeneratorErrorsTooHighAlarm"})
RATE = "Maximum sending rate exceeded."


def assert_each_delivered_once(
    deployed: Deployed, *recipients: str, alarms: frozenset[str] = frozenset()
) -> None:
    """Everybody's mail has been delivered, once, nothing waits, and only `alarms` are on."""
    until(lambda: deployed.ledger() == dict.fromkeys(recipients, "Delivered"))
    assert deployed.mails() == dict.fromkeys(recipients, 1)
    assert deployed.dead_letters() == []
    until(lambda: deployed.alarms() == alarms)
    deployed.wait_until_admin_knows(alarms)


def test_ses_is_down_for_a_moment(deployed: Deployed) -> None:
    """It is asked again at once; nobody is bothered."""
    deployed.faults.answer(SEND, 503, "ServiceUnavailable", times=2)
    deployed.upload("report.pdf", ANN, BOB)

    assert_each_delivered_once(deployed, ANN, BOB)


@pytest.mark.parametrize("seconds", [1, 5, 60])
def test_ses_throttles(deployed: Deployed, seconds: int) -> None:
    """LinkGenerator waits for its turn; nobody is bothered."""
    deployed.faults.answer(SEND, 400, "Throttling", RATE, seconds=seconds)
    deployed.upload("report.pdf", ANN, BOB)

    assert_each_delivered_once(deployed, ANN, BOB)
    assert deployed.faults.hits() > 1
    assert deployed.alarms() == set()
    assert "SES is busy (Throttling); mails for" in deployed.log()


def test_ses_takes_one_mail_a_second(deployed: Deployed) -> None:
    """Of a bulk call it takes what it can; the others wait their turn."""
    SEND_RATE.limit(1, clock=count(step=0.5).__next__)  # half a second for each mail it is given
    try:
        deployed.upload("report.pdf", ANN, BOB, CAT)
        assert_each_delivered_once(deployed, ANN, BOB, CAT)
    finally:
        SEND_RATE.limit(None)
    assert deployed.alarms() == set()
    assert "SES is busy" in deployed.log()


def test_ses_takes_half_of_a_bulk_call(deployed: Deployed) -> None:
    """Lambda's next try mails the others only; the admin hears of an error."""
    deployed.faults.half_of_a_bulk_call(times=1)
    deployed.upload("report.pdf", ANN, BOB, CAT)

    assert_each_delivered_once(deployed, ANN, BOB, CAT, alarms=ERRORS)
    assert "was not mailed to 1 of its recipients: InvalidParameterValue for bob@" in deployed.log()


def test_ses_answer_is_lost_and_its_event_comes(slowly_retried: Deployed) -> None:
    """The event proves by the next try that SES took the mails: no second one."""
    deployed = slowly_retried
    deployed.faults.lose_the_answer(SEND, times=1)
    deployed.upload("report.pdf", ANN, BOB)
    until(lambda: deployed.ledger() == {ANN: "Delivered", BOB: "Delivered"})

    deployed.next_tries()

    until(lambda: "bob@example.com was mailed" in deployed.log())
    assert_each_delivered_once(deployed, ANN, BOB, alarms=ERRORS)


def test_ses_answer_is_lost_and_its_event_is_late(deployed: Deployed) -> None:
    """Nobody can know whether SES took the mails: twice is better than never."""
    deployed.faults.lose_the_answer(SEND, times=1)
    deployed.faults.answer(FATE, 500, "InternalServerError")
    deployed.upload("report.pdf", ANN, BOB)

    until(lambda: deployed.mails() == {ANN: 2, BOB: 2})
    until(lambda: deployed.ledger() == {ANN: "Mailed", BOB: "Mailed"})


def test_the_ledger_is_down_for_the_final_write(deployed: Deployed) -> None:
    """It is tried again while there is time, so nobody is mailed twice."""
    deployed.faults.answer(RECORD, 500, "InternalServerError", seconds=5)
    deployed.upload("report.pdf", ANN, BOB)

    until(lambda: deployed.ledger() == {ANN: "Delivered", BOB: "Delivered"})
    assert_each_delivered_once(deployed, ANN, BOB)


def test_the_ledger_is_down_for_every_final_write(slowly_retried: Deployed) -> None:
    """SES's own event proves that the mails left: the next try mails nobody twice."""
    deployed = slowly_retried
    deployed.configure(Timeout=46)  # time for one try, and for another within a second
    deployed.faults.answer(RECORD, 500, "InternalServerError")
    deployed.upload("report.pdf", ANN, BOB)
    until(lambda: deployed.ledger() == {ANN: "Delivered", BOB: "Delivered"})

    deployed.next_tries()

    until(lambda: "bob@example.com was mailed" in deployed.log())
    assert_each_delivered_once(deployed, ANN, BOB, alarms=ERRORS)
    assert "could not record it (InternalServerError)" in deployed.log()


def test_a_file_that_is_gone(deployed: Deployed) -> None:
    """There is nothing to announce: a line in the log, no mail, no error."""
    deployed.faults.answer(HEAD, 404, "NoSuchKey")
    deployed.upload("report.pdf", ANN)

    until(lambda: '"report.pdf" was gone before its event; nobody is mailed' in deployed.log())
    assert (deployed.mails(), deployed.ledger(), deployed.dead_letters()) == ({}, {}, [])
    assert deployed.alarms() == set()


def event_of(deployed: Deployed, *uploads: tuple[str, str]) -> dict[str, Any]:
    """S3's event about keys and their versions."""
    return {
        "Records": [
            {
                "eventName": "ObjectCreated:Put",
                "s3": {
                    "bucket": {"name": deployed.local.bucket},
                    "object": {"key": quote_plus(key), "versionId": version, "sequencer": "01"},
                },
            }
            for key, version in uploads
        ]
    }


def send_event(deployed: Deployed, event: dict[str, Any]) -> None:
    deployed.clients.awslambda.invoke(
        FunctionName=deployed.generator, InvocationType="Event", Payload=json.dumps(event)
    )


def test_a_duplicate_event(deployed: Deployed) -> None:
    """S3 may tell of a file twice: the second time nobody is mailed."""
    version = deployed.upload("report.pdf", ANN)
    until(deployed.mails)

    send_event(deployed, event_of(deployed, ("report.pdf", version)))

    until(lambda: "ann@example.com was mailed" in deployed.log())
    assert_each_delivered_once(deployed, ANN)


def test_twins(deployed: Deployed) -> None:
    """Both run at the same time: one mails, the other leaves it to the first."""
    versions: list[str] = []

    def twin() -> None:
        send_event(deployed, event_of(deployed, ("report.pdf", versions[0])))
        until(lambda: "is being mailed" in deployed.log())

    deployed.faults.meanwhile(SEND, twin, times=1)
    versions.append(deployed.upload("report.pdf", ANN, BOB))

    assert_each_delivered_once(deployed, ANN, BOB)


def test_twins_of_one_request(deployed: Deployed) -> None:
    """Lambda runs one event twice at once: the second run fails, so that a try is left for it."""
    versions: list[str] = []
    errors: list[str] = []

    def twin() -> None:
        event = event_of(deployed, ("report.pdf", versions[0]))
        errors.append(deployed.run_again(event, deployed.claimant()))

    deployed.faults.meanwhile(SEND, twin, times=1)
    versions.append(deployed.upload("report.pdf", ANN, BOB))

    until(lambda: errors)
    assert_each_delivered_once(deployed, ANN, BOB, alarms=ERRORS)
    assert errors == [
        '"report.pdf" is being announced by another run of the same event. '
        "Lambda tries again, and then finds it done."
    ]


def test_events_in_reverse_order(deployed: Deployed) -> None:
    """Each version has its own mail, whichever event comes first."""
    deployed.faults.answer(HEAD, 404, "NoSuchKey", times=2)  # S3's own events find nothing
    versions = [deployed.upload("report.pdf", ANN) for _ in range(2)]
    until(lambda: deployed.faults.hits() == 2)

    for version in reversed(versions):
        send_event(deployed, event_of(deployed, ("report.pdf", version)))

    until(lambda: deployed.mails() == {ANN: 2})
    assert sorted(row["version"] for row in deployed.deliveries()) == sorted(versions)
    assert deployed.dead_letters() == []


def test_a_copy_onto_itself(deployed: Deployed) -> None:
    """An edit of metadata mails only whom it adds; a copy under another key is another file."""
    deployed.upload("report.pdf", ANN)
    until(lambda: deployed.mails() == {ANN: 1})

    deployed.copy("report.pdf", "report.pdf", ANN, BOB)
    until(lambda: deployed.mails() == {ANN: 1, BOB: 1})
    deployed.copy("report.pdf", "copy.pdf", ANN)

    until(lambda: deployed.mails() == {ANN: 2, BOB: 1})
    assert "is a copy of the version before it" in deployed.log()
    assert deployed.dead_letters() == []


def test_an_empty_file_that_is_filled(deployed: Deployed) -> None:
    """It came as programs write that show a bucket as a drive: one mail, of the whole file."""
    deployed.faults.meanwhile(HEAD, lambda: deployed.upload("report.pdf", ANN), times=1)

    deployed.upload("report.pdf", ANN, content=b"")

    until(lambda: "was empty, and was replaced or deleted at once" in deployed.log())
    assert_each_delivered_once(deployed, ANN)


def test_an_event_of_nothing(deployed: Deployed) -> None:
    """It is no error, and mails nobody."""
    send_event(deployed, {"Records": []})

    until(lambda: "Skipped an event without records" in deployed.log())
    assert (deployed.mails(), deployed.ledger(), deployed.dead_letters()) == ({}, {}, [])


def test_an_event_of_a_hundred_files(deployed: Deployed) -> None:
    """One bad file fails the event and stops none of the others; all are mailed once."""
    deployed.faults.answer(HEAD, 404, "NoSuchKey", times=100)  # S3's own events find nothing
    uploads = [(f"{n}.pdf", deployed.upload(f"{n}.pdf", ANN)) for n in range(99)]
    uploads.append(("x.pdf", deployed.upload("x.pdf", "eve@evil.example.net")))
    until(lambda: deployed.faults.hits() == 100)

    send_event(deployed, event_of(deployed, *uploads))

    until(deployed.dead_letters)
    assert deployed.mails() == {ANN: 99}
    assert len(deployed.files()) == 99
    assert '"x.pdf" was not announced to anybody' in deployed.dead_letters()[0]
