"""Histories of the portal's tasks: who asked for links gets them, who has not fetched a file is
reminded once, and the sender hears of each first download; twice only where nobody could know
whether SES had taken the first mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from link_mailer.settings import NOT_YET

from tests.lambda_src.fakes import NOW, Mail, people
from tests.lambda_src.histories.faults import Client, Plan, Sending, Taken, Wire
from tests.lambda_src.histories.queue import Event, Queue, plans
from tests.lambda_src.link_mailer.office import Office, links_in, opens

PEOPLE = people(4)
LINKS_LAST = timedelta(days=30)
REMINDED = NOW + timedelta(days=25)  # three quarters of that are over, for every link
TOLD = {"NotifyOnDownload": "sender"}


class Tasks(RuleBasedStateMachine):
    """One portal: its links, the tasks that were handed over, and the dead letters."""

    def __init__(self) -> None:
        super().__init__()
        self.office = Office()
        self.queue = Queue(self.run, self.office.portal.clock)
        self.tokens: list[Any] = []
        self.links: dict[str, str] = {}  # and for whom
        self.asked: dict[str, set[str]] = {}  # who, and what was theirs then
        self.fetched: set[str] = set()
        self.taken: dict[tuple[str, str], list[Taken]] = {}
        self.put_off: set[str] = set()
        self.deaths_and_doubts = 0

    @precondition(lambda self: self.office.portal.clock.now < REMINDED)
    @rule(recipient=st.sampled_from(PEOPLE))
    def share(self, recipient: str) -> None:
        link = f"{len(self.links):032x}"
        expires_at = NOW + LINKS_LAST
        token = self.office.portal.share(
            f"{link}.pdf", link_id=link, recipient=recipient, expires_at=expires_at
        )
        self.tokens.append(token)
        self.links[link] = recipient

    @rule(recipient=st.sampled_from(PEOPLE), is_repeated=st.booleans())
    def somebody_asks(self, recipient: str, is_repeated: bool) -> None:
        """Once: so nobody is kept from it by the limits."""
        if recipient in self.asked:
            return
        self.asked[recipient] = {one for one, whose in self.links.items() if whose == recipient}
        self.office.portal.ask(recipient)
        self.hand_over(is_repeated)

    @precondition(lambda self: self.tokens)
    @rule(number=st.integers(0), is_repeated=st.booleans())
    def somebody_downloads(self, number: int, is_repeated: bool) -> None:
        token = self.tokens[number % len(self.tokens)]
        self.fetched.add(token.link_id)
        self.office.portal.click(token, **TOLD)
        self.hand_over(is_repeated)

    @precondition(lambda self: self.links)
    @rule()
    def the_schedule_looks_for_reminders(self) -> None:
        self.office.portal.clock.now = max(self.office.portal.clock.now, REMINDED)
        self.queue.send({"task": "remind"})

    @precondition(lambda self: self.queue.waiting)
    @rule(index=st.integers(0), plan=plans, twins_plan=plans)
    def lambda_runs_a_task(self, index: int, plan: Plan, twins_plan: Plan) -> None:
        self.queue.run(index, plan, twins_plan)

    @precondition(lambda self: self.queue.waiting)
    @rule(index=st.integers(0))
    def lambda_sends_a_task_again(self, index: int) -> None:
        """What it has run already, too, for whoever replays it a second time."""
        self.queue.send(self.queue.waiting[index % len(self.queue.waiting)].body)

    @precondition(lambda self: self.queue.letters)
    @rule(index=st.integers(0), plan=plans, twins_plan=plans)
    def the_operator_replays(self, index: int, plan: Plan, twins_plan: Plan) -> None:
        self.queue.redrive(index, plan, twins_plan)

    @rule(refused=st.sets(st.sampled_from(PEOPLE)))
    def ses_refuses_some(self, refused: set[str]) -> None:
        self.office.post.refuses_nobody()
        for recipient in refused:
            self.office.post.refuses(recipient, "AccountThrottled")

    def teardown(self) -> None:
        self.office.post.refuses_nobody()
        self.queue.run_all()
        for _ in range(2):
            self.the_schedule_looks_for_reminders()
            self.queue.run_all()
        for recipient, links in self.asked.items():
            mails = [mail for mail in self.office.post.mails if kind_of(mail) == ASKED]
            mailed = {one for mail in mails if mail.to == recipient for one in links_in(mail)}
            # What a table that fails counts twice may reach a limit, which the log then says.
            assert links <= mailed or recipient in self.put_off
        told = {mail.data["subject"] for mail in self.office.post.mails if kind_of(mail) == NEWS}
        assert told == {f"Downloaded: {link}.pdf" for link in self.fetched}
        reminded = [mail for mail in self.office.post.mails if kind_of(mail) == REMINDER]
        links = [link for mail in reminded for link in links_in(mail)]
        assert len(links) == len(set(links))
        # Who dies between taking a reminder and mailing it leaves it unsent; and one that SES may
        # have taken is not mailed again.
        assert self.deaths_and_doubts or set(links) | self.fetched >= self.links.keys()
        assert all(opens(self.office, mail) for mail in self.office.post.mails)

    def hand_over(self, is_repeated: bool) -> None:
        """What Portal has given Lambda; after a lost answer botocore gives it again."""
        mailer = self.office.portal.mailer
        for event, identifier in zip(mailer.events, mailer.ids, strict=True):
            for _ in range(1 + is_repeated):
                self.queue.send({**event, "id": identifier})
        mailer.events.clear()
        mailer.ids.clear()

    def run(self, event: Event, wire: Wire) -> bool:
        """One run of LinkMailer."""
        portal = self.office.portal
        office = Office(
            replace(
                # But for S3: a file that it does not show is left out of a mail that has others.
                portal,
                links_table=Client(wire, "dynamodb", portal.links_table),
                counts_table=Client(wire, "dynamodb", portal.counts_table),
            ),
            Client(wire, "ses", Sending(self.office.post, wire, self.handed_over)),
            Client(wire, "sns", self.office.topic),
            self.office.random_bytes,
        )
        try:
            answer = office.do(**event.body, request=event.request, settings=TOLD)
            if NOT_YET in answer:
                self.put_off.add(event.body["address"])
        finally:
            self.deaths_and_doubts += wire.is_dead or wire.lost_a_reply_of_ses
        return True

    def handed_over(self, mail: Mail, wire: Wire) -> None:
        """SES takes a mail. If it took the same before, that must be in doubt."""
        about = mail.to if kind_of(mail) == ASKED else mail.data["subject"]
        before = self.taken.setdefault((kind_of(mail), about), [])
        assert all(one.is_in_doubt for one in before)
        before.append(Taken(wire, wire.faults))


ASKED, REMINDER, NEWS = "Your link", "Reminder:", "Downloaded:"


def kind_of(mail: Mail) -> str:
    subject = mail.data["subject"]
    return next(kind for kind in (ASKED, REMINDER, NEWS) if subject.startswith(kind))


TestTasks = Tasks.TestCase
