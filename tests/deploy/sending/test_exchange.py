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
from botocore.stub import Stubber

from deploy.aws.clients import Clients, connect_with_keys
from deploy.sending.send import Exchange, find_exchange
from tests.tools import RUN_LIMIT
from tests.waiting import PATIENCE, until

OUTPUTS = [{"OutputKey": "LinkGeneratorName", "OutputValue": "link-generator"}]


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


def _clients(function: dict[str, Any] | str) -> Clients:
    """Of an account with a generator stack; of its function this is told, or this error."""
    clients = connect_with_keys("AKIDEXAMPLE", "secret", "eu-west-1", None)
    stack = {"StackName": "s3link-generator", "StackStatus": "CREATE_COMPLETE", "Outputs": OUTPUTS}
    described = {"Stacks": [{**stack, "StackId": "arn", "CreationTime": "2026-11-29T12:00:00Z"}]}
    for client, operation, answer in (
        (clients.cloudformation, "describe_stacks", described),
        (clients.awslambda, "get_function_configuration", function),
    ):
        stubber = Stubber(client)
        if isinstance(answer, str):
            stubber.add_client_error(operation, answer)
        else:
            stubber.add_response(operation, answer)
        stubber.activate()
    return clients


def _found(function: dict[str, Any] | str) -> Exchange:
    return find_exchange(_clients(function), "s3link")


def test_the_function_is_there() -> None:
    found = _found({"FunctionName": "link-generator"})

    assert found.generator is not None
    assert found.generator.name == "s3link-generator"
    assert found.has_announcer


def test_the_function_is_gone() -> None:
    assert not _found("ResourceNotFoundException").has_announcer


def test_the_function_may_not_be_looked_at() -> None:
    """Whoever may upload need not be allowed to."""
    assert _found("AccessDeniedException").has_announcer


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
