"""Functions of the embedded AWS, invoked through its API."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.awslambda.models import LambdaFunction

from deploy.local import LOCAL_ACCOUNT
from deploy.local.lambda_.functions import PROCESSES_PER_FUNCTION
from deploy.local.lambda_.processes import FORKS
from deploy.local.server import EmbeddedAws
from tests.local.account import Account, Diary, is_alive, open_files, zipped
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.slow

ECHO = "def handle(event, context): return event"
ENVIRONMENT = "import os\ndef handle(event, context): return dict(os.environ)"
PROCESS = "import os\ndef handle(event, context): return os.getpid()"


@pytest.mark.parametrize("event", [{"a": [1, "ü", None]}, "text", 1.5, [], {}])
def test_function_gets_the_event_and_gives_its_result(account: Account, event: Any) -> None:
    """Any JSON value goes in and comes out."""
    account.create_function(ECHO)

    answer = account.invoke(event)

    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert answer["Payload"] == event
    assert "FunctionError" not in answer


def test_environment_is_the_functions_own(account: Account) -> None:
    """It has the configured variables and Lambda's reserved ones, and nothing of this process's."""
    os.environ["OPERATORS_SECRET"] = "leak"
    account.create_function(
        ENVIRONMENT,
        MemorySize=256,
        Environment={"Variables": {"EmailSender": "links@example.com", "AWS_REGION": "mars"}},
    )

    try:
        environment = account.invoke()["Payload"]
    finally:
        del os.environ["OPERATORS_SECRET"]

    expected = {
        "EmailSender": "links@example.com",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": account.aws.endpoint,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_FORMAT": "Text",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/function",
        "_HANDLER": "main.handle",
        "TZ": ":UTC",
    }
    assert {name: environment.get(name) for name in expected} == expected
    inherited = {name for name, value in environment.items() if os.environ.get(name) == value}
    assert inherited <= {"LANG", "PYTHONDONTWRITEBYTECODE", "TZ", "LC_CTYPE"}
    assert list(Path(environment["HOME"]).iterdir()) == []
    assert "OPERATORS_SECRET" not in environment


def test_function_acts_as_its_role(account: Account) -> None:
    """Calls of the function are made by a session of its role, named like the function."""
    account.create_function(
        """
        import boto3
        def handle(event, context):
            return boto3.client("sts").get_caller_identity()["Arn"]
        """
    )

    arn = account.invoke()["Payload"]

    assert arn == f"arn:aws:sts::{LOCAL_ACCOUNT}:assumed-role/worker/function"


def test_standard_input_is_empty(account: Account) -> None:
    """A function that reads its standard input finds nothing and goes on."""
    account.create_function("import sys\ndef handle(event, context): return sys.stdin.read()")

    assert account.invoke()["Payload"] == ""


def test_process_stays_warm(account: Account) -> None:
    """The next event meets the process that served the last one, after an error too."""
    account.create_function(
        """
        import os
        def handle(event, context):
            if event == "fail":
                raise ValueError
            return os.getpid()
        """
    )

    first = account.invoke()["Payload"]
    account.invoke("fail")
    second = account.invoke()["Payload"]

    assert first == second


def test_events_at_the_same_time_get_processes_of_their_own(account: Account, diary: Diary) -> None:
    """A process has one event at a time; beyond the limit, events wait for a free one."""
    events = PROCESSES_PER_FUNCTION + 2
    account.create_function(
        diary.source(
            f"""
            start = time.time()
            while len(open({str(diary.file)!r}).readlines()) < {PROCESSES_PER_FUNCTION}:
                time.sleep(0.01)
            return os.getpid(), start, time.time()
            """
        )
    )

    with ThreadPoolExecutor(events) as pool:
        served = [answer["Payload"] for answer in pool.map(account.invoke, range(events))]

    assert len({process for process, _, _ in served}) == PROCESSES_PER_FUNCTION
    for process, start, _ in served:
        before = [end for other, begun, end in served if other == process and begun < start]
        assert all(end <= start for end in before)


def test_new_code_runs_at_once(account: Account) -> None:
    """After an update no event meets the old code, and the old process ends."""
    account.create_function(PROCESS)
    old = account.invoke()["Payload"]

    account.client("lambda").update_function_code(
        FunctionName="function", ZipFile=zipped("def handle(event, context): return 'new'")
    )

    assert account.invoke()["Payload"] == "new"
    assert not is_alive(old)


def test_new_settings_hold_at_once(account: Account) -> None:
    """After an update no event meets the old environment."""
    account.create_function(ENVIRONMENT, Environment={"Variables": {"EmailSender": "a"}})
    account.invoke()

    account.client("lambda").update_function_configuration(
        FunctionName="function", Environment={"Variables": {"EmailSender": "b"}}
    )

    assert account.invoke()["Payload"]["EmailSender"] == "b"


def test_process_of_a_deleted_function_ends(account: Account) -> None:
    """Deleting the function stops its warm process."""
    account.create_function(PROCESS)
    process = account.invoke()["Payload"]

    account.client("lambda").delete_function(FunctionName="function")

    assert not is_alive(process)


@pytest.mark.skipif(not FORKS, reason="processes are forked on Linux only")
def test_it_stops_while_a_process_starts() -> None:
    """It waits for it: what begins afterwards would write into a folder that is being removed."""
    with EmbeddedAws() as aws:
        account = Account(aws)
        account.create_function(
            "import os\ndef handle(event, context): return os.getppid(), os.getcwd()"
        )
        program, folder = account.invoke()["Payload"]
        aws.kill_processes("function")
        before = open_files()
        os.kill(program, signal.SIGSTOP)  # it forks nobody
        account.invoke(InvocationType="Event")
        until(lambda: open_files() >= before + 3)  # its pipes
        stopping = threading.Thread(target=aws.stop)
        stopping.start()
        stopping.join(1)
        is_there = Path(folder).exists()
        os.kill(program, signal.SIGCONT)
        stopping.join(PATIENCE)

        assert is_there
        assert not Path(folder).exists()


def test_dry_run_does_not_run(account: Account, diary: Diary) -> None:
    """InvocationType=DryRun only tells that the function could be invoked."""
    account.create_function(diary.source())

    answer = account.invoke(InvocationType="DryRun")

    assert answer["StatusCode"] == 204
    assert diary.entries == []


def test_moto_still_runs_functions_in_docker_only() -> None:
    """Once moto can run a function without Docker, delete sandbox.py and what it needs."""
    assert "docker_client" in LambdaFunction._invoke_lambda.__code__.co_names


def test_what_lambda_leaves_to_others_cannot_be_reserved(account: Account) -> None:
    """100 of 1,000 concurrent executions; the account's settings tell what is left."""
    functions = account.client("lambda")
    for name in ("one", "two"):
        account.create_function("def handle(event, context): pass", FunctionName=name)

    def reserve(name: str, count: int) -> None:
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=count)

    reserve("one", 800)
    reserve("one", 850)
    with pytest.raises(ClientError, match=r"below its minimum value of \[100\]"):
        reserve("two", 51)
    reserve("two", 50)

    limit = functions.get_account_settings()["AccountLimit"]
    assert (limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]) == (1000, 100)
