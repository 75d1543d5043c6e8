"""Events that wait for their function: retries, and the queue for what cannot be done."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from moto.awslambda.models import LambdaFunction, lambda_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.server import EmbeddedAws
from tests.local.account import Account, Diary
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.slow

FAIL = "raise ValueError('SES is down')"
EVENT = {"Records": [{"key": "Ünïcode.pdf"}]}


def send(account: Account, event: Any = EVENT) -> dict[str, Any]:
    return account.invoke(event, InvocationType="Event")


def dead_letters(account: Account) -> list[dict[str, Any]]:
    """What has arrived in the dead-letter queue; it is taken out."""
    sqs = account.client("sqs")
    queue = sqs.get_queue_url(QueueName="letters")["QueueUrl"]
    answer = sqs.receive_message(
        QueueUrl=queue, MessageAttributeNames=["All"], MaxNumberOfMessages=10
    )
    return list(answer.get("Messages", []))


def wait_for_dead_letter(account: Account) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    until(lambda: bool(found.extend(dead_letters(account)) or found))
    assert len(found) == 1
    return found[0]


def dead_letter_to(target: str) -> None:
    """What the embedded CloudFormation does for a DeadLetterConfig; moto's API forgets it."""
    function = lambda_backends[LOCAL_ACCOUNT]["eu-west-1"].get_function("function")
    function.dead_letter_target_arn = target


def with_queue(account: Account) -> None:
    """Give the function a dead-letter queue."""
    account.client("sqs").create_queue(QueueName="letters")
    dead_letter_to(f"arn:aws:sqs:eu-west-1:{LOCAL_ACCOUNT}:letters")


def test_caller_does_not_wait(account: Account, diary: Diary) -> None:
    """The event is accepted at once; the function gets it afterwards."""
    account.create_function(diary.source("time.sleep(900)"), Timeout=900)

    answer = send(account)

    assert account.metric("Invocations") == 0  # which counts those that are over
    assert (answer["StatusCode"], answer["Payload"]) == (202, None)
    assert diary.wait_for(1)[0]["event"] == EVENT


def test_event_that_fails_is_tried_twice_more(account: Account, diary: Diary) -> None:
    """The same event under the same request id comes three times, then it is a dead letter."""
    account.create_function(diary.source(FAIL))
    with_queue(account)

    send(account)

    letter = wait_for_dead_letter(account)
    tries = diary.entries
    assert [each["event"] for each in tries] == [EVENT] * 3
    assert len({each["request"] for each in tries}) == 1
    assert json.loads(letter["Body"]) == EVENT
    values = {
        name: (value["DataType"], value["StringValue"])
        for name, value in letter["MessageAttributes"].items()
    }
    assert values == {
        "RequestID": ("String", tries[0]["request"]),
        "ErrorCode": ("Number", "200"),
        "ErrorMessage": ("String", "SES is down"),
    }
    assert account.metric("Errors") == 3
    assert account.metric("AsyncEventsDropped") == 1


def test_event_that_succeeds_later_is_no_dead_letter(account: Account, diary: Diary) -> None:
    """Once a try succeeds there is no other."""
    account.create_function(
        diary.source(
            f"""
            if len(open({str(diary.file)!r}).readlines()) < 2:
                raise ValueError
            """
        )
    )
    with_queue(account)

    send(account)
    account.wait_for_events()

    assert len(diary.entries) == 2
    assert dead_letters(account) == []


def test_delays_between_tries_are_kept(diary: Diary) -> None:
    """The second try waits for the first delay, the third for the second."""
    with EmbeddedAws(retry_delays=(0.4, 0.2)) as aws:
        account = Account(aws)
        account.create_function(diary.source(FAIL))

        send(account)

        first, second, third = (each["at"] for each in diary.wait_for(3))
    assert second - first >= 0.4
    assert third - second >= 0.2


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_function_says_how_often_it_is_tried_again(
    account: Account, diary: Diary, retries: int
) -> None:
    """MaximumRetryAttempts of the function's EventInvokeConfig holds."""
    account.create_function(diary.source(FAIL))
    with_queue(account)
    account.client("lambda").put_function_event_invoke_config(
        FunctionName="function", MaximumRetryAttempts=retries
    )

    send(account)

    wait_for_dead_letter(account)
    assert len(diary.entries) == 1 + retries


def test_event_is_not_tried_when_it_would_be_too_old(diary: Diary) -> None:
    """MaximumEventAgeInSeconds holds: a try after that time does not take place."""
    with EmbeddedAws(retry_delays=(61.0,)) as aws:
        account = Account(aws)
        account.create_function(diary.source(FAIL))
        with_queue(account)
        account.client("lambda").put_function_event_invoke_config(
            FunctionName="function", MaximumEventAgeInSeconds=60
        )

        send(account)

        wait_for_dead_letter(account)
    assert len(diary.entries) == 1


@pytest.mark.parametrize(
    ("then", "timeout", "message"),
    [
        ("os._exit(9)", 900, "Runtime exited with error: exit status 9"),
        ("time.sleep(900)", 1, "Task timed out after 1.00 seconds"),
        ("raise ValueError", 900, " "),
        ("raise ValueError('x' * 5000)", 900, "x" * 1024),
    ],
)
def test_dead_letter_says_what_went_wrong(
    account: Account, diary: Diary, then: str, timeout: int, message: str
) -> None:
    """ErrorMessage is the first kilobyte of the last error, whatever kind of error that was."""
    account.create_function(diary.source(then), Timeout=timeout)
    with_queue(account)
    account.client("lambda").put_function_event_invoke_config(
        FunctionName="function", MaximumRetryAttempts=0
    )

    send(account)

    attributes = wait_for_dead_letter(account)["MessageAttributes"]
    assert attributes["ErrorMessage"]["StringValue"].endswith(message)
    assert len(attributes["ErrorMessage"]["StringValue"]) <= 1024


def test_event_of_a_function_that_cannot_be_started_is_a_dead_letter(account: Account) -> None:
    """A package that is not a zip file does not make the event disappear."""
    account.create_function("")
    with_queue(account)
    function = lambda_backends[LOCAL_ACCOUNT]["eu-west-1"].get_function("function")
    function.code_bytes = b"no zip"

    send(account)

    letter = wait_for_dead_letter(account)
    assert "BadZipFile" in letter["MessageAttributes"]["ErrorMessage"]["StringValue"]


def test_event_of_a_function_that_is_switched_off_is_a_dead_letter(
    account: Account, diary: Diary
) -> None:
    """Without any concurrency Lambda does not try; the letter carries the status 429."""
    account.create_function(diary.source())
    with_queue(account)
    account.client("lambda").put_function_concurrency(
        FunctionName="function", ReservedConcurrentExecutions=0
    )

    send(account)

    letter = wait_for_dead_letter(account)
    assert letter["MessageAttributes"]["ErrorCode"]["StringValue"] == "429"
    assert diary.entries == []
    assert account.metric("Throttles") == 1


def test_throttled_event_waits_for_its_turn(account: Account, diary: Diary, tmp_path: Path) -> None:
    """Two events for a function that may run once at a time: the second comes later, not never."""
    turn_over = tmp_path / "turn over"
    waiting = f"while not os.path.exists({str(turn_over)!r}): time.sleep(0.01)"
    account.create_function(diary.source(waiting))
    account.client("lambda").put_function_concurrency(
        FunctionName="function", ReservedConcurrentExecutions=1
    )

    send(account, 1)
    send(account, 2)
    until(lambda: account.metric("Throttles") >= 1)
    turn_over.touch()

    assert {each["event"] for each in diary.wait_for(2)} == {1, 2}


def test_dead_letters_can_go_to_a_topic(account: Account, diary: Diary) -> None:
    """A function's DeadLetterConfig may name a topic, too."""
    account.create_function(diary.source(FAIL))
    with_queue(account)
    sns = account.client("sns")
    topic = sns.create_topic(Name="letters")["TopicArn"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:eu-west-1:{LOCAL_ACCOUNT}:letters",
        Attributes={"RawMessageDelivery": "true"},
    )
    dead_letter_to(topic)

    send(account)

    assert json.loads(wait_for_dead_letter(account)["Body"]) == EVENT


def test_letter_that_cannot_be_delivered_is_counted(account: Account, diary: Diary) -> None:
    """When the queue is gone, the metric that an operator watches says so."""
    account.create_function(diary.source(FAIL))
    dead_letter_to(f"arn:aws:sqs:eu-west-1:{LOCAL_ACCOUNT}:gone")

    send(account)

    until(lambda: account.metric("DeadLetterErrors") == 1)


def test_stopping_does_not_wait_for_events(diary: Diary) -> None:
    """Neither a try that is due in an hour nor one that runs keeps the embedded AWS alive."""
    with EmbeddedAws(retry_delays=(3600,)) as aws:
        account = Account(aws)
        account.create_function(
            diary.source("time.sleep(900 if event else 0); raise ValueError"), Timeout=900
        )
        send(account, 0)
        send(account, 1)
        diary.wait_for(2)

        start = time.monotonic()
    assert time.monotonic() - start < PATIENCE


def test_moto_still_runs_events_inside_the_call() -> None:
    """Once moto queues InvocationType=Event by itself, delete asynchronous.py."""

    class Function:
        ran = False

        def _invoke_lambda(self, event: Any) -> tuple[str, bool, str]:
            self.ran = True
            return "{}", False, ""

    function = Function()

    LambdaFunction.invoke(function, "{}", {"x-amz-invocation-type": "Event"}, {})

    assert function.ran
