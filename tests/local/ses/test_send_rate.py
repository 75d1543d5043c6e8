"""How many mails a second SES takes, when somebody has set a rate."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from deploy.local.server import EmbeddedAws
from deploy.local.ses.send_rate import SEND_RATE, SendRate
from tests.local.account import Account
from tests.local.mail import SENDER, MailAccount, mails


class _Clock:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_no_rate_by_default(account: Account) -> None:
    """A burst is taken whole."""
    answer = MailAccount(account).send(*["bob@example.com"] * 50, name="a")

    assert {entry["Status"] for entry in answer["Status"]} == {"Success"}


def test_bulk_call_over_the_rate(account: Account) -> None:
    """The call returns; the entries over the rate say AccountThrottled, and no mail leaves."""
    mail = MailAccount(account)
    SEND_RATE.limit(0.001)

    answer = mail.send("bob@example.com", "carol@example.com", name="a")

    assert [entry["Status"] for entry in answer["Status"]] == ["Success", "AccountThrottled"]
    assert answer["Status"][1]["Error"] == "Maximum sending rate exceeded."
    assert [one.recipients for one in mails()] == [("bob@example.com",)]


def test_single_mail_over_the_rate(account: Account) -> None:
    """The call fails with Throttling."""
    mail = MailAccount(account)
    SEND_RATE.limit(0)

    with pytest.raises(ClientError) as refused:
        mail.ses.send_email(
            Source=SENDER,
            Destination={"ToAddresses": ["bob@example.com"]},
            Message={"Subject": {"Data": "a"}, "Body": {"Text": {"Data": "b"}}},
        )

    assert refused.value.response["Error"] == {
        "Type": "Sender",
        "Code": "Throttling",
        "Message": "Maximum sending rate exceeded.",
    }
    assert mails() == []


def test_rate_of_an_embedded_aws() -> None:
    """It can be given at the start, and ends with it."""
    with EmbeddedAws(send_rate=2) as aws:
        assert Account(aws).client("ses").get_send_quota()["MaxSendRate"] == 2
    with EmbeddedAws() as aws:
        assert Account(aws).client("ses").get_send_quota()["MaxSendRate"] == 14


def test_tokens_flow_in() -> None:
    """A second brings as many as the rate says, and never are there more at hand than that."""
    clock = _Clock()
    rate = SendRate()
    rate.limit(3, clock)

    at_first = [rate.allows(1) for _ in range(4)]
    clock.now += 1 / 3
    later = [rate.allows(1) for _ in range(2)]
    clock.now += 3600
    much_later = [rate.allows(1) for _ in range(4)]

    assert at_first == [True, True, True, False]
    assert later == [True, False]
    assert much_later == [True, True, True, False]


def test_slow_rates() -> None:
    """Less than one mail a second is a rate, too."""
    clock = _Clock()
    rate = SendRate()
    rate.limit(0.5, clock)

    taken = []
    for _ in range(4):
        taken.append(rate.allows(1))
        clock.now += 1

    assert taken == [True, False, True, False]


def test_a_mail_to_many() -> None:
    """Recipients count, not mails; one mail to more than a second's worth needs a full second."""
    clock = _Clock()
    rate = SendRate()
    rate.limit(2, clock)

    first = rate.allows(50)
    clock.now += 0.9
    too_early = rate.allows(50)
    clock.now += 0.1
    in_time = rate.allows(50)

    assert (first, too_early, in_time) == (True, False, True)
