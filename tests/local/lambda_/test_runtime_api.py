"""The Lambda Runtime API, asked as AWS's runtime client asks it."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from deploy.local.lambda_.runtime_api import Answer, Invocation, RuntimeApi
from tests.waiting import PATIENCE, until

INVOCATION = Invocation(
    request_id="request-1",
    payload=b'{"key": "value"}',
    function_arn="arn:aws:lambda:eu-west-1:123456789012:function:name",
    timeout=900.0,
)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


def call(api: RuntimeApi, method: str, path: str, body: bytes | None = None) -> Reply:
    connection = http.client.HTTPConnection(api.address, timeout=PATIENCE)
    try:
        connection.request(method, f"/2018-06-01/runtime/{path}", body)
        response = connection.getresponse()
        return Reply(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


@pytest.fixture
def api() -> Iterator[RuntimeApi]:
    api = RuntimeApi()
    yield api
    api.close()


def test_child_gets_the_event_with_all_that_the_runtime_client_reads(api: RuntimeApi) -> None:
    """The event, its id, its function and the moment when its time is over reach the child.

    That moment is as far away as the limit says, in milliseconds and from now on, less what a busy
    machine takes to look.
    """
    handover = api.hand_over(INVOCATION)

    reply = call(api, "GET", "invocation/next")

    assert (reply.status, reply.body) == (200, INVOCATION.payload)
    assert reply.headers["Lambda-Runtime-Aws-Request-Id"] == "request-1"
    assert reply.headers["Lambda-Runtime-Invoked-Function-Arn"] == INVOCATION.function_arn
    seconds_left = int(reply.headers["Lambda-Runtime-Deadline-Ms"]) / 1000 - time.time()
    assert 900 - PATIENCE < seconds_left <= 900
    assert handover.taken.is_set()
    assert not handover.answer.done()


def test_child_waits_for_an_event(api: RuntimeApi) -> None:
    """A child that asks before there is an event gets the one that comes later."""
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(call, api, "GET", "invocation/next")
        time.sleep(0.1)
        was_waiting = not asked.done()

        api.hand_over(INVOCATION)

        assert was_waiting
        assert asked.result(timeout=PATIENCE).body == INVOCATION.payload


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("invocation/request-1/response", Answer(b'"done"')),
        ("invocation/request-1/error", Answer(b'"done"', failed=True)),
        ("init/error", Answer(b'"done"', failed=True)),
    ],
)
def test_what_the_child_posts_is_the_answer(api: RuntimeApi, path: str, answer: Answer) -> None:
    """A result is a result; an error, of the handler or while loading the code, is a failure."""
    handover = api.hand_over(INVOCATION)

    reply = call(api, "POST", path, b'"done"')

    assert reply.status == 202
    assert handover.answer.result(timeout=PATIENCE) == answer


@pytest.mark.parametrize(
    ("path", "status"),
    [("invocation/request-2/response", 400), ("invocation/request-1/whatever", 404), ("x", 404)],
)
def test_what_is_for_no_event_is_refused(api: RuntimeApi, path: str, status: int) -> None:
    """An answer to another event than the current one changes nothing."""
    handover = api.hand_over(INVOCATION)

    reply = call(api, "POST", path, b'"done"')

    assert reply.status == status
    assert not handover.answer.done()


def test_second_answer_is_refused(api: RuntimeApi) -> None:
    """The first answer to an event stands."""
    handover = api.hand_over(INVOCATION)
    call(api, "POST", "invocation/request-1/response", b"1")

    reply = call(api, "POST", "invocation/request-1/response", b"2")

    assert reply.status == 400
    assert handover.answer.result(timeout=PATIENCE) == Answer(b"1")


def test_end_of_the_child_answers_its_event_and_any_later_one(api: RuntimeApi) -> None:
    """Nobody waits for a child that is gone."""
    before = api.hand_over(INVOCATION)

    api.no_more_answers(Answer.error("Runtime.ExitError", "Runtime exited"))
    after = api.hand_over(INVOCATION)

    for handover in (before, after):
        answer = handover.answer.result(timeout=PATIENCE)
        assert answer.failed
        assert json.loads(answer.payload) == {
            "errorType": "Runtime.ExitError",
            "errorMessage": "Runtime exited",
        }
        assert handover.taken.is_set()


def test_error_while_loading_the_code_outlasts_the_child(api: RuntimeApi) -> None:
    """A quick child reports it before there is an event, and is gone when the event comes."""
    reply = call(api, "POST", "init/error", b'"no module"')
    api.no_more_answers(Answer.error("Runtime.ExitError", "Runtime exited"))

    handover = api.hand_over(INVOCATION)

    assert reply.status == 202
    assert handover.answer.result(timeout=PATIENCE) == Answer(b'"no module"', failed=True)


def test_close_ends_the_waiting_for_events() -> None:
    """A child that waits for an event loses its connection, and so ends."""
    api = RuntimeApi()
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(call, api, "GET", "invocation/next")
        time.sleep(0.1)

        api.close()

        # Whether it waited already, or was only about to.
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            asked.result(timeout=PATIENCE)


def test_a_child_that_is_killed_in_the_middle_of_a_request(
    api: RuntimeApi, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is printed where the operator looks: who killed it tells of it."""
    host, _, port = api.address.partition(":")
    child = socket.create_connection((host, int(port)))
    child.sendall(b"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nContent-Length: 9\r\n\r\n")
    until(lambda: answering() > 0)
    child.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    child.close()  # with a reset, as the kernel closes for a process that is killed

    until(lambda: answering() == 0)

    assert capsys.readouterr().err == ""


def answering() -> int:
    """How many threads answer a request."""
    return sum("process_request_thread" in thread.name for thread in threading.enumerate())
