"""The function dies, at each step: Lambda's next try finds the claim lapsed, and finishes.

A claim lasts 30 s and Lambda waits for 60, which pass when a test says so: no more than 60 pass
for a claim, so that it has to lapse within Lambda's own wait. All files die on one
deployment and are made up for side by side.
"""

from __future__ import annotations

from threading import Event

import pytest

from tests.faults.deployed import Deployed
from tests.faults.faults import CLAIM, FATE, HEAD, RECORD, SEND
from tests.waiting import until

pytestmark = pytest.mark.slow

ANN = "ann@example.com"


def test_killed_at_each_step(slowly_retried: Deployed) -> None:
    """Whatever was done by then: every file is mailed, and once."""
    deployed, faults = slowly_retried, slowly_retried.faults
    steps = {
        "before-claim.pdf": lambda: faults.before(CLAIM, deployed.kill, times=1),
        "after-claim.pdf": lambda: faults.after(CLAIM, deployed.kill, times=1),
        "before-mail.pdf": lambda: faults.before(SEND, deployed.kill, times=1),
        "after-mail.pdf": lambda: faults.after(SEND, deployed.kill, times=1),
        "before-record.pdf": lambda: faults.before(RECORD, deployed.kill, times=1),
        "after-record.pdf": lambda: faults.after(RECORD, deployed.kill, times=1),
        "at-first.pdf": lambda: faults.before(HEAD, deployed.kill, times=1),
    }
    for died, (key, put) in enumerate(steps.items(), start=1):
        put()
        deployed.upload(key, ANN)
        until(lambda died=died: deployed.failed_and_waiting() == died)  # type: ignore[misc]
        assert faults.hits() == died

    deployed.next_tries(failed=len(steps))

    until(lambda: len(deployed.files()) == len(steps))
    until(lambda: _states(deployed) == dict.fromkeys(steps, "Delivered"))
    assert deployed.files() == {(ANN, key): 1 for key in steps}
    assert deployed.dead_letters() == []
    until(lambda: deployed.alarms() == {"LinkGeneratorErrorsTooHighAlarm"})


def test_out_of_time(slowly_retried: Deployed) -> None:
    """A call that hangs until the time limit: the next try mails."""
    deployed, over = slowly_retried, Event()
    deployed.configure(Timeout=9)  # LinkGenerator itself gives up on SES's answer after 10 s
    deployed.faults.hold(SEND, over, times=1)
    deployed.upload("report.pdf", ANN)

    try:
        until(lambda: deployed.failed_and_waiting() == 1)
        assert deployed.faults.hits() == 1
        deployed.configure(Timeout=900)  # as deployed, so that the next try may take its time
        deployed.next_tries()
        until(deployed.mails)
    finally:
        over.set()
    until(lambda: _states(deployed) == {"report.pdf": "Delivered"})
    assert deployed.mails() == {ANN: 1}
    assert deployed.dead_letters() == []
    assert "The function ended with timeout after " in deployed.log()


def test_neither_the_ledger_nor_ses_event_tells(slowly_retried: Deployed) -> None:
    """Nobody can know that the mail left, so the next try sends it again: the one doubt."""
    deployed = slowly_retried
    deployed.configure(Timeout=46)  # time for one try, and for another within a second
    deployed.faults.answer(RECORD, 500, "InternalServerError")
    deployed.faults.answer(FATE, 500, "InternalServerError")
    deployed.upload("report.pdf", ANN)
    until(lambda: "so they may be mailed once more" in deployed.log())
    deployed.faults.end(RECORD)

    deployed.next_tries()

    until(lambda: deployed.mails() == {ANN: 2})
    until(lambda: _states(deployed) == {"report.pdf": "Mailed"})
    assert deployed.dead_letters() == []


def _states(deployed: Deployed) -> dict[str, str]:
    return {row["file"]: row["state"] for row in deployed.deliveries()}
