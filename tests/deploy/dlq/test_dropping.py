"""Dropping messages: those that are named, after they were shown, and nothing in silence."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy.console import Console
from deploy.dlq.dropping import Drop, drop
from deploy.dlq.listing import ListedLetter
from deploy.errors import DeadLetterError
from tests.deploy.dlq.account import DEPLOYMENT, Account, mail_event, refusal


@pytest.fixture
def account() -> Account:
    return Account()


class Asked:
    """Answers with yes, and knows what was shown before."""

    def __init__(self, answer: bool = True) -> None:
        self.answer = answer
        self.shown: list[str] = []

    def __call__(self, letters: Sequence[ListedLetter]) -> bool:
        self.shown += [one.letter.id for one in letters]
        return self.answer


def dropped(account: Account, *ids: str, consent: Any = None) -> Drop:
    clients: Any = account
    return drop(clients, DEPLOYMENT, ids, consent or Asked(), Console(), account.timing)


def files_of(letters: Sequence[ListedLetter]) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (upload.key, audience.recipients) for letter in letters for upload, audience in letter.files
    ]


def test_only_what_is_named_is_dropped(account: Account) -> None:
    """By the beginning of its id; it says of which file and for whom, and mails nobody."""
    account.recipients["b.pdf"] = "ann@example.com"
    first, second, third = account.uploads("a.pdf", "b.pdf", "c.pdf")

    done = dropped(account, second[:8])

    assert files_of(done.dropped) == [("b.pdf", ("ann@example.com",))]
    assert (done.kept, account.replayed) == ((), [])
    assert account.sqs.visible == [first, third]


def test_any_kind_of_message_can_be_dropped(account: Account) -> None:
    """One that cannot be read as well."""
    ids = [account.sqs.put("hello"), account.sqs.put(mail_event("Bounce", "bob@example.com"))]

    done = dropped(account, *ids)

    assert [one.letter.about for one in done.dropped] == [
        "cannot be read, because it is not JSON",
        "Bounce for bob@example.com",
    ]
    assert account.sqs.messages == {}


def test_without_consent_all_stay(account: Account) -> None:
    """They were shown, and can be seen by everybody again."""
    ids, asked = account.uploads("a.pdf", "b.pdf"), Asked(answer=False)

    with pytest.raises(DeadLetterError, match=r"^Nothing was dropped\.$"):
        dropped(account, *ids, consent=asked)

    assert asked.shown == account.sqs.visible == ids


def test_an_unknown_id_drops_nothing(account: Account) -> None:
    """In the words of a redrive."""
    [first] = account.uploads("a.pdf")

    with pytest.raises(DeadLetterError) as failed:
        dropped(account, first, "deadbeef")

    assert str(failed.value) == (
        'Nothing was dropped: no message in the dead-letter queue has the id "deadbeef"; '
        "see `s3link dlq list`."
    )
    assert account.sqs.visible == [first]


def test_a_beginning_means_nothing_while_messages_are_unread(account: Account) -> None:
    """It could be that of another; a whole id is clear."""
    account.sqs.most_hidden = 2
    _, second, third = account.uploads("a.pdf", "b.pdf", "c.pdf")

    with pytest.raises(DeadLetterError) as failed:
        dropped(account, third[:8])
    done = dropped(account, second)

    assert str(failed.value) == (
        'Nothing was dropped: about 1 more message could not be read, and "00000003" could be one '
        "of them, too; type the whole id."
    )
    assert [one.letter.id for one in done.dropped] == [second]


def test_a_deletion_is_tried_again(account: Account) -> None:
    """A blip of SQS is no reason to stop."""
    ids = account.uploads("a.pdf", "b.pdf")
    account.sqs.refuses_to_delete = [refusal("ServiceUnavailable", "DeleteMessage", 503)] * 5

    assert [one.letter.id for one in dropped(account, *ids).dropped] == ids
    assert account.sqs.messages == {}


def test_a_refusal_says_what_was_dropped_before(account: Account) -> None:
    """And whatever SQS has not answered for is not called dropped."""
    ids = account.uploads("a.pdf", "b.pdf", "c.pdf")
    account.sqs.refuses_to_delete = [refusal("AccessDenied", "DeleteMessage", 403)]

    done = dropped(account, *ids)

    assert done.stopped == (
        "AWS denied DeleteMessage; ask your administrator to allow it, or use another --profile. "
    )
    assert [one.reason for one in done.kept] == ["whether SQS has deleted it is not known", "", ""]
    assert account.sqs.visible == ids


def test_ctrl_c_says_what_was_dropped_before(account: Account) -> None:
    """The deletion under way is finished; the others can be seen at once."""
    ids = account.uploads("a.pdf", "b.pdf", "c.pdf")
    account.sqs.while_deleting = lambda: os.kill(os.getpid(), signal.SIGINT)

    done = dropped(account, *ids)

    assert (done.stopped, done.is_interrupted) == ("Stopped: ", True)
    assert files_of(done.dropped) == [("a.pdf", ("bob@example.com",))]
    assert [one.letter.letter.id for one in done.kept] == account.sqs.visible == ids[1:]


def test_what_somebody_else_has_got_meanwhile_is_theirs(account: Account) -> None:
    """As when the operator has thought it over for an hour."""
    [first, second] = account.uploads("a.pdf", "b.pdf")

    def consent(letters: Sequence[ListedLetter]) -> bool:
        account.clock.sleep(3600)
        account.sqs.is_taken_by_somebody_else(first)
        return True

    done = dropped(account, first, second, consent=consent)

    assert [one.reason for one in done.kept] == [
        "it is not held any more, and somebody else may have it; try again"
    ] * 2
    assert list(account.sqs.messages) == [first, second]


@pytest.mark.parametrize(
    ("begins", "agrees", "hidden"),
    [("00000001", True, 49), ("no such id", True, 50), ("", False, 50)],
)
def test_messages_that_stay_hidden_are_told(
    account: Account,
    capsys: pytest.CaptureFixture[str],
    begins: str,
    agrees: bool,
    hidden: int,
) -> None:
    """Whether one was dropped, was not found, or was not to be dropped after all."""
    ids = account.uploads(*(f"{number}.pdf" for number in range(50)))
    account.sqs.refuses_to_hide = refusal("AccessDenied", "ChangeMessageVisibilityBatch")

    with suppress(DeadLetterError):
        dropped(account, begins or ids[0], consent=Asked(agrees))

    told = f"For 16 minutes nobody sees {hidden} messages of letters, since SQS did not take back"
    assert told in capsys.readouterr().err


def test_whatever_ends_a_drop_tells_what_stays_hidden(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """As where messages cannot be held for longer."""
    [message] = account.uploads("a.pdf")
    account.sqs.call_seconds = 1
    account.sqs.refuses_to_hide = refusal("AccessDenied", "ChangeMessageVisibilityBatch")

    with pytest.raises(ClientError):
        dropped(account, message)

    assert "For 15 minutes nobody sees 1 message of letters" in capsys.readouterr().err
