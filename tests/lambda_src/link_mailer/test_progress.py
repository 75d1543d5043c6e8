"""A task is done once, however often it comes: by Lambda's tries, a replay, or a twin."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from link_mailer.errors import AdminNotTold, NotMailed, TableUnavailable, TaskInProgress
from portal_links.request_counts import PER_ADDRESS, REQUESTS_PER_ADDRESS
from portal_links.tasks import HOLD_LASTS

from tests.lambda_src.fakes import Killed
from tests.lambda_src.link_mailer.office import LATE, OTHER, Office, links_in, opens, share_many
from tests.lambda_src.portal_world import LINK_ID

BOB = "bob@example.com"
# Lambda waits for a minute before it tries again what has failed, and then for two.
TRIED_AGAIN_AFTER = timedelta(minutes=1)


def ask(office: Office, **event: Any) -> dict[str, Any]:
    return office.do("request", **{"address": BOB, "file": None, **event})


def tries(office: Office, count: int = 3, **event: Any) -> None:
    """Lambda's tries of one event, until one ends well."""
    for _ in range(count):
        with suppress(NotMailed, TableUnavailable, TaskInProgress):
            ask(office, **event)
            return
        office.portal.clock.now += TRIED_AGAIN_AFTER


def killed_in_ses(office: Office, **event: Any) -> None:
    """A try whose call to SES ends the process, which writes nothing more."""
    tables = (office.portal.counts_table, office.portal.links_table)

    def die() -> None:
        office.post.while_sending = lambda: None
        for table in tables:
            table.fails(*["Killed"] * 100)
        raise Killed

    office.post.while_sending = die
    with pytest.raises(Killed):
        ask(office, **event)
    for table in tables:
        table.fails()


@pytest.mark.parametrize("task", ["with an id", "from before there were ids"])
def test_ses_hangs_in_all_three_tries(office: Office, task: str) -> None:
    """Nothing left, so a replay mails it; and the three tries are one of three mails an hour."""
    event = {"id": "1"} if task == "with an id" else {"request": "1"}
    office.portal.share()
    office.post.hangs()
    tries(office, **event)
    office.post.is_well()

    ask(office, **event)
    assert opens(office, office.mail)

    for _ in range(3):
        ask(office)
    assert len(office.post.mails) == PER_ADDRESS.most


def test_no_limit_ends_a_task_that_was_taken_on(office: Office) -> None:
    """Others have used up the hour, and the day, before it is replayed."""
    office.portal.share()
    office.post.refuses(BOB, "MessageRejected")
    tries(office, id="1")
    office.post.refuses_nobody()
    for _ in range(4):
        ask(office)
    assert len(office.post.mails) == PER_ADDRESS.most

    ask(office, id="1", settings={"MaxRequestedMailsPerDay": "1"})

    assert len(office.post.mails) == PER_ADDRESS.most + 1


def test_a_limit_that_is_reached_leaves_a_dead_letter_to_a_later_replay(office: Office) -> None:
    """Strangers may have used it up while the task waited: it is not said to be done."""
    office.portal.share("a.pdf")
    office.portal.share("b.pdf", link_id=OTHER)
    office.portal.counts_table.fails("ThrottlingException")
    with pytest.raises(TableUnavailable):
        ask(office, id="1", file="b.pdf")
    for _ in range(PER_ADDRESS.most):
        ask(office, file="a.pdf")

    said = ask(office, id="1", file="b.pdf")
    office.portal.clock.passes(hours=1)
    ask(office, id="1", file="b.pdf")
    ask(office, id="1", file="b.pdf")

    assert said == {"notYet": "it got as many mails as it may for now"}
    assert [mail.data["subject"] for mail in office.post.mails[3:]] == ["Your link: b.pdf"]


def test_the_tries_of_a_request_are_one_request(office: Office) -> None:
    """While the table is busy they use no limit up, which would end it."""
    office.portal.share()
    for _ in range(REQUESTS_PER_ADDRESS.most):
        # After the hold and the count of the request.
        office.portal.counts_table.fails(None, None, "ThrottlingException")
        with pytest.raises(TableUnavailable):
            ask(office, id="1")

    ask(office, id="1")

    assert office.post.recipients == [BOB]


def test_a_try_mails_what_has_not_left(office: Office) -> None:
    """Of three mails the second was refused: the first leaves once, and all links arrive."""
    share_many(office, 120)
    office.post.fails(None, "MessageRejected")

    tries(office, id="1")

    assert [len(links_in(mail)) for mail in office.post.mails] == [50, 50, 20]
    links = [link for mail in office.post.mails for link in links_in(mail)]
    assert sorted(links) == [f"{number:032x}" for number in range(120)]
    assert all(opens(office, mail) for mail in office.post.mails)


def test_a_mail_whose_answer_was_lost_is_sent_once_more(office: Office) -> None:
    """Twice is better than never; the mails before it are not sent again."""
    share_many(office, 60)
    office.post.while_sending = lambda: (
        office.post.answer_is_lost() if office.post.calls == 2 else None
    )

    tries(office, id="1")

    assert [len(links_in(mail)) for mail in office.post.mails] == [50, 10, 10]


@pytest.mark.parametrize("task", ["request", "first-download"])
def test_what_was_done_is_not_done_again(office: Office, task: str) -> None:
    """By a replay, whenever it comes, nor by a call that botocore repeats."""
    office.portal.share()
    event = {"address": BOB, "linkId": LINK_ID, "id": "1"}

    office.do(task, **event)
    office.do(task, **event)
    office.portal.clock.passes(hours=12)
    assert office.do(task, **event) == {}

    assert len(office.post.mails) == 1


def test_another_task_is_another(office: Office) -> None:
    """Whoever asks twice gets two mails."""
    office.portal.share()

    ask(office, id="1")
    ask(office, id="2")

    assert len(office.post.mails) == 2


@pytest.mark.parametrize("task", ["request", "first-download"])
def test_a_twin_at_the_same_moment_mails_nothing(office: Office, task: str) -> None:
    """It says so, for if the first dies only its own next try is left."""
    office.portal.share()
    event = {"address": BOB, "linkId": LINK_ID, "id": "1"}
    said: list[str] = []

    def twin() -> None:
        office.post.while_sending = lambda: None
        with pytest.raises(TaskInProgress) as raised:
            office.do(task, **event)
        said.append(str(raised.value))

    office.post.while_sending = twin
    office.do(task, **event)

    assert len(office.post.mails) == 1
    assert said == [
        "The task is being done by another run of it. Lambda tries again, and then finds it done; "
        "replay it in a minute."
    ]


def test_what_has_died_is_taken_over(office: Office) -> None:
    """Its hold has lapsed when Lambda tries again."""
    office.portal.share()
    killed_in_ses(office, id="1")

    with pytest.raises(TaskInProgress):
        ask(office, id="1")
    office.portal.clock.now += TRIED_AGAIN_AFTER
    ask(office, id="1")

    assert HOLD_LASTS < TRIED_AGAIN_AFTER
    assert opens(office, office.mail)


def test_what_failed_is_free_at_once(office: Office) -> None:
    """A replay need not wait for a hold to lapse."""
    office.portal.share()
    office.post.refuses(BOB, "MessageRejected")
    with pytest.raises(NotMailed):
        ask(office, id="1")
    office.post.refuses_nobody()

    ask(office, id="1")

    assert office.mail.to == BOB


def test_who_was_overtaken_mails_nothing(office: Office) -> None:
    """A run that was held up for longer than it holds the task finds another's hold."""
    office.portal.share()
    taken_over: list[str] = []

    def overtake() -> None:
        # While the first run waits for the portal's table.
        office.portal.links_table.while_writing = lambda: None
        office.portal.clock.now += HOLD_LASTS
        killed_in_ses(office, id="1")
        taken_over.append("yes")

    office.portal.links_table.while_writing = overtake
    with pytest.raises(TaskInProgress):
        ask(office, id="1")

    assert taken_over == ["yes"]
    assert office.post.mails == []


def test_what_could_not_be_written_down_is_sent_again(office: Office) -> None:
    """The table is asked as long as there is time; then twice is better than never."""
    office.portal.share()
    office.post.while_sending = lambda: office.portal.counts_table.fails(
        *["InternalServerError"] * 1000
    )
    with pytest.raises(TableUnavailable):
        ask(office, id="1")
    office.portal.counts_table.fails()
    office.post.while_sending = lambda: None
    office.portal.clock.now += TRIED_AGAIN_AFTER

    ask(office, id="1")

    assert len(office.post.mails) == 2


def test_a_table_that_is_slow_to_write_down_what_left_is_waited_for(office: Office) -> None:
    """So that nobody gets the mail twice."""
    office.portal.share()
    office.post.while_sending = lambda: office.portal.counts_table.fails(
        *["ThrottlingException"] * 5
    )

    ask(office, id="1")
    office.post.while_sending = lambda: None
    ask(office, id="1")

    assert len(office.post.mails) == 1


@pytest.mark.parametrize("task", ["request", "first-download"])
def test_nothing_is_left_to_do_when_nobody_could_say_that_it_is_done(
    office: Office, task: str
) -> None:
    """The mail is written down by itself; that the task is done is one write more."""
    office.portal.share()
    table, event = office.portal.counts_table, {"address": BOB, "linkId": LINK_ID, "id": "1"}

    def table_fails_after_the_note() -> None:
        begun = table.calls
        table.while_writing = lambda: (
            table.fails(*["InternalServerError"] * 1000) if table.calls == begun + 2 else None
        )

    office.post.while_sending = table_fails_after_the_note
    with pytest.raises(TableUnavailable):
        office.do(task, **event)
    table.while_writing = office.post.while_sending = lambda: None
    table.fails()
    office.portal.clock.now += TRIED_AGAIN_AFTER
    office.do(task, **event)

    assert len(office.post.mails) == 1


def test_news_that_the_admin_was_not_told_is_told_by_the_next_try(office: Office) -> None:
    """And then no more."""
    office.portal.share()
    event = {"linkId": LINK_ID, "id": "1", "settings": {"NotifyOnDownload": "admin"}}
    office.topic.is_down = True
    with pytest.raises(AdminNotTold):
        office.do("first-download", **event)
    office.topic.is_down = False

    office.do("first-download", **event)
    office.do("first-download", **event)

    assert len(office.topic.news) == 1


def test_a_reminder_is_sent_though_the_answer_to_its_take_was_lost(office: Office) -> None:
    """botocore repeats the call, which then finds what it has done."""
    office.portal.share()
    office.portal.clock.now += LATE
    links, table = office.portal.links_table, office.portal.links_table.update_item

    def repeated(**parameters: Any) -> dict[str, Any]:
        if "ReminderTakenBy" in str(parameters["ExpressionAttributeNames"].values()):
            with suppress(ClientError):
                table(**parameters)
        return table(**parameters)

    links.update_item = repeated  # type: ignore[method-assign]
    office.do("remind")

    assert office.mail.data["subject"] == "Reminder: report.pdf"


def test_a_row_tells_nothing_of_whom_it_is_about(office: Office) -> None:
    """Nor of a file; and it goes by itself."""
    office.portal.share()
    office.portal.share("b.pdf", link_id=OTHER)

    ask(office, id="a task's id")

    [row] = [row for row in office.portal.counts_table.rows if "DoneAt" in row]
    assert not [word for word in ("bob", "example.com", ".pdf", "task") if word in str(row)]
    assert row["LinksMailed"] == {LINK_ID, OTHER}
    assert row["RemovedAt"] == int((office.portal.clock.now + timedelta(days=16)).timestamp())
