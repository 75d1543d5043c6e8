"""The embedded AWS as a whole: how it starts, what it refuses, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

from deploy.errors import LocalError
from deploy.local import LOCAL_ACCOUNT
from deploy.local.server import EmbeddedAws
from tests.local.account import Account, Diary, is_alive
from tests.tools import RUN_LIMIT, started
from tests.waiting import PATIENCE, until

# A program that starts an embedded AWS, gives a function something to do, and says so.
BUSY_PROGRAM = """
import sys, threading
from pathlib import Path
from deploy.local.server import EmbeddedAws
from tests.local.account import Account, Diary

diary = Diary(Path(sys.argv[1]))
with EmbeddedAws() as aws:
    account = Account(aws)
    account.create_function(diary.source("write([os.getpid()]); time.sleep(600)"), Timeout=900)
    account.invoke(InvocationType="Event")
    diary.wait_for(2)
    print(diary.entries[-1][0], flush=True)
    threading.Event().wait()
"""

# Prints how much work it is to start, in seconds of a machine that writes 10,000,000 numbers in
# one; a slow machine takes longer for both.
START_PROGRAM = """
import resource
import time
from deploy.local.server import EmbeddedAws

with EmbeddedAws() as aws:
    used = resource.getrusage(resource.RUSAGE_SELF)
begin = time.process_time()
for number in range(1_000_000):
    str(number)
print((used.ru_utime + used.ru_stime) / (10 * (time.process_time() - begin)))
"""


def test_operator_owns_the_account() -> None:
    """The operator's keys belong to the one account, in the region that was asked for."""
    with EmbeddedAws(region="eu-central-1") as aws:
        account = Account(aws)

        assert account.client("sts").get_caller_identity()["Account"] == LOCAL_ACCOUNT
        assert account.create_bucket("exchange") == "exchange"
        assert account.client("s3").head_bucket(Bucket="exchange")["BucketRegion"] == "eu-central-1"


def test_it_listens_on_this_machine_only(account: Account) -> None:
    """No other address of the machine answers."""
    port = urlsplit(account.aws.endpoint).port
    assert port is not None

    socket.create_connection(("127.0.0.1", port)).close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port))


def test_each_one_starts_empty() -> None:
    """What one embedded AWS held is gone with it."""
    with EmbeddedAws() as aws:
        Account(aws).create_bucket("exchange")

    with EmbeddedAws() as aws:
        assert Account(aws).client("s3").list_buckets()["Buckets"] == []


def test_second_one_in_the_process_is_refused(account: Account) -> None:
    """moto knows one state only; a sentence says so, and the first one goes on."""
    with pytest.raises(LocalError, match="Another embedded AWS runs in this process"):
        EmbeddedAws().__enter__()

    assert account.client("s3").list_buckets()["Buckets"] == []


@pytest.mark.parametrize("region", ["nowhere-1", "cn-north-1", "us-gov-west-1"])
def test_a_region_that_it_cannot_be_in_is_named(region: str) -> None:
    """China and GovCloud have ARNs of their own; other words are no regions."""
    with pytest.raises(LocalError) as refused:
        EmbeddedAws(region=region).__enter__()

    assert str(refused.value) == (
        f'The embedded AWS cannot be in "{region}"; take a region of the partition "aws" that has '
        "SES, for example --region eu-west-1."
    )


def test_port_that_is_taken_is_named() -> None:
    """The sentence names the port and the way out; afterwards a free one works."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(LocalError) as taken:
            EmbeddedAws(port=port).__enter__()

    assert str(taken.value) == (
        f"Port {port} on 127.0.0.1 cannot be used (Address already in use); stop the program that "
        "has it, or choose another with --port."
    )
    with EmbeddedAws(port=port) as aws:
        assert aws.endpoint == f"http://127.0.0.1:{port}"


def test_after_stop_nothing_is_left(diary: Diary) -> None:
    """No thread, no process, no open port; and stopping again does no harm."""
    before = set(threading.enumerate())
    with EmbeddedAws() as aws:
        account = Account(aws)
        account.create_function(diary.source("write([os.getpid(), os.environ['HOME']])"))
        account.invoke()
        process, home = diary.entries[-1]
        client = account.client("s3")
    aws.stop()

    assert not is_alive(process)
    assert not Path(home).exists()
    until(lambda: set(threading.enumerate()) <= before)
    with pytest.raises(EndpointConnectionError):
        client.list_buckets()


@pytest.mark.parametrize(
    ("service", "operation", "call"),
    [
        ("ses", "list_receipt_filters", "ses: The list_receipt_filters action"),
        ("sqs", "list_message_move_tasks", "sqs: The list_message_move_tasks action"),
        ("cloudwatch", "list_metric_streams", "monitoring: The list_metric_streams action"),
        ("lambda", "list_code_signing_configs", "lambda: GET /2020-04-22/code-signing-configs"),
    ],
)
def test_call_that_moto_lacks_is_an_error_that_clients_read(
    account: Account, service: str, operation: str, call: str
) -> None:
    """The error names service and call; clients do not try it again."""
    arguments = {"SourceArn": "arn:aws:sqs:eu-west-1:1:x"} if service == "sqs" else {}

    with pytest.raises(ClientError) as caught:
        getattr(account.client(service), operation)(**arguments)

    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert response["Error"]["Code"] == "NotImplemented"
    assert f"The embedded AWS lacks this call of {call}" in response["Error"]["Message"]


def test_region_that_is_none_is_named(account: Account) -> None:
    """By an error that clients do not try again; AWS would not even be found there."""
    client = boto3.client(
        "cloudformation",
        endpoint_url=account.aws.endpoint,
        region_name="mars-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
    )

    with pytest.raises(ClientError) as refused:
        client.describe_stacks()

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert refused.value.response["Error"]["Message"] == (
        'The embedded AWS has no region "mars-1"; correct --region or AWS_DEFAULT_REGION'
    )


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_embedded_aws(tmp_path: Path, end: signal.Signals) -> None:
    """However the program ends, Ctrl-C or power cut, its busy function ends with it."""
    with started(
        [sys.executable, "-c", BUSY_PROGRAM, tmp_path / "diary"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as program:
        assert program.stdout is not None
        function = int(program.stdout.readline())
        assert is_alive(function)

        program.send_signal(end)

        program.communicate(timeout=PATIENCE)
    until(lambda: not is_alive(function))


@pytest.mark.slow
def test_it_is_ready_in_less_than_three_seconds() -> None:
    """Counted from the start of Python, imports included, in work and not in time."""
    ran = subprocess.run(
        [sys.executable, "-c", START_PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        timeout=RUN_LIMIT,
    )

    assert float(ran.stdout) < 3


def test_motos_own_switches_are_out_of_reach(account: Account) -> None:
    """One of them would empty the embedded AWS; s3link's are below /_s3link/."""
    account.client("s3").create_bucket(
        Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    reset = urllib.request.Request(f"{account.aws.endpoint}/moto-api/reset", method="POST")

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(reset)

    with refused.value:
        assert refused.value.code == 404
    assert [bucket["Name"] for bucket in account.client("s3").list_buckets()["Buckets"]] == ["kept"]


def test_moto_still_breaks_on_calls_that_it_lacks() -> None:
    """Once moto answers them with an error of the service, delete unexpected.py."""
    plain_moto = Client(DomainDispatcherApplication(create_backend_app))

    with pytest.raises(NotImplementedError):
        plain_moto.post("/", data={"Action": "ListReceiptFilters"}, headers=signed_for("ses"))
    answer = plain_moto.get("/2016-08-19/account-settings", headers=signed_for("lambda"))
    assert answer.data.startswith(b"<!doctype html>")


def signed_for(service: str) -> dict[str, str]:
    scope = f"Credential=me/20260101/eu-west-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"}
