"""What Lambda measures of the events that wait for their function."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from moto.cloudwatch.models import cloudwatch_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.lambda_.functions import PROCESSES_PER_FUNCTION
from tests.local.account import Account, Diary
from tests.local.lambda_.test_asynchronous import FAIL, send, wait_for_dead_letter, with_queue
from tests.waiting import until


def _ages(account: Account) -> list[float]:
    """The age of the event in seconds at each try."""
    data = cloudwatch_backends[LOCAL_ACCOUNT]["eu-west-1"].metric_data
    return [float(datum.value) / 1000 for datum in data if datum.name == "AsyncEventAge"]


def test_age_of_an_event(account: Account, diary: Diary) -> None:
    """Each try tells how long the event has waited; an event is received once."""
    account.create_function(diary.source(FAIL))
    with_queue(account)

    before = time.monotonic()
    send(account)
    wait_for_dead_letter(account)

    ages = _ages(account)
    assert account.metric("AsyncEventsReceived") == 1
    assert len(ages) == 3
    assert ages == sorted(ages)
    assert 0.1 <= ages[-1] <= time.monotonic() - before


@pytest.mark.slow
def test_age_of_an_event_that_is_throttled(account: Account, diary: Diary, tmp_path: Path) -> None:
    """It grows while the function may not run, so that an alarm on it tells."""
    turn_over = tmp_path / "turn over"
    waiting = f"while not os.path.exists({str(turn_over)!r}): time.sleep(0.01)"
    account.create_function(diary.source(waiting))
    account.client("lambda").put_function_concurrency(
        FunctionName="function", ReservedConcurrentExecutions=1
    )

    send(account)
    send(account)
    until(lambda: max(_ages(account), default=0) > 0.1)
    turn_over.touch()

    diary.wait_for(2)
    assert max(_ages(account)) > 0.1
    assert account.metric("AsyncEventsReceived") == 2


def test_event_for_nobody(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    """An event for a function that is gone is received by nobody, and the log says so."""
    account.create_bucket()
    account.notify(account.create_function("def handle(event, context): pass"))
    account.client("lambda").delete_function(FunctionName="function")

    account.client("s3").put_object(Bucket="exchange", Key="key", Body=b"")

    until(lambda: any("is lost" in message for message in caplog.messages))
    assert account.metric("AsyncEventsReceived") == 0


@pytest.mark.slow
def test_alarm_on_the_age(account: Account, diary: Diary) -> None:
    """An alarm sees that events wait too long."""
    cloudwatch = account.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="late",
        Namespace="AWS/Lambda",
        MetricName="AsyncEventAge",
        Dimensions=[{"Name": "FunctionName", "Value": "function"}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=100,  # milliseconds
        ComparisonOperator="GreaterThanThreshold",
    )
    account.create_function(diary.source(FAIL))

    send(account)

    def state() -> str:
        return str(cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"])

    until(lambda: state() == "ALARM")


def test_functions_do_not_wait_for_each_other(account: Account, diary: Diary) -> None:
    """However many events one function has to do, another's are done meanwhile."""
    account.create_function("import time\ndef handle(event, context): time.sleep(900)", Timeout=900)
    account.create_function(diary.source(), FunctionName="other")
    for _ in range(3 * PROCESSES_PER_FUNCTION + 1):
        send(account)

    account.client("lambda").invoke(FunctionName="other", Payload="1", InvocationType="Event")

    assert diary.wait_for(1)[0]["event"] == 1
