"""What a call to SES weighs, as botocore writes it."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from files.metadata import METADATA_LIMIT, header_text
from mail.addresses import parse_address
from mail.senders import Envelope
from mail.sending import DESTINATIONS_PER_CALL, Reply, destination, send_bulk

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from tests.lambda_src.fakes import World, arrival_of, people

# SES SendBulkTemplatedEmail: "The maximum message size is 10 MB"; of a call it says no more.
_CALL_LIMIT = 10_000_000  # bytes
# SES BulkEmailDestination, ReplacementTemplateData: "Maximum length of 262144".
_DATA_LIMIT = 262_144

_TAKEN = b"<member><Status>Success</Status><MessageId>1</MessageId></member>"


def _ses() -> Any:
    return boto3.client(
        "ses",
        region_name="eu-west-1",
        aws_access_key_id=LOCAL_ACCESS_KEY,
        aws_secret_access_key=LOCAL_SECRET_KEY,
        config=Config(retries={"total_max_attempts": 1}),
    )


class Answer:
    """SES takes all mails."""

    def stream(self) -> Iterator[bytes]:
        name = b"SendBulkTemplatedEmail"
        statuses = b"<Status>" + _TAKEN * DESTINATIONS_PER_CALL + b"</Status>"
        yield b"<%bResponse><%bResult>%b</%bResult></%bResponse>" % (
            *(name, name, statuses),
            *(name, name),
        )


@pytest.mark.parametrize(
    ("status", "is_doubtful"),
    [
        ("Success", False),
        ("MessageRejected", False),
        ("Throttling", False),
        ("ServiceUnavailable", False),
        ("ConnectTimeoutError", False),
        ("EndpointConnectionError", False),
        ("ReadTimeoutError", True),
        ("ConnectionClosedError", True),
        ("ResponseParserError", True),
        ("InternalFailure", True),
        ("NoStatus", True),
    ],
)
def test_where_nobody_can_know_whether_a_mail_left(status: str, is_doubtful: bool) -> None:
    """SES has begun, and does not say how it ended: its links may be in somebody's mail."""
    assert Reply(status).is_doubtful == is_doubtful


def test_letters_are_written_as_they_are() -> None:
    """SES's limit counts what is written, and an escape takes six characters for each."""
    mail = destination(parse_address("bob@example.com"), {"note": "αβγ"})

    assert mail["ReplacementTemplateData"] == '{"note": "αβγ"}'


@pytest.mark.parametrize(
    ("http_status", "body", "status"),
    [
        (200, b"<SendBulk", "ResponseParserError"),
        (200, b"<Answer><SendBulkTemplatedEmailResult/></Answer>", "NoStatus"),
        (500, b"<html>", "500"),
        (502, b"<html>Bad Gateway</html>", "502"),
        (504, b"", "504"),
    ],
)
def test_an_answer_that_does_not_tell_is_a_doubt(
    http_status: int, body: bytes, status: str
) -> None:
    """Cut off on its way, or not SES's own: it may have taken the mail all the same."""

    class Body:
        def stream(self) -> Iterator[bytes]:
            yield body

    client = _ses()
    client.meta.events.register(
        "before-send.ses",
        lambda request, **_: AWSResponse(request.url, http_status, {}, Body()),
    )
    mail = destination(parse_address("bob@example.com"), {})

    [reply] = send_bulk(
        [mail], Envelope(parse_address("files@example.com"), "template", "set"), client
    )

    assert (reply.status, reply.is_doubtful) == (status, True)


@pytest.mark.parametrize("character", ['"', "α", "😀"])
def test_fifty_mails_with_the_longest_note_are_one_call(character: str) -> None:
    """However the characters are escaped: for HTML, for JSON, and for the form of the call."""
    longest = METADATA_LIMIT - len("note")
    lengths = range(longest + 1)
    note = character * (
        bisect(lengths, longest, key=lambda count: len(header_text(character * count))) - 1
    )
    assert len(header_text(note)) <= longest < len(header_text(note + character))
    calls: list[int] = []
    data: list[int] = []

    def take(request: Any, **_: Any) -> AWSResponse:
        calls.append(len(request.body))
        return AWSResponse(request.url, 200, {}, Answer())

    def weigh(params: dict[str, Any], **_: Any) -> None:
        data.extend(len(one["ReplacementTemplateData"].encode()) for one in params["Destinations"])

    client = _ses()
    client.meta.events.register("before-send.ses", take)
    client.meta.events.register("provide-client-params.ses", weigh)
    world: Any = World(post_office=client)  # type: ignore[arg-type]
    key = '"' * 251 + ".pdf"
    world.bucket.put(key, metadata={"note": header_text(note)})

    [announced] = world.announce(
        arrival_of(key), EmailRecipient=",".join(people(DESTINATIONS_PER_CALL))
    )

    assert announced.outcome == "mailed"
    assert len(data) == DESTINATIONS_PER_CALL
    assert max(data) < _DATA_LIMIT / 2
    assert max(calls) < _CALL_LIMIT / 2
