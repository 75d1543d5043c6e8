"""What becomes of a function's event when the function cannot do its work."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError

from deploy.local.server import EmbeddedAws
from tests.local.account import Account, Diary, is_alive
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.slow

ECHO = "def handle(event, context): return event"


def test_error_of_the_function_is_reported(account: Account) -> None:
    """The caller learns type, message and place of the exception."""
    account.create_function("def handle(event, context): raise LookupError('no such file')")

    answer = account.invoke()

    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"]["errorType"] == "LookupError"
    assert answer["Payload"]["errorMessage"] == "no such file"
    assert "main.py" in answer["Payload"]["stackTrace"][0]


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("import nonsense", "Runtime.ImportModuleError", "No module named 'nonsense'"),
        ("def handle(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'main'"),
        ("other = 1", "Runtime.HandlerNotFound", "Handler 'handle' missing on module 'main'"),
        ("raise KeyError('EmailSender')", "KeyError", "EmailSender"),
        ("import os; os._exit(7)", "Runtime.ExitError", "exit status 7"),
        (
            "import os\ndef handle(event, context): os._exit(1)",
            "Runtime.ExitError",
            "exit status 1",
        ),
        (
            "import os, signal\ndef handle(event, context): os.kill(os.getpid(), signal.SIGKILL)",
            "Runtime.ExitError",
            "signal: killed",
        ),
    ],
)
def test_code_that_cannot_go_on_is_an_error(
    account: Account, source: str, kind: str, message: str
) -> None:
    """Code that does not load and processes that end, as when memory runs out, fail the event."""
    account.create_function(source)

    answer = account.invoke()

    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"]["errorType"] == kind
    assert message in answer["Payload"]["errorMessage"]


def test_function_recovers_after_a_crash(account: Account) -> None:
    """The event after a crash gets a new process."""
    account.create_function(
        """
        import os
        def handle(event, context):
            if event == "crash":
                os._exit(1)
            return event
        """
    )

    account.invoke("crash")

    assert account.invoke("after")["Payload"] == "after"


def test_timeout_ends_the_process_and_what_it_has_started(account: Account, diary: Diary) -> None:
    """A function that takes too long is stopped with everything that belongs to it.

    The caller gets the answer long before the function's 1,000 s are over; that it comes after 3 s
    is not looked at.
    """
    account.create_function(
        diary.source(
            """
            program = subprocess.Popen(["sleep", "1000"])
            write([os.getpid(), program.pid])
            time.sleep(1000)
            """
        ),
        Timeout=3,
    )

    start = time.monotonic()
    answer = account.invoke()

    assert answer["FunctionError"] == "Unhandled"
    assert "Task timed out after 3.00 seconds" in answer["Payload"]["errorMessage"]
    assert time.monotonic() - start < PATIENCE
    until(lambda: not any(is_alive(process) for process in diary.entries[-1]))


def test_timeout_does_not_count_the_time_to_load_the_code(account: Account) -> None:
    """As on AWS, the clock starts when the function gets its event.

    Loading alone takes longer than the limit, which leaves a busy machine time for the answer.
    """
    account.create_function(
        "import time\ntime.sleep(8.1)\ndef handle(event, context): return 'done'", Timeout=8
    )

    assert account.invoke()["Payload"] == "done"


def test_a_busy_machine_is_given_more_time(diary: Diary) -> None:
    """The function is not ended at its limit, but at so many times as long."""
    with EmbeddedAws(patience=900) as aws:
        account = Account(aws)
        account.create_function(diary.source("time.sleep(1.1)"), Timeout=1)

        assert "FunctionError" not in account.invoke()
    assert len(diary.entries) == 1


def test_a_busy_machine_may_answer_a_functions_calls_late(account: Account) -> None:
    """What a function calls has more time to answer than the function allows it, or all of it."""
    account.create_function(
        """
        import socket

        def handle(event, context):
            with socket.socket() as connection:
                limits = []
                for seconds in (2, 0, None):
                    connection.settimeout(seconds)
                    limits.append(connection.gettimeout())
            return limits
        """
    )

    assert account.invoke()["Payload"] == [40, 0, None]


def test_context_tells_the_time_that_is_left(account: Account) -> None:
    """The function can stop in time by itself.

    It is told its own limit in milliseconds, less what has passed since it got its event.
    """
    account.create_function(
        "def handle(event, context): return context.get_remaining_time_in_millis()", Timeout=900
    )

    assert 900 - PATIENCE < account.invoke()["Payload"] / 1000 <= 900


def test_function_beyond_its_concurrency_is_throttled(account: Account) -> None:
    """Reserved concurrency holds; the caller gets AWS's error, and the throttle is counted."""
    account.create_function(ECHO)
    account.client("lambda").put_function_concurrency(
        FunctionName="function", ReservedConcurrentExecutions=0
    )

    with pytest.raises(ClientError) as caught:
        account.invoke()

    assert caught.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert account.metric("Throttles") == 1
    assert account.metric("Invocations") == 0


def test_event_that_is_not_json_is_refused(account: Account) -> None:
    """The function does not see what is not JSON."""
    account.create_function(ECHO)

    with pytest.raises(ClientError) as caught:
        account.client("lambda").invoke(FunctionName="function", Payload=b"{'a': 1}")

    assert caught.value.response["Error"]["Code"] == "InvalidRequestContentException"
