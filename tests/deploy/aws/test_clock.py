"""An operator whose clock is wrong is told by how much."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from deploy.aws.clock import clock_sentence
from deploy.aws.explain import explain

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
SET = (
    ", so AWS refuses what it signs; set the clock (`sudo timedatectl set-ntp true` on Linux), "
    "then repeat the command."
)


def refused(code: str, date: str | None, message: str = "") -> ClientError:
    """AWS's answer to a request whose time it does not take, with its own time in the headers."""
    headers = {"date": date} if date else {}
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": 403, "HTTPHeaders": headers},
        },
        "PutObject",
    )


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("Sun, 29 Nov 2026 12:23:10 GMT", "is 23 minutes slow"),
        ("Sun, 29 Nov 2026 11:44:00 GMT", "is 16 minutes fast"),
        ("Sun, 29 Nov 2026 12:01:00 GMT", "is 1 minute slow"),
        ("Sun, 29 Nov 2026 15:00:00 GMT", "is 3 hours slow"),
        ("Sun, 29 Nov 2026 13:50:00 GMT", "is 110 minutes slow"),
        ("Mon, 29 Nov 2027 12:00:00 GMT", "is 365 days slow"),
        ("Sun, 29 Nov 2026 12:00:20 GMT", "is not the time at AWS"),
        ("yesterday", "is not the time at AWS"),
        (None, "is not the time at AWS"),
    ],
)
def test_by_how_much(date: str | None, said: str) -> None:
    """The Date of AWS's answer is the measure; without one it is said that the clock is wrong."""
    sentence = str(clock_sentence(refused("RequestTimeTooSkewed", date), lambda: NOW))

    assert sentence == f"This machine's clock {said}{SET}"


EXPIRED = "Signature expired: 20261129T120000Z is now earlier than 20261129T121000Z"
TOO_EARLY = "Signature not yet current: 20261129T123000Z is still later than 20261129T120500Z"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("RequestTimeTooSkewed", "The difference between the request time and the server's time"),
        ("RequestExpired", "Request has expired."),
        ("SignatureDoesNotMatch", EXPIRED),
        ("SignatureDoesNotMatch", TOO_EARLY),
        ("InvalidSignatureException", EXPIRED),
    ],
)
def test_each_service_says_it_in_its_way(code: str, message: str) -> None:
    """And none of them means that the session or the keys are bad."""
    sentence = str(explain(refused(code, "Thu, 01 Jan 2015 00:00:00 GMT", message)))

    assert sentence.startswith("This machine's clock is ")
    assert sentence.endswith(f" days fast{SET}")


def test_a_wrong_signature_is_not_a_matter_of_the_clock() -> None:
    """The same code without a word on the time is a wrong key."""
    error = refused("SignatureDoesNotMatch", "Thu, 01 Jan 2015 00:00:00 GMT", "does not match")

    assert "AWS does not accept these credentials" in str(explain(error))
