"""A function has as much memory as its MemorySize says."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.local.account import Account, Diary
from tests.local.lambda_.test_asynchronous import wait_for_dead_letter, with_queue

pytestmark = pytest.mark.slow

MEBIBYTES = 1024 * 1024


def _taking(mebibytes: int, then: str = "") -> str:
    return f"taken = b'x' * {mebibytes * MEBIBYTES}\n{then}"


def test_function_that_takes_too_much(account: Account, diary: Diary) -> None:
    """It is ended as on AWS, long before its time is over, and its log says why."""
    account.create_function(diary.source(_taking(200, "time.sleep(900)")), Timeout=900)

    answer = account.invoke()

    [entry] = diary.entries
    message = f"RequestId: {entry['request']} Error: Runtime exited with error: signal: killed"
    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"] == {"errorType": "Runtime.OutOfMemory", "errorMessage": message}
    log = account.log_messages()
    assert message in log
    assert "Memory Size: 128 MB\tMax Memory Used: 128 MB" in log[-1]


def test_memory_that_is_given_back_at_once(account: Account, diary: Diary) -> None:
    """A short peak is seen, too: on AWS the function would not have outlived it."""
    account.create_function(diary.source(_taking(200, "del taken")))

    answer = account.invoke()

    assert answer["Payload"]["errorType"] == "Runtime.OutOfMemory"


def test_code_that_takes_too_much_when_it_is_loaded(account: Account) -> None:
    """Memory counts from the beginning."""
    account.create_function(f"import time\n{_taking(200)}time.sleep(900)")

    answer = account.invoke()

    assert answer["Payload"]["errorType"] == "Runtime.OutOfMemory"


@pytest.mark.parametrize(("size", "type_of_error"), [(128, "Runtime.OutOfMemory"), (512, None)])
def test_memory_size(account: Account, size: int, type_of_error: str | None) -> None:
    """What is too much for one function is enough for a larger one."""
    source = f"def handle(event, context):\n    return len(b'x' * {200 * MEBIBYTES})"
    account.create_function(source, MemorySize=size)

    payload: Any = account.invoke()["Payload"]

    assert (payload["errorType"] if type_of_error else payload) == (
        type_of_error or 200 * MEBIBYTES
    )


def test_after_it(account: Account) -> None:
    """The next event gets a process with memory of its own."""
    account.create_function(
        f"def handle(event, context):\n    return len(b'x' * (event * {MEBIBYTES}))"
    )

    account.invoke(200)

    assert account.invoke(1)["Payload"] == MEBIBYTES


def test_event_that_always_takes_too_much(account: Account, diary: Diary) -> None:
    """It is tried twice more, and then is a dead letter with that error."""
    account.create_function(diary.source(_taking(200, "time.sleep(900)")), Timeout=900)
    with_queue(account)

    account.invoke("event", InvocationType="Event")

    letter = wait_for_dead_letter(account)
    assert json.loads(letter["Body"]) == "event"
    assert len(diary.entries) == 3
    assert re.fullmatch(
        "RequestId: [0-9a-f-]{36} Error: Runtime exited with error: signal: killed",
        letter["MessageAttributes"]["ErrorMessage"]["StringValue"],
    )
    assert account.metric("Errors") == 3
