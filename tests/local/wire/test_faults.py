"""Faults that a test puts between AWS and its callers."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from deploy.local.server import EmbeddedAws
from deploy.local.wire.faults import do_and_hang_up, hang_up
from deploy.local.wire.replies import ServiceError, WsgiApp, reply
from deploy.local.wire.requests import Environ, read_call, service_of
from tests.local.account import Account, Diary, is_alive
from tests.local.dynamodb.tables import Table
from tests.local.lambda_.test_asynchronous import dead_letter_to, wait_for_dead_letter
from tests.waiting import until

pytestmark = pytest.mark.slow

_QUEUE = "arn:aws:sqs:eu-west-1:123456789012:letters"


class Wire:
    """A wire that a test sets a fault on, for calls to one service."""

    def __init__(self) -> None:
        self.service = "sqs"
        self.fault: Callable[[WsgiApp, Environ, Any], Iterable[bytes]] | None = None

    def __call__(self, aws: WsgiApp) -> WsgiApp:
        def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
            if self.fault and service_of(environ) == self.service:
                return self.fault(aws, environ, start_response)
            return aws(environ, start_response)

        return app


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def account(wire: Wire) -> Iterator[Account]:
    with EmbeddedAws(retry_delays=(0.05, 0.05), wire=wire) as aws:
        yield Account(aws)


def _queues(account: Account) -> list[str]:
    urls = account.client("sqs").list_queues().get("QueueUrls", [])
    return [url.rpartition("/")[2] for url in urls]


def test_answering_instead_of_aws(account: Account, wire: Wire) -> None:
    """The caller gets the error of the test, in the words of the service."""
    error = ServiceError(HTTPStatus.BAD_REQUEST, "OverLimit", "Too much.")
    wire.fault = lambda aws, environ, start: reply(error, "sqs", environ, start)

    with pytest.raises(ClientError) as refused:
        account.client("sqs").create_queue(QueueName="a")

    assert refused.value.response["Error"]["Code"] == "OverLimit"
    wire.fault = None
    assert _queues(account) == []


def test_one_operation(account: Account, wire: Wire) -> None:
    """A call is known by its operation and parameters; the others of the service go on."""
    wire.service = "dynamodb"
    busy = ServiceError(
        HTTPStatus.BAD_REQUEST,
        "TransactionCanceledException",
        "Transaction cancelled",
        {"CancellationReasons": [{"Code": "TransactionConflict"}]},
    )

    def conflict(aws: WsgiApp, environ: Environ, start: Any) -> Iterable[bytes]:
        call = read_call(environ)
        claims_b = call.operation == "TransactWriteItems" and "'b'" in str(call.parameters)
        return reply(busy, "dynamodb", environ, start) if claims_b else aws(environ, start)

    wire.fault = conflict
    table = Table(account)
    table.claim("ann", "a")

    with pytest.raises(table.client.exceptions.TransactionCanceledException) as cancelled:
        table.claim("ann", "b")

    assert cancelled.value.response["CancellationReasons"] == [{"Code": "TransactionConflict"}]
    assert (table.owner("a"), table.owner("b")) == ("ann", None)


def test_hanging_up_before_the_work(account: Account, wire: Wire) -> None:
    """The caller sees a connection that was closed, and nothing was done."""
    wire.fault = lambda aws, environ, start: hang_up(environ)

    with pytest.raises(ConnectionClosedError):
        account.client("sqs").create_queue(QueueName="a")

    wire.fault = None
    assert _queues(account) == []


def test_hanging_up_after_the_work(account: Account, wire: Wire) -> None:
    """The caller sees a connection that was closed, and yet it was done."""
    wire.fault = lambda aws, environ, start: do_and_hang_up(aws, environ)

    with pytest.raises(ConnectionClosedError):
        account.client("sqs").create_queue(QueueName="a")

    wire.fault = None
    assert _queues(account) == ["a"]


def test_waiting(account: Account, wire: Wire) -> None:
    """A caller without patience gives up while the service does its work."""

    given_up = threading.Event()

    def late(aws: WsgiApp, environ: Environ, start: Any) -> Iterable[bytes]:
        answer = list(aws(environ, start))
        given_up.wait()
        return answer

    wire.fault = late
    impatient = boto3.client(
        "sqs",
        endpoint_url=account.aws.endpoint,
        region_name="eu-west-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(read_timeout=0.1, retries={"total_max_attempts": 1}),
    )

    with pytest.raises(ReadTimeoutError):
        impatient.create_queue(QueueName="a")

    given_up.set()
    wire.fault = None
    until(lambda: _queues(account) == ["a"])


def test_functions_pass_through_it(account: Account, wire: Wire) -> None:
    """What a function's process calls comes over the same wire."""
    account.create_function(
        """
        import boto3
        from botocore.config import Config
        def handle(event, context):
            once = Config(retries={"total_max_attempts": 1})
            boto3.client("sqs", config=once).create_queue(QueueName="a")
        """
    )
    wire.fault = lambda aws, environ, start: do_and_hang_up(aws, environ)

    answer = account.invoke()

    assert answer["Payload"]["errorType"] == "ConnectionClosedError"


def test_control_pages_do_not(account: Account, wire: Wire) -> None:
    """The switches work whatever is wrong with the wire."""
    wire.service = "s3"  # what is not signed counts as S3's
    wire.fault = lambda aws, environ, start: hang_up(environ)

    switch = f"{account.aws.endpoint}/_s3link/services/sqs/stop"
    with urllib.request.urlopen(urllib.request.Request(switch, method="POST")) as answer:
        assert answer.status == 200

    assert account.aws.services.names == {"sqs"}


def test_killing_a_function_at_a_chosen_step(account: Account, wire: Wire, diary: Diary) -> None:
    """The event fails with Runtime.ExitError, comes again and can be done by a new process."""
    wire.service = "sqs"
    account.create_function(
        diary.source('import boto3; boto3.client("sqs").create_queue(QueueName="a"); write("done")')
    )
    killed: list[int] = []

    def kill_once(aws: WsgiApp, environ: Environ, start: Any) -> Iterable[bytes]:
        answer = aws(environ, start)
        if not killed:
            killed.append(account.aws.kill_processes("function"))
        return answer

    wire.fault = kill_once
    account.invoke("event", InvocationType="Event")

    diary.wait_for(3)
    first, second, done = diary.entries
    assert killed == [1]
    assert (first["event"], first["request"]) == (second["event"], second["request"])
    assert done == "done"
    assert account.metric("Errors") == 1


def test_killing_a_function_each_time(account: Account, wire: Wire, diary: Diary) -> None:
    """After its last try the event is a dead letter that says what happened."""
    account.create_function(diary.source("time.sleep(900)"), Timeout=900)
    account.client("sqs").create_queue(QueueName="letters")
    dead_letter_to(_QUEUE)
    account.invoke("event", InvocationType="Event")

    for tries in (1, 2, 3):
        diary.wait_for(tries)
        assert account.aws.kill_processes("function") == 1

    letter = wait_for_dead_letter(account)
    error = letter["MessageAttributes"]["ErrorMessage"]["StringValue"]
    assert error.startswith("RequestId: ")
    assert error.endswith(" Error: Runtime exited with error: signal: killed")


def test_killing_idle_processes(account: Account, diary: Diary) -> None:
    """A warm process ends as well; other functions keep theirs."""
    pid = "def handle(event, context):\n    import os\n    return os.getpid()"
    account.create_function(pid)
    account.create_function(pid, FunctionName="other")
    mine = account.invoke()["Payload"]
    other = account.client("lambda").invoke(FunctionName="other")["Payload"].read()

    killed = account.aws.kill_processes("function")

    assert killed == 1
    until(lambda: not is_alive(mine))
    assert is_alive(int(other))
    assert account.invoke()["Payload"] != mine
    assert account.aws.kill_processes("nobody") == 0
