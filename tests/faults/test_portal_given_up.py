"""Faults of a portal that outlast Lambda's tries: what was to be mailed waits, and is replayed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.faults.faults import DELETE, HEAD, INVOKE, LIST, MAKE, SEND, TAKE
from tests.faults.portal import BOB, WithPortal, bytes_of
from tests.faults.test_given_up import DEEP, ERRORS, Act, answers
from tests.faults.test_portal_pages import API
from tests.mails import link_in
from tests.waiting import until

pytestmark = pytest.mark.slow

SENDER = "links@example.com"
MAILER, NOT_EMPTY = "LinkMailerErrorsTooHighAlarm", "PortalDeadLetterQueueNotEmptyAlarm"
_S3_CALLS = 3  # as often as LinkMailer asks before it gives a file up


def lose(step: str) -> Act:
    return lambda deployed: deployed.faults.lose_the_call(step)


def remove_the_table(deployed: WithPortal) -> None:
    name, tables = deployed.outputs["LinksTableName"], deployed.clients.dynamodb
    table = tables.describe_table(TableName=name)["Table"]
    indexes = [
        {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
        for index in table["GlobalSecondaryIndexes"]
    ]
    keys = ("TableName", "KeySchema", "AttributeDefinitions")
    kept.update({key: table[key] for key in keys}, GlobalSecondaryIndexes=indexes)
    tables.delete_table(TableName=name)


def put_the_table_back(deployed: WithPortal) -> None:
    deployed.clients.dynamodb.create_table(BillingMode="PAY_PER_REQUEST", **kept)


kept: dict[str, Any] = {}


@dataclass(frozen=True)
class Announcing:
    """`inject` → `error` in DeadLetterQueue → `mend` and replay."""

    inject: Act
    error: str
    mend: Act = lambda deployed: deployed.faults.end()


# The last one takes every link of the others away.
ANNOUNCING = {
    "the portal's table is throttled": Announcing(
        answers(MAKE, 400, "ThrottlingException"),
        "did not take its links (ThrottlingException). Lambda tries again",
    ),
    "the portal's table is down": Announcing(
        lose(MAKE), "did not take its links (ConnectionClosedError). Lambda tries again"
    ),
    "the portal's table is gone": Announcing(
        remove_the_table,
        "did not take its links (ResourceNotFoundException). Deploy again",
        put_the_table_back,
    ),
}


@pytest.mark.parametrize("name", ANNOUNCING)
def test_a_link_that_cannot_be_made(portal: WithPortal, name: str) -> None:
    """Nobody is mailed a link that opens nothing; the event waits, and a replay mails once."""
    case, key = ANNOUNCING[name], f"{name}.pdf"
    case.inject(portal)
    portal.upload(key, BOB)
    until(portal.dead_letters)
    until(lambda: portal.alarms() == {ERRORS, DEEP})

    [error] = portal.dead_letters()
    assert case.error in error
    assert (portal.files()[BOB, key], portal.state(key)) == (0, "Refused")

    case.mend(portal)
    replayed = portal.s3link("dlq redrive --all")

    assert replayed.exit_code == 0, replayed.stderr
    assert portal.files()[BOB, key] == 1
    assert portal.gives(link_in(portal.mails_to(BOB)[-1])) == bytes_of(key)
    assert portal.dead_letters() == []


def ask_for_links(portal: WithPortal, link: str, recipient: str) -> None:
    assert portal.ask_for_links(recipient) == 202


def download(portal: WithPortal, link: str, recipient: str) -> None:
    with portal.telling_of_downloads():
        assert portal.click(link).status == 303


@dataclass(frozen=True)
class Mailing:
    """While `inject` holds, somebody does `act` → `error` waits as `title` → `mend` and replay.

    `subject` is the mail's, with the file for its braces; it goes to `to`, or to who asked.
    """

    inject: Act
    error: str
    act: Callable[[WithPortal, str, str], None] = ask_for_links
    title: str = "{} asked for links to all their files"
    subject: str = "Your link: {}"
    to: str = ""


MAILING = {
    "SES is down for a request": Mailing(
        answers(SEND, 503, "ServiceUnavailable"), "SES did not take the mail (ServiceUnavailable)"
    ),
    "SES does not answer for a request": Mailing(
        lose(SEND), "SES did not take the mail (ConnectionClosedError)"
    ),
    "the table is down for a request": Mailing(
        answers(LIST, 500, "InternalServerError"),
        "a table of the portal did not answer (InternalServerError)",
    ),
    "S3 is down for a request": Mailing(
        answers(HEAD, 503, "ServiceUnavailable"), "S3 did not let LinkMailer look at its file"
    ),
    "SES is down for news of a download": Mailing(
        answers(SEND, 503, "ServiceUnavailable"),
        "SES did not take the mail (ServiceUnavailable)",
        download,
        "telling of the first download of link",
        "Downloaded: {}",
        SENDER,
    ),
}


@pytest.mark.parametrize("name", MAILING)
def test_a_mail_of_the_portal_waits_and_is_replayed(portal: WithPortal, name: str) -> None:
    """Three tries, then PortalDeadLetterQueue and two alarms; `s3link dlq` knows its messages."""
    case, key = MAILING[name], f"{name}.pdf"
    recipient = f"{name.replace(' ', '-')}@example.com".lower()
    to, subject = case.to or recipient, case.subject.format(key)
    link, before = portal.share(key, recipient), len(portal.admins_mails())
    case.inject(portal)
    case.act(portal, link, recipient)
    until(portal.waiting)
    until(lambda: portal.alarms() == {MAILER, NOT_EMPTY})

    [error] = portal.waiting()
    assert case.error in error
    assert subject not in portal.subjects(to)
    portal.wait_until_admin_knows({MAILER, NOT_EMPTY}, before)
    assert case.title.format(recipient) in portal.s3link("dlq list").stdout

    portal.faults.end()
    replayed = portal.s3link("dlq redrive --all")

    assert replayed.exit_code == 0, replayed.stderr
    assert portal.subjects(to).count(subject) == 1
    assert portal.waiting() == []


def test_s3_does_not_show_one_of_two_files_for_a_moment(portal: WithPortal) -> None:
    """The other is mailed at once, and this one by Lambda's next try."""
    ned = "ned@example.com"
    for key in ("older.pdf", "newer.pdf"):
        portal.share(key, ned)
    portal.faults.answer(HEAD, 503, "ServiceUnavailable", times=_S3_CALLS)

    assert portal.ask_for_links(ned) == 202

    until(lambda: "Your link: newer.pdf" in portal.subjects(ned))
    assert portal.subjects(ned)[2:] == ["Your link: older.pdf", "Your link: newer.pdf"]
    first, second = portal.mails_to(ned)[2:]
    assert "Their links follow in another email." in first.text
    assert "More files are shared with you" not in second.text
    assert portal.waiting() == []


def test_a_link_is_revoked_while_its_mail_waits(portal: WithPortal) -> None:
    """The redrive mails the others, and says who was left out."""
    key, ivy, jon = "taken back.pdf", "ivy@example.com", "jon@example.com"
    portal.faults.answer(SEND, 503, "ServiceUnavailable")
    portal.upload(key, ivy, jon)
    until(portal.dead_letters)
    portal.faults.end()
    revoked = portal.s3link(f"links revoke --file '{key}' --recipient {ivy} --yes")

    replayed = portal.s3link("dlq redrive --all")

    assert revoked.exit_code == 0, revoked.stderr
    assert replayed.exit_code == 0, replayed.stderr
    assert f'"{key}" (mailed; not to {ivy}, whose link is revoked)' in replayed.stdout
    assert (portal.subjects(ivy), len(portal.subjects(jon))) == ([], 1)
    assert portal.gives(link_in(portal.mails_to(jon)[-1])) == bytes_of(key)
    assert portal.dead_letters() == []


# What goes wrong, what the redrive says of it, and how many messages stay.
NOT_DELETED: dict[str, tuple[Act, str, int]] = {
    "for a while": (
        lambda portal: portal.faults.answer(DELETE, 503, "ServiceUnavailable", times=5),
        "Replaying 1 message",
        0,
    ),
    "for good": (
        answers(DELETE, 403, "AccessDenied"),
        "its function has done it, but SQS did not delete the message: AWS denied DeleteMessage",
        1,
    ),
}


@pytest.mark.parametrize("name", NOT_DELETED)
def test_sqs_does_not_delete_what_was_replayed(portal: WithPortal, name: str) -> None:
    """LinkMailer is not run again for that."""
    inject, sentence, stay = NOT_DELETED[name]
    key, kim = f"{name}.pdf", f"kim.{name.split()[-1]}@example.com"
    portal.share(key, kim)
    portal.faults.answer(SEND, 503, "ServiceUnavailable")
    assert portal.ask_for_links(kim) == 202
    until(portal.waiting)
    portal.faults.end()
    inject(portal)

    replayed = portal.s3link("dlq redrive --all")

    assert portal.subjects(kim)[1:] == [f"Your link: {key}"]
    assert sentence in replayed.stderr
    assert (replayed.exit_code, len(portal.waiting())) == (1 if stay else 0, stay)


def test_a_request_for_links_cannot_be_handed_over(portal: WithPortal) -> None:
    """Whoever asked is told so at once, and asks again."""
    ann = "ann.asks@example.com"
    portal.share("asked.pdf", ann)
    portal.faults.answer(INVOKE, 500, "ServiceException")

    assert portal.ask_for_links(ann) == 503

    until(lambda: portal.alarms() == {API})
    portal.faults.end()
    assert portal.ask_for_links(ann) == 202
    until(lambda: portal.subjects(ann)[1:] == ["Your link: asked.pdf"])


def test_the_answer_to_a_request_that_was_handed_over_is_lost(portal: WithPortal) -> None:
    """Portal hands it over again, for whoever asked waits; LinkMailer knows it, and mails once."""
    gil = "gil@example.com"
    portal.share("handed over.pdf", gil)
    portal.faults.lose_the_answer(INVOKE, times=1)

    assert portal.ask_for_links(gil) == 202

    until(lambda: "The task request is left: it was done before" in portal.portal_log())
    assert portal.subjects(gil)[1:] == ["Your link: handed over.pdf"]
    assert (portal.waiting(), portal.alarms()) == ([], set())


def test_the_answer_to_the_take_of_a_reminder_is_lost(portal: WithPortal) -> None:
    """The call is repeated, finds its own take, and the reminder is mailed."""
    hal = "hal@example.com"
    portal.share("repeated.pdf", hal)
    portal.make_reminder_due("repeated.pdf")
    portal.faults.lose_the_answer(TAKE, times=1)

    portal.run_schedule()

    until(lambda: portal.subjects(hal)[1:] == ["Reminder: repeated.pdf"])
    assert portal.alarms() == set()


def test_ses_is_down_for_a_reminder(portal: WithPortal) -> None:
    """It stays due: whichever comes first, Lambda's next try or the schedule, mails it once."""
    cat = "cat@example.com"
    portal.share("reminder.pdf", cat)
    portal.make_reminder_due("reminder.pdf")
    portal.faults.answer(SEND, 503, "ServiceUnavailable")
    portal.run_schedule()
    until(portal.waiting)
    until(lambda: portal.alarms() == {MAILER, NOT_EMPTY})
    assert "1 reminder was not mailed and is due again." in portal.waiting()[0]

    portal.faults.end()
    portal.run_schedule()
    until(lambda: portal.subjects(cat)[1:] == ["Reminder: reminder.pdf"])
    replayed = portal.s3link("dlq redrive --all")

    assert replayed.exit_code == 0, replayed.stderr
    assert portal.subjects(cat)[1:] == ["Reminder: reminder.pdf"]
    assert portal.waiting() == []


def test_link_mailer_dies_before_it_mails_a_reminder(portal: WithPortal) -> None:
    """A reminder is taken before it is mailed, so that nobody gets two: this one is lost."""
    dan = "dan@example.com"
    link = portal.share("taken.pdf", dan)
    portal.make_reminder_due("taken.pdf")
    portal.faults.before(SEND, portal.kill_link_mailer, times=1)
    portal.run_schedule()
    until(lambda: portal.alarms() == {MAILER})
    portal.run_schedule()

    assert "Reminder" not in portal.row("taken.pdf")
    assert portal.subjects(dan) == ["File for you: taken.pdf"]
    assert portal.gives(link) == bytes_of("taken.pdf")


def test_link_mailer_dies_after_it_mailed(portal: WithPortal) -> None:
    """Nobody can know whether SES took the mail: twice is better than never."""
    eve = "eve@example.com"
    portal.share("died.pdf", eve)
    portal.faults.after(SEND, portal.kill_link_mailer, times=1)

    assert portal.ask_for_links(eve) == 202

    until(lambda: portal.subjects(eve)[1:] == ["Your link: died.pdf"] * 2)
    until(lambda: portal.alarms() == {MAILER})
    assert portal.waiting() == []


def test_ses_is_down_for_links_that_are_mailed_again(portal: WithPortal) -> None:
    """The operator is told of each, and types it once more."""
    fay = "fay@example.com"
    portal.share("again.pdf", fay)
    portal.faults.answer(SEND, 503, "ServiceUnavailable")

    failed = portal.s3link("links resend --file again.pdf --yes")
    portal.faults.end()
    mailed = portal.s3link("links resend --file again.pdf --yes")

    assert failed.exit_code == 1
    assert "SES did not take the mail (ServiceUnavailable)" in failed.stdout + failed.stderr
    assert mailed.exit_code == 0, mailed.stderr
    assert portal.subjects(fay) == ["File for you: again.pdf"] * 2
    assert (portal.waiting(), portal.alarms()) == ([], set())
