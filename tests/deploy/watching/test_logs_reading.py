"""How the lines of LinkGenerator's log become something to read, and how they are followed."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from itertools import islice

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from deploy.aws.polling import Poll
from deploy.watching import logs
from tests.deploy.log_group import START, LogGroup, function_line

GROUP = "link-generator"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        pytest.param(
            function_line(
                "INFO",
                'Mailed "report.pdf" to bob@example.com',
                file="report.pdf",
                recipient="bob@example.com",
            ),
            '2026-11-21 18:05:03 UTC  INFO     Mailed "report.pdf" to bob@example.com',
            id="message",
        ),
        pytest.param(
            function_line("WARNING", "Not yet", file="a.pdf", recipient="bob@example.com"),
            '2026-11-21 18:05:03 UTC  WARNING  Not yet "a.pdf" "bob@example.com"',
            id="file and recipient are told if the message does not",
        ),
        pytest.param(
            json.dumps(
                {
                    "timestamp": "2026-11-21T18:05:03Z",
                    "log_level": "ERROR",
                    "errorMessage": "Unable to import module",
                    "errorType": "Runtime.ImportModuleError",
                    "stackTrace": ["many", "lines"],
                }
            ),
            "2026-11-21 18:05:03 UTC  ERROR    Runtime.ImportModuleError: Unable to import module",
            id="raised",
        ),
        pytest.param(
            json.dumps(
                {
                    "time": "2026-11-21T18:05:03.000Z",
                    "type": "platform.report",
                    "record": {"status": "timeout", "metrics": {"durationMs": 120000.0}},
                }
            ),
            "2026-11-21 18:05:03 UTC  ERROR    The function ended with timeout after 120.0 s",
            id="timeout",
        ),
        pytest.param(
            "INIT_REPORT Init Duration: 3000 ms\n",
            "2026-11-21 18:05:03 UTC           INIT_REPORT Init Duration: 3000 ms",
            id="no JSON",
        ),
        pytest.param(
            '["a", "list"]', '2026-11-21 18:05:03 UTC           ["a", "list"]', id="other JSON"
        ),
        pytest.param(
            function_line("INFO", "Received \x1b[31mred\nline two"),
            "2026-11-21 18:05:03 UTC  INFO     Received \\x1b[31mred\\nline two",
            id="control characters cannot reach the terminal",
        ),
        pytest.param(
            function_line("INFO", 'Received "bell\\x07.txt"', file="bell\x07.txt"),
            '2026-11-21 18:05:03 UTC  INFO     Received "bell\\x07.txt"',
            id="a name that the message tells as an escape is not told again",
        ),
    ],
)
def test_a_line_becomes_a_sentence(line: str, shown: str) -> None:
    """Time, level and message, on one line, whatever was logged."""
    [record] = logs.read_log(LogGroup(line), GROUP, START)

    assert record.line == shown


def test_good_runs_of_lambda_are_not_told() -> None:
    """Start and report of every invocation would hide what LinkGenerator says."""
    start = json.dumps({"type": "platform.start", "record": {"requestId": "5b44b3ea"}})
    report = json.dumps({"type": "platform.report", "record": {"status": "success"}})

    assert logs.read_log(LogGroup(start, report), GROUP, START) == []


def test_an_error_is_told_once() -> None:
    """Lambda repeats in its own words what the function has logged and then raised."""
    raised = {"errorType": "MailError", "errorMessage": "SES is away.", "requestId": "5b44b3ea"}
    other = {**raised, "errorMessage": "Out of memory"}
    group = LogGroup(
        function_line("ERROR", "SES is away.", failure="MailError"),
        json.dumps({"log_level": "ERROR", **raised}),
        json.dumps({"log_level": "ERROR", **other}),
        json.dumps({"type": "platform.report", "record": {"status": "error"}}),
    )

    records = logs.read_log(group, GROUP, START)

    assert [record.message for record in records] == ["SES is away.", "MailError: Out of memory"]


def test_records_are_read_in_the_order_of_time() -> None:
    """Several streams write at once, and CloudWatch Logs lists them as it likes."""
    group = LogGroup()
    group.arrives(function_line("INFO", "second"), START + timedelta(seconds=2))
    group.arrives(function_line("INFO", "first"), START)

    records = logs.read_log(group, GROUP, START)

    assert [record.message for record in records] == ["first", "second"]


def test_a_record_keeps_its_fields_for_programs() -> None:
    """--output json gives file, version, recipient and the rest under their own names."""
    group = LogGroup(function_line("INFO", "Mailed", file="a.pdf", delivery="00ff"))

    [record] = logs.read_log(group, GROUP, START)

    assert record.as_dict() == {
        "time": "2026-11-21T18:05:03.000Z",
        "level": "INFO",
        "message": "Mailed",
        "file": "a.pdf",
        "delivery": "00ff",
        "logger": "link_generator",
        "requestId": "5b44b3ea",
    }


@pytest.mark.parametrize("has_event_ids", [True, False])
def test_following_gives_each_record_once_and_late_ones_too(has_event_ids: bool) -> None:
    """A line that CloudWatch shows late is given when it comes, and none is given twice.

    CloudWatch Logs' model promises no event its id.
    """
    group = LogGroup(
        function_line("INFO", "first"),
        function_line("INFO", "third"),
        has_event_ids=has_event_ids,
    )
    group.later(function_line("INFO", "second, late"), START + timedelta(milliseconds=500))
    group.later(function_line("INFO", "fourth"), START + timedelta(seconds=9))

    def sleep(seconds: float) -> None:
        group.time_passes()

    records = islice(logs.follow_log(group, GROUP, START, Poll(sleep)), 4)

    assert [record.message for record in records] == ["first", "third", "second, late", "fourth"]


def test_following_survives_throttling_and_a_lost_network() -> None:
    """A call that may succeed a moment later is made again."""
    group = LogGroup(function_line("INFO", "first"))
    group.faults = [
        ClientError({"Error": {"Code": "ThrottlingException"}}, "FilterLogEvents"),
        EndpointConnectionError(endpoint_url="https://logs.eu-west-1.amazonaws.com"),
    ]
    slept: list[float] = []

    followed = logs.follow_log(group, GROUP, START, Poll(slept.append))

    assert next(followed).message == "first"
    assert len(slept) == 2


def test_following_ends_with_an_error_that_will_not_pass() -> None:
    """Without the permission there is nothing to wait for."""
    group = LogGroup()
    group.faults = [ClientError({"Error": {"Code": "AccessDeniedException"}}, "FilterLogEvents")]

    with pytest.raises(ClientError):
        next(logs.follow_log(group, GROUP, START, Poll(time.sleep)))
