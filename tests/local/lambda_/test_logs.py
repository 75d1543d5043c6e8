"""What functions leave behind in logs and metrics."""

from __future__ import annotations

import base64
import json
import re

from moto.awslambda.models import lambda_backends

from deploy.local import LOCAL_ACCOUNT
from tests.local.account import Account, Diary
from tests.waiting import until


def test_output_is_logged_line_by_line(account: Account) -> None:
    """Print, logging and errors are in the function's log group, between start and report."""
    account.create_function(
        """
        import logging, sys
        def handle(event, context):
            print("printed")
            sys.stderr.write("complained\\n")
            logging.getLogger().warning("warned")
            sys.stdout.write("unfinished")
            raise ValueError("failed")
        """
    )

    account.invoke()

    messages = account.log_messages()
    assert messages[0].startswith("START RequestId: ")
    assert messages[1:3] == ["printed", "complained"]
    assert messages[3].startswith("[WARNING]") and messages[3].endswith("warned")
    assert messages[4].startswith("unfinished[ERROR] ValueError: failed\nTraceback")
    assert messages[5].startswith("END RequestId: ")
    assert messages[6].startswith("REPORT RequestId: ")
    assert re.search(r"Memory Size: 128 MB\tMax Memory Used: \d\d MB", messages[6])


def test_log_can_be_json_and_in_a_group_of_its_own(account: Account) -> None:
    """With a LoggingConfig, each line is a JSON object in the group that it names."""
    account.create_function(
        "import logging\n"
        "def handle(event, context): logging.getLogger().info('mailed', extra={'delivery': '17'})"
    )
    # What the embedded CloudFormation puts there; moto's own API forgets it.
    function = lambda_backends[LOCAL_ACCOUNT]["eu-west-1"].get_function("function")
    function.logging_config = {"LogFormat": "JSON", "LogGroup": "links"}

    account.invoke()

    start, line, report = [json.loads(message) for message in account.log_messages("links")]
    assert start["type"] == "platform.start"
    assert (line["level"], line["message"], line["delivery"]) == ("INFO", "mailed", "17")
    assert line["requestId"] == start["record"]["requestId"]
    assert report["type"] == "platform.report"
    assert report["record"]["status"] == "success"


def test_log_can_be_read_while_the_function_runs(account: Account, diary: Diary) -> None:
    """Whoever follows the log sees a line when it is printed."""
    account.create_function(diary.source("print('working'); time.sleep(900)"), Timeout=900)

    account.invoke(InvocationType="Event")
    diary.wait_for(1)

    until(lambda: account.log_messages()[1:] == ["working"])


def test_caller_can_have_the_end_of_the_log(account: Account) -> None:
    """LogType=Tail gives the log of this invocation."""
    account.create_function("def handle(event, context): print(event)")
    account.invoke("first")

    log = base64.b64decode(account.invoke("second", LogType="Tail")["LogResult"]).decode()

    assert "second" in log
    assert "first" not in log
    assert "REPORT" in log


def test_invocations_are_counted(account: Account) -> None:
    """The metrics that alarms and the dashboard look at are there."""
    account.create_function(
        "import time\ndef handle(event, context): time.sleep(0.1); return 1 / event"
    )

    for event in (1, 0, 2):
        account.invoke(event)

    assert account.metric("Invocations") == 3
    assert account.metric("Errors") == 1
    assert account.metric("Throttles") == 0
    assert account.metric("Duration") >= 300  # milliseconds
