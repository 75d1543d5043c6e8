"""Links, session tokens, notes and mails are in no log line and in no exception."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator

import pytest
from awslambdaric.lambda_runtime_log_utils import JsonFormatter
from function.errors import FunctionError

from tests.lambda_src.fakes import World, arrival_of

KEY = "report.pdf"
NOTE = "the pass phrase is swordfish"
SECRETS = ("X-Amz-", "https://", "token", "wJalrXUtnFEMI", "swordfish", "x-s3link-delivery")

Fault = Callable[[World], None]


def whole_text_of(error: BaseException | None) -> Iterator[str]:
    """What any log could make of an exception: its words, arguments and causes."""
    while error is not None:
        yield f"{error!s} {error!r} {error.args!r}"
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize(
    "fault",
    [
        lambda world: None,
        lambda world: world.post_office.refuses("team@example.com", "MessageRejected"),
        lambda world: world.post_office.refuses("team@example.com", "Failed"),
        lambda world: world.post_office.fails("TemplateDoesNotExistException"),
        lambda world: world.post_office.fails("InvalidParameterValue"),
        lambda world: world.bucket.put(KEY, metadata={"note": NOTE, "expires": "0"}),
        lambda world: world.bucket.put(KEY, metadata={"note": NOTE, "recipients": "x"}),
        lambda world: world.bucket.put(KEY, metadata={"note": NOTE, "expires": "999999"}),
        lambda world: world.bucket.refuses_with(RuntimeError(f"https://s3/?X-Amz-a=b {NOTE}")),
    ],
)
def test_a_whole_run_gives_no_secret_away(
    world: World, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether the mail is sent, refused by SES, refused by us, or something breaks."""
    caplog.set_level(logging.DEBUG)
    world.bucket.put(KEY, metadata={"note": NOTE})
    fault(world)

    error: BaseException | None = None
    try:
        world.announce(arrival_of(KEY))
    except FunctionError as exc:
        error = exc

    formatter = JsonFormatter()
    lines = [formatter.format(record) for record in caplog.records]
    said = "\n".join([*lines, *whole_text_of(error)])
    assert lines
    assert [secret for secret in SECRETS if secret in said] == []


def test_a_key_cannot_write_a_log_line(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """In Lambda's JSON log a newline in a key stays inside its line."""
    caplog.set_level(logging.INFO, "link_generator")
    key = 'x\n{"level":"ERROR","message":"forged"}\r\u2028\u202e.txt'
    world.bucket.put(key)

    world.announce(arrival_of(key))

    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert all(line.count("\n") == 1 and line.endswith("\n") for line in lines)
    assert [json.loads(line)["file"] for line in lines] == [key, key]
    assert all(record.getMessage().isprintable() for record in caplog.records)


def test_a_log_line_has_the_fields_of_its_event(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Lambda's runtime writes them beside message and level, for queries by file or recipient."""
    caplog.set_level(logging.INFO, "link_generator")
    world.bucket.put(KEY)

    world.announce(arrival_of(KEY))

    line = json.loads(JsonFormatter().format(caplog.records[-1]))
    assert line["level"] == "INFO"
    assert line["message"] == 'Mailed "report.pdf" to team@example.com'
    assert line["file"] == KEY
    assert line["recipient"] == "team@example.com"
    assert line["messageId"] == "message-1"
    assert line["expires"] == "2026-11-21T18:05:30Z"
    assert len(line["delivery"]) == 32
