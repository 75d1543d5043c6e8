"""The function dies, at each step: Lambda's next try finds the claim lapsed, and finishes.

A claim lasts 30 s and Lambda waits for 60; here the tries are 31 s apart. All files die on one
deployment and are made up for side by side.
"""

from __future__ import annotations

import pytest

from tests.faults.conftest import Deploy
from tests.faults.deployed import Deployed, until
from tests.faults.faults import CLAIM, FATE, HEAD, RECORD, SEND

pytestmark = pytest.mark.slow

ANN = "ann@example.com"
AFTER_THE_CLAIM_LAPSED = 31


def test_killed_at_each_step(deploy: Deploy) -> None:
    """Whatever was done by then: every file is mailed, and once."""
    deployed = deploy(AFTER_THE_CLAIM_LAPSED, AFTER_THE_CLAIM_LAPSED)
    faults = deployed.faults
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
        until(lambda died=died: faults.hits() == died)  # type: ignore[misc]

    until(lambda: len(deployed.files()) == len(steps), patience=120)
    until(lambda: _states(deployed) == dict.fromkeys(steps, "Delivered"))
    assert deployed.files() == {(ANN, key): 1 for key in steps}
    assert deployed.dead_letters() == []
    assert deployed.alarms() == {"LinkGeneratorErrorsTooHighAlarm"}


def test_out_of_time(deploy: Deploy) -> None:
    """A call that hangs until the time limit: the next try mails."""
    deployed = deploy(AFTER_THE_CLAIM_LAPSED, AFTER_THE_CLAIM_LAPSED)
    deployed.configure(Timeout=5)
    deployed.faults.hold(SEND, 8, times=1)
    deployed.upload("report.pdf", ANN)

    until(deployed.mails, patience=120)
    until(lambda: _states(deployed) == {"report.pdf": "Delivered"})
    assert deployed.mails() == {ANN: 1}
    assert deployed.dead_letters() == []
    assert "The function ended with timeout after 5." in deployed.log()


def test_neither_the_ledger_nor_ses_event_tells(deploy: Deploy) -> None:
    """Nobody can know that the mail left, so the next try sends it again: the one doubt."""
    deployed = deploy(AFTER_THE_CLAIM_LAPSED, AFTER_THE_CLAIM_LAPSED)
    deployed.configure(Timeout=46)  # so that it gives up after a second
    deployed.faults.answer(RECORD, 500, "InternalServerError")
    deployed.faults.answer(FATE, 500, "InternalServerError")
    deployed.upload("report.pdf", ANN)
    until(lambda: "so they may be mailed once more" in deployed.log())
    deployed.faults.end(RECORD)

    until(lambda: deployed.mails() == {ANN: 2}, patience=120)
    until(lambda: _states(deployed) == {"report.pdf": "Mailed"})
    assert deployed.dead_letters() == []


def _states(deployed: Deployed) -> dict[str, str]:
    rows = deployed.s3link("deliveries --output json").document["deliveries"]
    return {row["file"]: row["state"] for row in rows}
