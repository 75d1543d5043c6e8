"""Histories of files that wait for others: whatever comes twice, late or side by side, fails or
dies, each is mailed once to whom it is for, but where nobody could know whether SES took the mail.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from files.uploads import Outcome
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from ledger import rows
from link_generator.closing import is_wake_up
from link_generator.errors import UnexpectedFailure

from tests.lambda_src.fakes import Mail, arrival_of, people
from tests.lambda_src.gathering_world import GATHERING, GatheringWorld
from tests.lambda_src.histories.faults import Client, Plan, Sending, Taken, Wire
from tests.lambda_src.histories.queue import Event, Queue, plans

PEOPLE = people(2)
FOLDERS = ("", "photos/")
# Longer than any history.
KEPT = {"ExchangableObjectsTTL": "30"}
_MOST_ROUNDS = 60


def with_id(event: Event) -> Any:
    """A wake-up's letter, as `s3link dlq redrive` reads it."""
    return {"id": event.request, **event.body} if is_wake_up(event.body) else event.body


class Gatherings(RuleBasedStateMachine):
    """One deployment: what was uploaded, the events of it and of its wake-ups, and dead letters."""

    def __init__(self) -> None:
        super().__init__()
        self.world = GatheringWorld()
        self.world.parameters |= KEPT
        self.queue = Queue(self.run_function, self.world.clock, letter=with_id)
        self.world.bucket.arrived = lambda key, version: self.queue.send(
            arrival_of(key, version=version)
        )
        self.wanted: dict[str, set[str]] = {}
        self.taken: dict[str, list[Taken]] = {}

    @initialize(has_portal=st.booleans())
    def deploy(self, has_portal: bool) -> None:
        if not has_portal:
            self.world.parameters = {**GATHERING, **KEPT}

    @rule(
        recipients=st.sets(st.sampled_from(PEOPLE), min_size=1),
        folder=st.sampled_from(FOLDERS),
        count=st.integers(1, 3),
    )
    def files_come(self, recipients: set[str], folder: str, count: int) -> None:
        for _ in range(count):
            key = f"{folder}{len(self.wanted)}.pdf"
            self.wanted[key] = recipients
            self.world.bucket.put(key, recipients=",".join(sorted(recipients)))
            self.queue.send(arrival_of(key, version="v1"))

    @precondition(lambda self: self.wanted)
    @rule(number=st.integers(0))
    def s3_sends_an_event_again(self, number: int) -> None:
        key = list(self.wanted)[number % len(self.wanted)]
        self.queue.send(arrival_of(key, version="v1"))

    @precondition(lambda self: self.world.scheduler.made)
    @rule(is_doubled=st.booleans(), seconds=st.integers(0, 60))
    def scheduler_fires(self, is_doubled: bool, seconds: int) -> None:
        """What is due by then: its precision is a minute, and it invokes at least once."""
        self.world.clock.passes(seconds=seconds)
        for event in self.world.scheduler.due(self.world.clock.now):
            self.queue.send(event)
            if is_doubled:
                self.queue.send(event)

    @precondition(lambda self: self.queue.waiting)
    @rule(index=st.integers(0), plan=plans, twins_plan=plans)
    def lambda_runs_an_event(self, index: int, plan: Plan, twins_plan: Plan) -> None:
        self.queue.run(index, plan, twins_plan)

    @precondition(lambda self: self.queue.letters)
    @rule(index=st.integers(0), plan=plans, twins_plan=plans)
    def the_operator_replays(self, index: int, plan: Plan, twins_plan: Plan) -> None:
        self.queue.redrive(index, plan, twins_plan)

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.passes(seconds=seconds)

    @rule(refused=st.sets(st.sampled_from(PEOPLE)))
    def ses_refuses_some(self, refused: set[str]) -> None:
        self.world.post_office.refuses_nobody()
        for recipient in refused:
            self.world.post_office.refuses(recipient, "MessageRejected")

    def teardown(self) -> None:
        self.world.post_office.refuses_nobody()
        for _ in range(_MOST_ROUNDS):
            self.queue.run_all()
            if not self.world.scheduler.made:
                break
            self.queue.send(self.world.scheduler.run_next(self.world.clock))
        else:
            raise AssertionError("it does not come to an end")
        assert self.world.gathered.left == []
        # Of one delivery more than one mail is in doubt, as `handed_over` asserts.
        deliveries = {mail.tags["s3link-delivery"]: mail for mail in self.world.post_office.mails}
        mailed = Counter(
            (name, mail.to) for mail in deliveries.values() for name in self.names(mail)
        )
        wanted = {(key.rpartition("/")[2], one) for key, to in self.wanted.items() for one in to}
        assert mailed == Counter(wanted)

    def run_function(self, event: Event, wire: Wire) -> bool:
        """One run of LinkGenerator."""

        def over(service: str, client: object) -> object:
            if service == "ses":
                client = Sending(self.world.post_office, wire, self.handed_over)
            return Client(wire, service, client)

        try:
            announced = self.world.run(event.body, event.request, self.world.services(over))
        except UnexpectedFailure as exc:
            raise AssertionError from exc
        return all(one.outcome is not Outcome.IN_PROGRESS for one in announced)

    def handed_over(self, mail: Mail, wire: Wire) -> None:
        """SES takes a mail. If it took one of this delivery before, that must be in doubt."""
        delivery = mail.tags["s3link-delivery"]
        row = next((row for row in self.world.table.rows if row[rows.DELIVERY_ID] == delivery), {})
        before = self.taken.setdefault(delivery, [])
        assert all(one.is_in_doubt for one in before)
        assert not (before and rows.MESSAGE_ID in row)
        before.append(Taken(wire, wire.faults))

    def names(self, mail: Mail) -> list[str]:
        """Of the files that it announces; the portal's page has those that the mail does not."""
        row = next(
            row
            for row in self.world.table.rows
            if row[rows.DELIVERY_ID] == mail.tags["s3link-delivery"]
        )
        manifest = self.world.bucket.manifests.get(str(row[rows.FILE]))
        keys = [one["key"] for one in manifest["files"]] if manifest else [str(row[rows.FILE])]
        return [key.rpartition("/")[2] for key in keys]


TestGatherings = Gatherings.TestCase
