"""What Lambda does with a function's role: it is asked for, as what the function does itself."""

from __future__ import annotations

from typing import Any

import pytest
from moto.awslambda.models import lambda_backends

from deploy.local import LOCAL_ACCOUNT
from tests.local.account import Account, allowing
from tests.waiting import until

LOG = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/function"
LETTERS = "arn:aws:sqs:eu-west-1:123456789012:letters"
MAKE_LOG = allowing("logs:CreateLogGroup", f"{LOG}:*")
MAKE_STREAM = allowing("logs:CreateLogStream", f"{LOG}:*")
WRITE = allowing("logs:PutLogEvents", f"{LOG}:*")
SEND = allowing("sqs:SendMessage", LETTERS)


@pytest.mark.parametrize(
    ("statements", "is_logged"),
    [
        ((MAKE_LOG, MAKE_STREAM, WRITE), True),
        ((MAKE_STREAM, WRITE), False),
        ((MAKE_LOG, WRITE), False),
        ((MAKE_LOG, MAKE_STREAM), False),
    ],
)
def test_a_log_is_written_with_the_functions_role(
    account: Account, statements: tuple[dict[str, Any], ...], is_logged: bool
) -> None:
    """A function whose role may not log runs all the same, and leaves no log."""
    account.create_function("def handle(event, context): print('at work')")
    account.allow(*statements)

    account.invoke()

    groups = account.client("logs").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["/aws/lambda/function"] * is_logged
    if is_logged:
        assert "at work" in account.log_messages()


def test_an_existing_log_need_not_be_made(account: Account) -> None:
    """s3link's stacks make the log group: its functions need no permission for that."""
    account.create_function("def handle(event, context): print('at work')")
    account.client("logs").create_log_group(logGroupName="/aws/lambda/function")
    account.allow(MAKE_STREAM, WRITE)

    account.invoke()

    assert "at work" in account.log_messages()


def test_a_dead_letter_is_sent_with_the_functions_role(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    """One that may not be sent is lost: a metric counts it, and a line tells why."""
    letters = account.client("sqs").create_queue(QueueName="letters")["QueueUrl"]
    account.create_function("def handle(event, context): raise ValueError('bad')")
    function = lambda_backends[LOCAL_ACCOUNT]["eu-west-1"].get_function("function")
    function.dead_letter_target_arn = LETTERS
    account.allow({**SEND, "Resource": f"{LETTERS}-of-others"})

    account.invoke(InvocationType="Event")
    until(lambda: account.metric("DeadLetterErrors") == 1)
    account.allow(SEND)
    account.invoke({"second": True}, InvocationType="Event")
    arrived: list[Any] = []
    until(lambda: arrived.extend(received(account, letters)) or bool(arrived))

    assert [letter["Body"] for letter in arrived] == ['{"second": true}']
    assert account.metric("DeadLetterErrors") == 1
    assert f"{account.role} may not do sqs:SendMessage on {LETTERS}." in caplog.text


def received(account: Account, queue: str) -> list[Any]:
    return list(account.client("sqs").receive_message(QueueUrl=queue).get("Messages", []))
