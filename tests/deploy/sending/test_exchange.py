"""What `s3link send` asks before it reads or sends anything."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy.sending.exchange import find_exchange
from tests.tools import RUN_LIMIT
from tests.waiting import PATIENCE, until


class Silent:
    """An endpoint that takes connections and says nothing."""

    def __init__(self) -> None:
        self.connections: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                self.connections.append(self._listening.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in self.connections:
            connection.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    endpoint = Silent()
    yield endpoint
    endpoint.close()


FUNCTION = {
    "FunctionName": "link-generator",
    "Role": "arn:aws:iam::123456789012:role/announcer",
    "Environment": {
        "Variables": {
            "DeliveriesLedgerName": "ledger",
            "LinksTableName": "links",
            "LinkDownloadTemplateName": "download",
            "PortalUrl": "https://a1b2.execute-api.eu-west-1.amazonaws.com",
        }
    },
}
GONE, DENIED = "ResourceNotFoundException", "AccessDeniedException"


class Account:
    """With a deployment and its portal; each call may be answered with an error."""

    def __init__(self, **errors: str) -> None:
        self._errors = errors
        clients = {"cloudformation", "awslambda", "iam", "dynamodb", "ses", "apigatewayv2"}
        for name in clients:
            setattr(self, name, self)

    def __getattr__(self, operation: str) -> Any:
        def answer(**asked: str) -> dict[str, Any]:
            name = next(iter(asked.values()))
            if error := self._errors.get(f"{operation}_{name}".replace("-", "_")):
                raise ClientError({"Error": {"Code": error}}, operation)
            return getattr(type(self), f"_{operation}", lambda *_: {})(self, name)

        return answer

    def _describe_stacks(self, name: str) -> dict[str, Any]:
        outputs = {"LinkGeneratorName": "link-generator", "PortalApiId": "a1b2"}
        stack = {
            "StackName": name,
            "StackId": "arn",
            "StackStatus": "CREATE_COMPLETE",
            "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
            "Parameters": [{"ParameterKey": "PortalStackName", "ParameterValue": "s3link-portal"}],
        }
        return {"Stacks": [stack]}

    def _get_function_configuration(self, _: str) -> dict[str, Any]:
        return FUNCTION

    def _get_policy(self, _: str) -> dict[str, Any]:
        return {"Policy": "{}"}


def _gone(**errors: str) -> str:
    clients: Any = Account(**errors)
    found = find_exchange(clients, "s3link")
    assert found.generator
    assert found.generator.name == "s3link-generator"
    return found.gone


def test_all_is_there() -> None:
    assert _gone() == ""


@pytest.mark.parametrize(
    ("call", "error", "gone"),
    [
        ("get_function_configuration_link_generator", GONE, "function link-generator"),
        ("get_policy_link_generator", GONE, "S3's permission to invoke function link-generator"),
        ("get_role_announcer", "NoSuchEntity", "role announcer"),
        ("describe_table_ledger", GONE, "table ledger"),
        ("describe_table_links", GONE, "table links"),
        ("get_template_download", "TemplateDoesNotExist", "template download"),
        ("get_api_a1b2", "NotFoundException", "the portal's API a1b2"),
    ],
)
def test_what_is_gone_is_named(call: str, error: str, gone: str) -> None:
    """S3 would take the file, and nobody get a link that works; who may not look, may send."""
    assert _gone(**{call: error}) == gone
    assert _gone(**{call: DENIED}) == ""


@pytest.fixture
def environment(silent: Silent, tmp_path: Path) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": silent.url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
    }


@pytest.mark.slow
def test_ctrl_c_waits_for_no_answer(
    silent: Silent, environment: dict[str, str], tmp_path: Path
) -> None:
    """Nothing was begun yet; no call is tried again."""
    file = tmp_path / "report.pdf"
    file.touch()
    command = [sys.executable, "-m", "deploy", "send", file]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
        until(lambda: len(silent.connections) == 2)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=RUN_LIMIT)

    assert b"Stopped." in told
    assert len(silent.connections) == 2


@pytest.mark.slow
def test_standard_input_is_not_read_before_it_can_be_sent(
    silent: Silent, environment: dict[str, str]
) -> None:
    """What a program writes for minutes is not asked for in vain."""
    command = [sys.executable, "-m", "deploy", "send", "-", "--as", "shop.sql"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE) as process:
        assert process.stdin
        writing, wrote = process.stdin, threading.Event()

        def write() -> None:
            try:
                while True:
                    writing.write(bytes(1024 * 1024))  # more than a pipe holds
                    wrote.set()
            except BrokenPipeError:
                pass

        writer = threading.Thread(target=write)
        writer.start()
        until(lambda: len(silent.connections) == 2)
        is_read = wrote.is_set()
        process.kill()
        writer.join(PATIENCE)

    assert not is_read
