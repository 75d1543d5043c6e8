"""Random histories of requests for links: presses, tries, deaths, lost answers, twins, replays.

However they go, once all is well and everything was replayed: who asked has got what was shared,
each mail opens what it says, and a mail came twice only where nobody can know that it left.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from link_mailer.errors import LinkMailerError
from link_mailer.fitting import LINKS_PER_MAIL
from portal_links.request_counts import KEY, row_id
from portal_links.tasks import TaskRow

from tests.lambda_src.fakes import NOW, Killed
from tests.lambda_src.link_mailer.office import Office, links_in, opens

pytestmark = pytest.mark.slow

BOB = "bob@example.com"
_LAMBDAS_TRIES = 3
_LOST = ReadTimeoutError(endpoint_url="https://example.com")

# What becomes of one call to SES.
TAKEN, REFUSED, BUSY = "taken", "MessageRejected", "Throttling"
HANGS, ANSWER_LOST = "hangs", "answer lost"
KILLED_BEFORE, KILLED_AFTER, TWIN = "killed before", "killed after", "twin"
CALLS = (TAKEN, REFUSED, BUSY, HANGS, ANSWER_LOST, KILLED_BEFORE, KILLED_AFTER, *[TWIN] * 3)
# Where nobody can know whether the mail left.
IN_DOUBT = {ANSWER_LOST, KILLED_AFTER}


@dataclass
class Task:
    """One press; `tries` are left to Lambda, and then it waits in the queue. It `missed_files`
    when S3 did not show some to one of its tries. So many `links` there were when it was last
    worked on."""

    id: str
    tries: int = _LAMBDAS_TRIES
    is_over: bool = False
    is_done: bool = False
    missed_files: bool = False
    links: int = 0


class Requests(RuleBasedStateMachine):
    """What can happen to the requests for one mailbox."""

    def __init__(self) -> None:
        super().__init__()
        self.office = Office()
        self.tasks: list[Task] = []
        self.links = 0
        self.doubts = 0
        self.running = ""
        self.calls: list[str] = []
        self._send = self.office.post.send_bulk_templated_email
        self.office.post.send_bulk_templated_email = self._one_call  # type: ignore[method-assign]

    @initialize(count=st.sampled_from([0, 1, 60, 120, 200]), presses=st.integers(1, 4))
    def somebody_asks(self, count: int, presses: int) -> None:
        for _ in range(count):
            self.share()
        for _ in range(presses):
            self.press()

    @rule()
    def share(self) -> None:
        self.office.portal.clock.passes(milliseconds=1)
        self.office.portal.share(
            f"{self.links}.pdf",
            link_id=f"{self.links:032x}",
            expires_at=NOW + timedelta(days=365),
        )
        self.links += 1

    @rule()
    def press(self) -> None:
        self.tasks.append(Task(f"task {len(self.tasks)}"))

    @rule(minutes=st.sampled_from([1, 61]))
    def time_passes(self, minutes: int) -> None:
        self.office.portal.clock.passes(minutes=minutes)

    @precondition(lambda self: any(not task.is_over for task in self.tasks))
    @rule(
        data=st.data(),
        calls=st.lists(st.sampled_from(CALLS), max_size=4),
        failing=st.none() | st.integers(0, 25),
        lost=st.none() | st.integers(0, 25),
        links_failing=st.none() | st.integers(0, 120),
        not_shown=st.sets(st.integers(0, 150), max_size=3),
    )
    def a_try(
        self,
        data: st.DataObject,
        calls: list[str],
        failing: int | None,
        lost: int | None,
        links_failing: int | None,
        not_shown: set[int],
    ) -> None:
        """By Lambda or by a replay, of a task that is not over."""
        task = data.draw(st.sampled_from([one for one in self.tasks if not one.is_over]))
        counts, links = self.office.portal.counts_table, self.office.portal.links_table
        if failing is not None:
            counts.fails(*[None] * failing, "InternalServerError", "InternalServerError")
        if lost is not None:
            counts.answers_are_lost(*[None] * lost, _LOST)
        if links_failing is not None:
            links.fails(*[None] * links_failing, "InternalServerError")
        for number in not_shown:
            self.office.portal.bucket.refuses(f"{number}.pdf", "503")
        task.missed_files = task.missed_files or bool(not_shown)
        self.calls = list(calls)
        self._run(task)

    @precondition(lambda self: any(task.is_done for task in self.tasks))
    @rule(data=st.data())
    def a_late_twin(self, data: st.DataObject) -> None:
        """Of a task that was done: a replay whose message was not deleted."""
        mails = len(self.office.post.mails)
        done = [one for one in self.tasks if one.is_done]
        self._run(data.draw(st.sampled_from(done)))
        assert len(self.office.post.mails) == mails

    def teardown(self) -> None:
        """Everything is well again, and is replayed."""
        for task in self.tasks:
            self.office.portal.clock.passes(minutes=1)
            if not task.is_over:
                self._run(task)
            assert task.is_over, task
        mailed = {link for mail in self.office.post.mails for link in links_in(mail)}
        rows = [self._row(task) for task in self.tasks]
        for task, row in zip(self.tasks, rows, strict=True):
            # A limit may have put it off when it came first; and then alone.
            assert row.is_done == task.is_done
            assert row.is_done or row.allowed is None
            assert row.links <= mailed
            if task.links and row.allowed is not None:
                assert row.sent == row.allowed or len(row.links) >= task.links, (task, row)
                # Each mail but the last was full, and had what no other one of the task has.
                full = 0 if task.missed_files else LINKS_PER_MAIL
                assert len(row.links) > full * (row.sent - 1), (task, row)
        assert len(self.office.post.mails) <= sum(row.sent for row in rows) + self.doubts
        assert all(opens(self.office, mail) for mail in self.office.post.mails)
        assert [
            row for row in self.office.portal.counts_table.rows if row.get("Count", 0) < 0
        ] == []

    def _run(self, task: Task) -> None:
        said, self.running = None, task.id
        if not self._row(task).is_done:
            task.links = self.links
        with suppress(LinkMailerError, Killed):
            said = self.office.do("request", address=BOB, file=None, id=task.id)
        for table in (self.office.portal.counts_table, self.office.portal.links_table):
            table.fails()
            table.answers_are_lost()
        self.office.portal.bucket.refuses_nothing()
        self.calls = []
        task.is_over, task.is_done = said is not None, said == {}

    def _row(self, task: Task) -> TaskRow:
        """What is remembered of a task."""
        name = row_id("task", task.id)
        rows = self.office.portal.counts_table.rows
        return TaskRow.of_row(next((row for row in rows if row[KEY] == name), {}))

    def _one_call(self, **parameters: Any) -> dict[str, Any]:
        what = self.calls.pop(0) if self.calls else TAKEN
        self.doubts += what in IN_DOUBT
        if what == HANGS:
            raise _LOST
        if what == KILLED_BEFORE:
            self._die()
        if what in (REFUSED, BUSY):
            self.office.post.fails(what)
        if what == TWIN:
            calls, self.calls = self.calls, []
            with suppress(LinkMailerError):
                self.office.do("request", address=BOB, file=None, id=self.running, seconds=50)
            self.calls = calls
        answer = self._send(**parameters)
        if what == KILLED_AFTER:
            self._die()
        if what == ANSWER_LOST:
            raise _LOST
        return answer

    def _die(self) -> None:
        for table in (self.office.portal.counts_table, self.office.portal.links_table):
            table.fails(*["Killed"] * 500)
        raise Killed


TestRequests = Requests.TestCase
TestRequests.settings = settings(stateful_step_count=20)
