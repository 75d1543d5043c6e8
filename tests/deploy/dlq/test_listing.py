"""What is listed: every message once, oldest first, with those who would be mailed."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from files.manifest import Manifest, SharedFile

from deploy.console import Console
from deploy.dlq.audience import Audience
from deploy.dlq.listing import Listing, list_letters
from deploy.dlq.wording import document, title
from tests.deploy.dlq.account import DEPLOYMENT, Account, mail_event, refusal, upload_event


@pytest.fixture
def account() -> Account:
    return Account()


class Asked(dict[str, str]):
    """Recipients by key, of nobody; notes down which were asked for."""

    def __init__(self, keys: list[str]) -> None:
        super().__init__()
        self._keys = keys

    def __contains__(self, key: object) -> bool:
        self._keys.append(str(key))
        return False


def listing(account: Account) -> Listing:
    clients: Any = account
    return list_letters(clients, DEPLOYMENT, Console(), account.timing)


def test_messages_are_listed_oldest_first_and_stay(account: Account) -> None:
    """To look is to change nothing."""
    ids = [account.sqs.put(upload_event(f"{number}.pdf")) for number in range(11)]

    assert [listed.letter.id for listed in listing(account).letters] == ids
    assert account.sqs.visible == ids


def test_a_file_is_listed_with_those_who_would_be_mailed(account: Account) -> None:
    """They are found as LinkGenerator finds them, for each file of an event."""
    account.recipients["a.pdf"] = "ann@example.com, bob@example.com"
    account.sqs.put(upload_event("a.pdf", "carl%40example.com/b.pdf", "c.pdf"))

    [listed] = listing(account).letters

    assert [(str(upload), audience.recipients) for upload, audience in listed.files] == [
        ('"a.pdf"', ("ann@example.com", "bob@example.com")),
        ('"carl@example.com/b.pdf"', ("carl@example.com",)),
        ('"c.pdf"', ("bob@example.com",)),
    ]


MANIFEST = ".s3link/shares/20261130-9f86d081.json"


def test_a_share_is_listed_with_those_whom_its_manifest_names(account: Account) -> None:
    """By its title, since nobody knows it by its manifest's key."""
    shared = tuple(SharedFile(f"photos/{n}.jpg", "v1", 1) for n in range(12))
    account.contents[MANIFEST] = Manifest(shared, ("ann@example.com",)).text
    account.sqs.put(upload_event(MANIFEST))

    [listed] = listing(account).letters

    [(_, audience)] = listed.files
    assert audience == Audience(("ann@example.com",), title="0.jpg and 11 more files")
    assert title(listed) == '"0.jpg and 11 more files" for ann@example.com'
    assert document(listed)["files"][0]["title"] == "0.jpg and 11 more files"


@pytest.mark.parametrize(
    ("content", "remark"),
    [
        (b"{", "was not announced, nor any file of it: it is not JSON in UTF-8; "),
        (
            Manifest((SharedFile("a", "v1", 1),), ("eve@elsewhere.example",)).text,
            "was not announced to anybody: not on AuthorizedRecipients: eve@elsewhere.example.",
        ),
    ],
)
def test_a_share_that_would_be_refused_again_says_why(
    account: Account, content: bytes, remark: str
) -> None:
    """As LinkGenerator does."""
    account.contents[MANIFEST] = content
    account.sqs.put(upload_event(MANIFEST))

    [(_, audience)] = next(listing(account).letters).files

    assert audience.recipients == ()
    assert audience.remark.startswith(f'"{MANIFEST}" {remark}')


def test_a_file_of_a_share_is_for_nobody_alone(account: Account) -> None:
    """LinkGenerator leaves it to its manifest."""
    account.shares["photos/a.jpg"] = "20261130-9f86d081"
    account.sqs.put(upload_event("photos/a.jpg"))

    [(_, audience)] = next(listing(account).letters).files

    assert audience.remark == (
        "it belongs to a share and is announced with it; a redrive of it alone mails nobody"
    )


def test_a_file_that_is_gone_is_said_to_be_gone(account: Account) -> None:
    """A redrive would only clear the message away."""
    account.gone = {"a.pdf"}
    account.sqs.put(upload_event("a.pdf"))

    [(_, audience)] = next(listing(account).letters).files

    assert audience.remark == "its file is gone; a redrive mails nobody"


def test_who_may_not_be_mailed_is_named(account: Account) -> None:
    """A redrive would fail as LinkGenerator did."""
    account.recipients["a.pdf"] = "eve@elsewhere.example"
    account.sqs.put(upload_event("a.pdf"))

    [(_, audience)] = next(listing(account).letters).files

    assert audience.recipients == ()
    assert audience.remark.startswith(
        '"a.pdf" was not announced to anybody: not on AuthorizedRecipients: eve@elsewhere.example.'
    )


@pytest.mark.parametrize(
    ("sender", "sentence"),
    [
        (
            "Eve <eve@elsewhere.example>",
            '"a.pdf" was not announced to anybody: not on AuthorizedSenders: '
            "eve@elsewhere.example.",
        ),
        (
            "eve@elsewhere.example <ann@example.com>",
            '"a.pdf" was not announced: "eve@elsewhere.example <ann@example.com>" in its metadata '
            "sender is not a name with one address, ",
        ),
    ],
)
def test_who_may_not_be_named_is_told(account: Account, sender: str, sentence: str) -> None:
    """That fails as often as it is replayed, too."""
    account.senders["a.pdf"] = sender
    account.sqs.put(upload_event("a.pdf"))

    [(_, audience)] = next(listing(account).letters).files

    assert audience.recipients == ()
    assert audience.remark.startswith(sentence)


@pytest.mark.parametrize(
    ("waiting", "call_seconds"), [(2_000, 0.6), pytest.param(8_000, 0.15, marks=pytest.mark.slow)]
)
def test_a_large_queue_is_listed_whole(account: Account, waiting: int, call_seconds: float) -> None:
    """Reading it takes two minutes, longer than the usual hold."""
    account.sqs.call_seconds = call_seconds
    for number in range(waiting):
        account.sqs.put(mail_event("Bounce", f"{number}@example.com"))

    listed = listing(account)

    assert account.clock.now > 120
    assert (len({one.letter.id for one in listed.letters}), listed.unread) == (waiting, 0)
    assert len(account.sqs.visible) == waiting


def test_a_list_that_is_not_complete_says_so(account: Account) -> None:
    """SQS hides no more than 120,000 messages at a time; here, 100."""
    account.sqs.most_hidden = 100
    for number in range(150):
        account.sqs.put(mail_event("Bounce", f"{number}@example.com"))

    listed = listing(account)

    assert (listed.number, listed.unread) == (100, 50)


def test_a_leftover_is_said_to_be_one(account: Account) -> None:
    """It failed before its name was looked at; a redrive mails nobody."""
    account.sqs.put(upload_event("out/_SUCCESS"))

    [(_, audience)] = next(listing(account).letters).files

    assert audience.remark == "it is a leftover of some program; a redrive mails nobody"


def test_a_prolonged_file_is_said_to_be_one(account: Account) -> None:
    """Its recipients have been mailed, and its links have moved to it."""
    account.recipients["report.pdf"] = "ann@example.com"
    account.prolonged.add("report.pdf")
    account.sqs.put(upload_event("report.pdf"))

    [(_, audience)] = next(listing(account).letters).files

    assert audience.recipients == ()
    assert audience.remark == (
        "it is a copy with which `links extend` prolonged a file; a redrive mails nobody"
    )


def test_messages_come_before_the_last_file_was_looked_at(account: Account) -> None:
    """In their order, however many there are."""
    for number in range(100):
        account.sqs.put(upload_event(f"{number}.pdf"))
    looked_at: list[str] = []
    account.recipients = Asked(looked_at)

    letters = listing(account).letters

    assert [str(upload) for upload, _ in next(letters).files] == ['"0.pdf"']
    assert len(looked_at) < 30
    assert [str(one.files[0][0]) for one in letters] == [f'"{n}.pdf"' for n in range(1, 100)]


def test_messages_that_cannot_be_given_back_are_told(account: Account) -> None:
    """Else whoever looks again within the minute takes the queue for empty."""
    account.sqs.put(upload_event("a.pdf"))
    account.sqs.refuses_to_hide = refusal("AccessDenied", "ChangeMessageVisibilityBatch")

    listed = listing(account)

    assert (listed.number, account.sqs.visible) == (1, [])
    assert listed.still_hidden.startswith(
        "For 1 minute nobody sees 1 message of letters, since SQS did not take back what had been "
        "read: AWS denied ChangeMessageVisibilityBatch"
    )


def test_ctrl_c_is_heard_though_nothing_can_be_given_back(account: Account) -> None:
    """As where the network is gone, and somebody has seen enough."""
    account.sqs.put(upload_event("a.pdf"))

    def refuses(**_: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        raise refusal("AccessDenied", "ChangeMessageVisibilityBatch")

    account.sqs.__dict__["change_message_visibility_batch"] = refuses

    with pytest.raises(KeyboardInterrupt):
        listing(account)


def test_a_message_in_other_hands_is_counted(account: Account) -> None:
    """Else the list would look complete while a redrive is under way."""
    account.sqs.is_taken_by_somebody_else(account.sqs.put(upload_event("a.pdf")))
    account.sqs.put(mail_event("Bounce", "bob@example.com"))

    listed = listing(account)

    assert (listed.number, listed.held_by_others) == (1, 1)
