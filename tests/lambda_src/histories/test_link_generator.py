"""Histories of uploads: nobody who should get a file or a share goes without its mail, and nobody
is mailed twice but where nobody could know whether SES had taken the first. A share is mailed when
all of it is there, and no file of it alone."""

from __future__ import annotations

from dataclasses import replace

from files.manifest import Manifest, SharedFile, manifest_key
from files.uploads import Outcome
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from ledger import rows
from link_generator.errors import UnexpectedFailure
from portal_links.tokens import parse_token

from tests.lambda_src.fakes import PORTAL, Mail, World, arrival_of, people
from tests.lambda_src.histories.faults import Client, Plan, Sending, Taken, Wire
from tests.lambda_src.histories.queue import Event, Queue, plans_of

PEOPLE = people(4)
# Longer than any history.
KEPT = {"ExchangableObjectsTTL": "30"}
CONTENT = b"bytes"

plans = plans_of(14)  # a share asks S3 about each of its files


class Uploads(RuleBasedStateMachine):
    """One deployment: what was uploaded, the events of it, and the dead letters."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.queue = Queue(self.announce, self.world.clock)
        self.parameters = dict(KEPT)
        self.wanted: dict[str, set[str]] = {}  # by the name that mails say
        self.keys: list[str] = []  # of what arrived
        self.late: list[tuple[str, str]] = []  # files whose manifest is there before them
        self.taken: dict[str, list[Taken]] = {}
        self.revoked: set[str] = set()

    @initialize(has_portal=st.booleans())
    def deploy(self, has_portal: bool) -> None:
        if has_portal:
            self.parameters |= PORTAL

    @rule(recipients=st.sets(st.sampled_from(PEOPLE), min_size=1))
    def upload(self, recipients: set[str]) -> None:
        key = f"{len(self.wanted)}.pdf"
        self.wanted[key] = recipients
        self.world.bucket.put(key, metadata={"recipients": ",".join(sorted(recipients))})
        self.arrives(key)

    @rule(
        recipients=st.sets(st.sampled_from(PEOPLE), min_size=1),
        count=st.integers(1, 3),
        is_last_late=st.booleans(),
    )
    def share(self, recipients: set[str], count: int, is_last_late: bool) -> None:
        share = f"share-{len(self.wanted):04}"
        files = [f"{share}-{n}.pdf" for n in range(count)]
        manifest = Manifest(
            tuple(SharedFile(f"folder/{one}", "v1", len(CONTENT)) for one in files),
            tuple(sorted(recipients)),
        )
        self.wanted[manifest.title] = recipients
        for one in files[: count - is_last_late]:
            self.a_part_arrives(f"folder/{one}", share)
        if is_last_late:
            self.late.append((f"folder/{files[-1]}", share))
        self.world.bucket.put(manifest_key(share), content=manifest.text)
        self.arrives(manifest_key(share))

    @precondition(lambda self: self.late)
    @rule()
    def a_late_file_arrives(self) -> None:
        self.a_part_arrives(*self.late.pop())

    @precondition(lambda self: self.keys)
    @rule(number=st.integers(0))
    def s3_sends_an_event_again(self, number: int) -> None:
        self.queue.send(arrival_of(self.keys[number % len(self.keys)], version="v1"))

    @precondition(lambda self: self.queue.waiting)
    @rule(index=st.integers(0), plan=plans, twins_plan=plans)
    def lambda_runs_an_event(self, index: int, plan: Plan, twins_plan: Plan) -> None:
        self.queue.run(index, plan, twins_plan)

    @precondition(lambda self: self.queue.letters)
    @rule(index=st.integers(0), plan=plans, twins_plan=plans)
    def the_operator_replays(self, index: int, plan: Plan, twins_plan: Plan) -> None:
        self.queue.redrive(index, plan, twins_plan)

    @precondition(lambda self: self.world.links_table.items)
    @rule(number=st.integers(0))
    def the_operator_revokes(self, number: int) -> None:
        links = sorted(self.world.links_table.items)
        link = links[number % len(links)]
        self.world.links.revoke(link, self.world.clock.now)
        self.revoked.add(link)

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
        while self.late:
            self.a_late_file_arrives()
        self.queue.run_all()
        mailed = {(mail.data["fileName"], mail.to) for mail in self.world.post_office.mails}
        wanted = {(key, one) for key, recipients in self.wanted.items() for one in recipients}
        revoked = {
            (row.get(rows.NAME, row[rows.FILE]), row[rows.RECIPIENT])
            for row in self.world.table.rows
            if row[rows.DELIVERY_ID] in self.revoked
        }
        assert wanted - revoked <= mailed <= wanted
        if self.world.links_table.items:
            assert all(self.opens(mail.data["link"]) for mail in self.world.post_office.mails)

    def arrives(self, key: str) -> None:
        self.keys.append(key)
        self.queue.send(arrival_of(key, version="v1"))

    def a_part_arrives(self, key: str, share: str) -> None:
        self.world.bucket.put(key, metadata={"s3link-share": share}, content=CONTENT)
        self.arrives(key)

    def announce(self, event: Event, wire: Wire) -> bool:
        """One run of LinkGenerator."""
        sending = Sending(self.world.post_office, wire, self.handed_over)
        world = replace(
            self.world,
            bucket=Client(wire, "s3", self.world.bucket),
            post_office=Client(wire, "ses", sending),
            table=Client(wire, "dynamodb", self.world.table),
            links_table=Client(wire, "dynamodb", self.world.links_table),
        )
        try:
            announced = world.announce(event.body, request=event.request, **self.parameters)
        except UnexpectedFailure as exc:
            raise AssertionError from exc
        return all(one.outcome is not Outcome.IN_PROGRESS for one in announced)

    def handed_over(self, mail: Mail, wire: Wire) -> None:
        """SES takes a mail. If it took one of this delivery before, that must be in doubt."""
        delivery = mail.tags["s3link-delivery"]
        row = next((row for row in self.world.table.rows if row[rows.DELIVERY_ID] == delivery), {})
        assert delivery not in self.revoked
        assert mail.data["fileName"] in self.wanted
        before = self.taken.setdefault(delivery, [])
        assert all(one.is_in_doubt for one in before)
        assert not (before and rows.MESSAGE_ID in row)
        before.append(Taken(wire, wire.faults))

    def opens(self, link: str) -> bool:
        token = parse_token(link.removeprefix(f"{PORTAL['PortalUrl']}/d/"))
        return token is not None and self.world.links.find(token) is not None


TestUploads = Uploads.TestCase
