"""Replaying messages: in order, at SES's pace, and never losing one."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from deploy.console import Console
from deploy.dlq.redrive import Redrive, redrive
from deploy.errors import DeadLetterError
from tests.deploy.dlq.account import (
    DEPLOYMENT,
    Account,
    mail_event,
    portal_event,
    refusal,
    upload_event,
)

PORTAL_OUTPUTS = {"LinkMailerName": "LinkMailer", "PortalDeadLetterQueueUrl": "url"}


@pytest.fixture
def account() -> Account:
    return Account()


def replay(account: Account, *ids: str) -> Redrive:
    clients: Any = account
    return redrive(clients, DEPLOYMENT, ids or None, Console(), account.timing)


def reasons(done: Redrive) -> list[str]:
    return [left.reason for left in done.left]


def ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_all_are_replayed_in_order_of_arrival(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever order SQS gives them in; a replayed message is gone."""
    account.uploads(*(f"{number}.pdf" for number in range(12)))

    done = replay(account)

    assert account.replayed == [f"{number}.pdf" for number in range(12)]
    assert [one.outcome for one in done.replayed][:2] == ['"0.pdf" (mailed)', '"1.pdf" (mailed)']
    assert (done.left, account.sqs.messages) == ((), {})
    assert capsys.readouterr().err == "Replaying 12 messages\n"


def test_an_empty_queue_is_nothing_to_do(account: Account) -> None:
    """Also the second time."""
    account.uploads("a.pdf")
    replay(account)

    assert replay(account) == Redrive((), ())
    assert account.replayed == ["a.pdf"]


def test_mail_events_go_to_their_own_function(account: Account) -> None:
    """Both functions share the queue."""
    account.uploads("a.pdf")
    account.sqs.put(mail_event("Bounce", "bob@example.com"))

    done = replay(account)

    assert [function for function, _, _ in account.invoked] == ["LinkGenerator", "FateRecorder"]
    assert done.replayed[1].outcome == "Bounce for bob@example.com"


def test_the_portals_mails_go_to_its_own_function(account: Account) -> None:
    """From its own queue; here, one stands for both."""
    account.sqs.put(portal_event("request", address="bob@example.com", file=None))

    nobody = reasons(replay(account))
    account.outputs_of_portal = {"LinkMailerName": "LinkMailer", "PortalDeadLetterQueueUrl": "url"}
    [done] = replay(account).replayed

    assert nobody == ["stack s3link-generator has no function for it; deploy, and try again"]
    assert account.invoked == [("LinkMailer", "request", 0.0)]
    assert done.outcome == "bob@example.com asked for links to all their files"


def test_files_that_wait_for_others_go_to_link_generator(account: Account) -> None:
    """With their group, as EventBridge Scheduler gave it."""
    account.sqs.put('{"gathered": "0123abcd"}')

    [done] = replay(account).replayed

    assert account.invoked == [("LinkGenerator", "0123abcd", 0.0)]
    assert done.outcome == "files of group 0123abcd that wait to be mailed together"


def test_a_portals_mail_that_fails_again_stays(account: Account) -> None:
    """With LinkMailer's own sentence."""
    account.outputs_of_portal = {"LinkMailerName": "LinkMailer", "PortalDeadLetterQueueUrl": "url"}
    account.sqs.put(portal_event("remind"))
    account.fails("remind", "SES is away.")

    assert reasons(replay(account)) == ["SES is away."]
    assert len(account.sqs.visible) == 1


def test_a_request_that_a_limit_keeps_back_stays(account: Account) -> None:
    """Nobody was mailed, and in an hour somebody may be."""
    account.outputs_of_portal = {"LinkMailerName": "LinkMailer", "PortalDeadLetterQueueUrl": "url"}
    account.sqs.put(portal_event("request", address="bob@example.com", file=None))
    account.not_yet = "it got as many mails as it may for now"

    assert reasons(replay(account)) == [
        "nothing was mailed, for it got as many mails as it may for now; replay it later"
    ]
    assert len(account.sqs.visible) == 1


def test_one_that_fails_stays_and_the_rest_goes_on(account: Account) -> None:
    """It can be seen by everybody again, and its own sentence says why."""
    [_, bad, _] = account.uploads("a.pdf", "b.pdf", "c.pdf")
    account.fails("b.pdf", '"b.pdf" was not mailed: \x1b[2JSES is away.')

    done = replay(account)

    assert account.replayed == ["a.pdf", "b.pdf", "c.pdf"]
    assert [(left.id, left.title) for left in done.left] == [(bad, '"b.pdf"')]
    assert reasons(done) == ['"b.pdf" was not mailed: \\x1b[2JSES is away.']
    assert account.sqs.visible == [bad]


def test_an_upload_in_progress_stays(account: Account) -> None:
    """Another run may still fail; only the ledger's word that all is mailed ends the message."""
    account.uploads("a.pdf")
    account.says("a.pdf", "in progress")

    done = replay(account)

    assert reasons(done) == ['"a.pdf" is being announced at this moment; replay it in a minute']
    assert len(account.sqs.visible) == 1


@pytest.mark.parametrize("outcome", ["already mailed", "gone", "skipped"])
def test_what_needs_no_mail_is_done(account: Account, outcome: str) -> None:
    """Nobody is waiting for anything."""
    account.uploads("a.pdf")
    account.says("a.pdf", outcome)

    [done] = replay(account).replayed

    assert done.outcome == f'"a.pdf" ({outcome})'
    assert account.sqs.messages == {}


@pytest.mark.parametrize(
    ("revoked", "outcome"),
    [
        (["bob@example.com"], '"a.pdf" (skipped; not to bob@example.com, whose link is revoked)'),
        (
            ["a@example.com", "b@example.com"],
            '"a.pdf" (skipped; not to a@example.com, b@example.com, whose links are revoked)',
        ),
    ],
)
def test_whose_link_was_revoked_is_told(account: Account, revoked: list[str], outcome: str) -> None:
    """LinkGenerator has left them out, and there is nothing more to do."""
    account.uploads("a.pdf")
    account.says("a.pdf", "skipped")
    account.revoked["a.pdf"] = revoked

    [done] = replay(account).replayed

    assert done.outcome == outcome
    assert account.sqs.messages == {}


def test_an_unreadable_message_stays_where_it_is(account: Account) -> None:
    """And is named; no function ever gets it."""
    unreadable = account.sqs.put("hello")
    account.uploads("a.pdf")

    done = replay(account)

    assert account.replayed == ["a.pdf"]
    assert [left.id for left in done.left] == account.sqs.visible == [unreadable]
    assert reasons(done) == ["it cannot be read, because it is not JSON; it is left alone"]


def test_an_older_stack_has_no_function_for_mail_events(account: Account) -> None:
    """Then the message waits for the next deploy."""
    del account.outputs["FateRecorderName"]
    account.sqs.put(mail_event("Bounce", "bob@example.com"))

    assert reasons(replay(account)) == [
        "stack s3link-generator has no function for it; deploy, and try again"
    ]


class TestChoosing:
    """Messages named by the beginnings of their ids."""

    def test_only_those_named_are_replayed(self, account: Account) -> None:
        """The others can be seen at once, and an id may be named twice."""
        first, second, third = account.uploads("a.pdf", "b.pdf", "c.pdf")

        done = replay(account, third, first[:8], first.upper())

        assert (len(done.replayed), done.left, done.unread) == (2, (), 0)
        assert account.replayed == ["a.pdf", "c.pdf"]
        assert account.sqs.visible == [second]

    def test_an_unknown_id_stops_before_anything_is_done(self, account: Account) -> None:
        """All messages can be seen again."""
        [first] = account.uploads("a.pdf")

        with pytest.raises(DeadLetterError) as failed:
            replay(account, first, "deadbeef")

        assert str(failed.value) == (
            'Nothing was replayed: no message in the dead-letter queue has the id "deadbeef"; '
            "see `s3link dlq list`."
        )
        assert (account.replayed, account.sqs.visible) == ([], [first])

    def test_an_id_in_other_hands_is_unknown(self, account: Account) -> None:
        """SQS does not say which messages are hidden, only how many."""
        [first] = account.uploads("a.pdf")
        account.sqs.is_taken_by_somebody_else(first)

        with pytest.raises(DeadLetterError) as failed:
            replay(account, first[:8])

        assert str(failed.value) == (
            'Nothing was replayed: no message in the dead-letter queue has the id "00000001" '
            "(1 message cannot be seen now: somebody works on them); see `s3link dlq list`."
        )

    def test_a_beginning_must_fit_one_message(self, account: Account) -> None:
        """Guessing could replay the wrong file."""
        account.sqs.put(upload_event("a.pdf"), name="5b44b3ea-1")
        account.sqs.put(upload_event("b.pdf"), name="5b44b3ea-2")

        with pytest.raises(DeadLetterError) as failed:
            replay(account, "5b44b3")

        assert str(failed.value) == (
            'Nothing was replayed: "5b44b3" could be any of 5b44b3ea-1, 5b44b3ea-2; '
            "type more of the id."
        )


class TestLots:
    """However many wait, only a lot of them is held at a time."""

    @pytest.mark.parametrize("waiting", [2_000, pytest.param(8_024, marks=pytest.mark.slow)])
    def test_what_a_burst_has_left_is_replayed_in_hours(
        self, account: Account, waiting: int
    ) -> None:
        """At 40 ms a call, each message takes as long as if it were the only one."""
        account.sqs.call_seconds = account.run_seconds = 0.04
        most_hidden = 0

        def look() -> None:
            nonlocal most_hidden
            most_hidden = max(most_hidden, len(account.sqs.messages) - len(account.sqs.visible))

        account.uploads(*(f"{number}.pdf" for number in range(waiting)))
        account.does(f"{waiting // 2}.pdf", look)

        done = replay(account)

        assert (len(done.replayed), done.left, done.unread) == (waiting, (), 0)
        assert len(set(account.replayed)) == waiting
        assert account.clock.now < 0.14 * waiting  # 80,000 in about three hours
        assert most_hidden <= 100

    def test_those_that_fail_do_not_come_again_and_again(self, account: Account) -> None:
        """Each is run once, however often it comes back while the others are worked on."""
        account.run_seconds = 30
        account.uploads(*(f"{number}.pdf" for number in range(250)))
        for number in range(0, 250, 2):
            account.fails(f"{number}.pdf", "SES is away.")

        done = replay(account)

        assert len(account.replayed) == len(set(account.replayed)) == 250
        assert (len(done.replayed), len(done.left), done.unread) == (125, 125, 0)
        assert len(account.sqs.visible) == 125

    def test_what_sqs_cannot_give_is_counted(self, account: Account) -> None:
        """It hides no more than 120,000 messages at a time; here, 100, all of which fail."""
        account.sqs.most_hidden = 100
        account.uploads(*(f"{number}.pdf" for number in range(150)))
        for number in range(150):
            account.fails(f"{number}.pdf", "SES is away.")

        done = replay(account)

        assert (len(done.replayed), len(done.left), done.unread) == (0, 100, 50)
        assert len(account.sqs.visible) == 150

    def test_a_count_that_lags_behind_is_no_message(self, account: Account) -> None:
        """As in the minute after a redrive: all that was there has been replayed."""
        account.sqs.counts_are_of = 2, 0
        account.uploads("a.pdf", "b.pdf")

        first, second = replay(account), replay(account)

        assert (len(first.replayed), first.left, first.unread) == (2, (), 0)
        assert second == Redrive((), (), unread=2)

    def test_what_was_not_taken_is_counted_when_it_stops(self, account: Account) -> None:
        """And can be seen by everybody all the time."""
        account.quota |= {"Max24HourSend": 20_010.0, "SentLast24Hours": 20_000.0}
        account.uploads(*(f"{number}.pdf" for number in range(250)))

        def spent() -> None:
            account.quota["SentLast24Hours"] = 20_010.0

        account.does("159.pdf", spent)

        done = replay(account)

        assert (len(done.replayed), len(done.left), done.unread) == (10, 90, 150)
        assert len(account.sqs.visible) == 240


class TestPace:
    """No faster than SES's rate, and within its day."""

    def test_mails_keep_the_rate(self, account: Account) -> None:
        """Three recipients take three times as long."""
        account.quota["MaxSendRate"] = 2.0
        account.recipients["a.pdf"] = "a@example.com,b@example.com,c@example.com"
        account.uploads("a.pdf", "b.pdf", "c.pdf")

        replay(account)

        assert [at for _, _, at in account.invoked] == [0.0, 1.5, 2.0]

    def test_what_mails_nobody_need_not_wait(self, account: Account) -> None:
        """A file that is gone, and one whose recipients LinkGenerator refuses."""
        account.quota["MaxSendRate"] = 1.0
        account.gone = {"a.pdf", "b.pdf"}
        account.recipients["c.pdf"] = "eve@elsewhere.example"
        account.uploads("a.pdf", "b.pdf", "c.pdf")

        replay(account)

        assert [at for _, _, at in account.invoked] == [0.0, 0.0, 0.0]

    def test_the_daily_quota_is_not_exceeded(self, account: Account) -> None:
        """What would go over it waits in the queue, for all to see."""
        account.quota |= {"Max24HourSend": 200.0, "SentLast24Hours": 197.0}
        account.recipients["b.pdf"] = "a@example.com,b@example.com,c@example.com"
        account.does("a.pdf", lambda: account.quota.update(SentLast24Hours=198.0))
        account.uploads("a.pdf", "b.pdf", "c.pdf")

        done = replay(account)

        assert account.replayed == ["a.pdf"]
        assert done.stopped == (
            'SES takes 2 more mails today and "b.pdf" needs 3; go on tomorrow, or ask AWS for a '
            "higher quota. "
        )
        assert len(account.sqs.visible) == len(done.left) == 2

    def test_mails_that_did_not_go_out_are_not_counted(self, account: Account) -> None:
        """Before we stop, SES is asked again."""
        account.quota |= {"Max24HourSend": 200.0, "SentLast24Hours": 199.0}
        account.says("a.pdf", "already mailed")
        account.uploads("a.pdf", "b.pdf")

        assert replay(account).left == ()

    def test_a_slow_pace_loses_no_message(self, account: Account) -> None:
        """What waits for its turn is kept hidden, for hours if need be."""
        account.quota["MaxSendRate"] = 0.002
        account.run_seconds = 850
        account.uploads(*(f"{number}.pdf" for number in range(30)))

        assert replay(account).left == ()
        assert len(set(account.replayed)) == len(account.replayed) == 30


class TestTrouble:
    """Lambda, SQS and people at the worst moments."""

    def test_a_crowded_lambda_is_waited_for(self, account: Account) -> None:
        """MaxConcurrentMails may be used up by other files; nothing was begun then."""
        account.busy = [refusal("TooManyRequestsException", "Invoke", 429)] * 3
        account.uploads("a.pdf")

        assert replay(account).left == ()
        assert account.clock.now > 5

    def test_a_crowd_that_does_not_end_ends_the_redrive(self, account: Account) -> None:
        """After ten minutes; nothing is lost."""
        account.busy = [refusal("TooManyRequestsException", "Invoke", 429)] * 100
        account.uploads("a.pdf", "b.pdf")

        done = replay(account)

        assert done.stopped == (
            "AWS asks to slow down (Invoke); wait a minute and repeat the command. "
        )
        assert len(account.sqs.visible) == 2

    def test_a_refusal_ends_the_redrive(self, account: Account) -> None:
        """Whoever may not invoke for one message may not for any."""
        account.busy = [refusal("AccessDeniedException", "Invoke", 403)]
        account.uploads("a.pdf", "b.pdf")

        done = replay(account)

        assert done.stopped == (
            "AWS denied Invoke; ask your administrator to allow it, or use another --profile. "
        )
        assert (account.replayed, len(account.sqs.visible)) == ([], 2)

    def test_an_answer_that_does_not_come_is_not_asked_for_again(self, account: Account) -> None:
        """The function may have done it all; the message stays until somebody knows."""
        account.answers["a.pdf"] = ReadTimeoutError(endpoint_url="https://lambda")
        account.uploads("a.pdf", "b.pdf")

        done = replay(account)

        assert account.replayed == ["a.pdf", "b.pdf"]
        assert reasons(done) == [
            "whether LinkGenerator has done it is not known, for its answer was lost: AWS could "
            "not be reached at https://lambda; check the network, the proxy, --region and "
            "--endpoint-url. Replay it again in a quarter of an hour: what was mailed is not "
            "mailed again"
        ]

    def test_a_lambda_that_answers_503_may_have_begun(self, account: Account) -> None:
        """Whoever asks once more may have the work done twice."""
        account.answers["a.pdf"] = refusal("ServiceException", "Invoke", 503)
        account.uploads("a.pdf")

        [reason] = reasons(replay(account))

        assert account.replayed == ["a.pdf"]
        assert reason.startswith("whether LinkGenerator has done it is not known")

    def test_a_lambda_that_was_not_reached_is_asked_again(self, account: Account) -> None:
        """Nothing was begun."""
        account.busy = [EndpointConnectionError(endpoint_url="https://lambda")] * 3
        account.uploads("a.pdf")

        assert replay(account).left == ()
        assert account.replayed == ["a.pdf"]

    def test_a_deletion_that_fails_is_tried_alone(self, account: Account) -> None:
        """Its function has done its work, and is not run again for that."""
        account.outputs_of_portal = PORTAL_OUTPUTS
        account.sqs.put(portal_event("request", address="bob@example.com", file=None))
        account.sqs.refuses_to_delete = [refusal("ServiceUnavailable", "DeleteMessage", 503)] * 5

        done = replay(account)

        assert account.replayed == ["request"]
        assert (len(done.replayed), done.left, account.sqs.messages) == (1, (), {})

    def test_a_deletion_that_never_works_ends_the_redrive(self, account: Account) -> None:
        """Else every message would be run, and stay."""
        account.sqs.refuses_to_delete = [refusal("AccessDenied", "DeleteMessage", 403)] * 9
        account.uploads("a.pdf", "b.pdf")

        done = replay(account)

        assert account.replayed == ["a.pdf"]
        assert done.stopped == "SQS does not delete messages now. "
        assert reasons(done) == [
            "its function has done it, but SQS did not delete the message: AWS denied "
            "DeleteMessage; ask your administrator to allow it, or use another --profile. Replay "
            "it again: what was mailed is not mailed again",
            "",
        ]
        assert len(account.sqs.visible) == 2

    @pytest.mark.parametrize("first_end", ["not deleted", "killed", "answer lost"])
    def test_a_task_has_the_same_id_in_each_replay(self, account: Account, first_end: str) -> None:
        """By it LinkMailer knows that it has done the task already."""
        account.outputs_of_portal = PORTAL_OUTPUTS
        account.sqs.put(portal_event("request", address="bob@example.com", file=None))
        if first_end == "not deleted":
            account.sqs.refuses_to_delete = [refusal("AccessDenied", "DeleteMessage", 403)]
        elif first_end == "killed":
            account.does("request", lambda: (ctrl_c(), ctrl_c()))
        else:
            account.answers["request"] = ReadTimeoutError(endpoint_url="https://lambda")

        replay(account)
        account.answers.clear()
        replay(account)

        expected = {"id": "request-1", "task": "request", "address": "bob@example.com"}
        assert account.events == [{**expected, "file": None}] * 2
        assert account.sqs.messages == {}

    def test_a_message_is_hidden_for_longer_than_its_function_runs(self, account: Account) -> None:
        """Or another redrive could get it in the middle."""
        account.uploads("a.pdf", "b.pdf")

        def after_a_quarter_of_an_hour() -> None:
            account.clock.sleep(900)
            assert account.sqs.visible == []

        account.does("a.pdf", after_a_quarter_of_an_hour)
        account.does("b.pdf", after_a_quarter_of_an_hour)

        assert replay(account).left == ()

    def test_a_message_that_somebody_else_has_got_is_theirs(self, account: Account) -> None:
        """As when this machine has slept for an hour."""
        [_, second] = account.uploads("a.pdf", "b.pdf")

        def sleep() -> None:
            account.clock.sleep(900)
            account.sqs.is_taken_by_somebody_else(second)

        account.does("a.pdf", sleep)

        done = replay(account)

        assert account.replayed == ["a.pdf"]
        assert reasons(done) == ["somebody else has it, perhaps another redrive"]

    def test_two_at_once_share_the_messages(self, account: Account) -> None:
        """Each message is replayed by one of them, and the other says why it sees nothing."""
        account.uploads("a.pdf", "b.pdf")
        seen = []
        account.does("a.pdf", lambda: seen.append(replay(account)))

        replay(account)

        assert seen == [Redrive((), (), held_by_others=2)]
        assert account.replayed == ["a.pdf", "b.pdf"]

    def test_ctrl_c_finishes_the_message_under_way(self, account: Account) -> None:
        """Its function has done its work; the others can be seen at once."""
        first, *others = account.uploads("a.pdf", "b.pdf", "c.pdf")
        account.does("a.pdf", ctrl_c)

        done = replay(account)

        assert (done.stopped, done.is_interrupted) == ("Stopped: ", True)
        assert account.sqs.visible == others
        assert first not in account.sqs.messages

    def test_ctrl_c_twice_means_now(self, account: Account) -> None:
        """The message under way stays; should its mail be out, the ledger knows."""
        everything = account.uploads("a.pdf", "b.pdf")

        def twice() -> None:
            ctrl_c()
            ctrl_c()

        account.does("a.pdf", twice)

        done = replay(account)

        assert done.is_interrupted
        assert [left.id for left in done.left] == account.sqs.visible == everything
