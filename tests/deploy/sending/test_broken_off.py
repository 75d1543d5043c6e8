"""Large files whose sending broke off: what is told, and that the next send goes on from there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.aws.clients import Clients
from deploy.console import Console
from deploy.deployment import Deployment
from deploy.errors import UploadError
from deploy.local.server import EmbeddedAws
from deploy.local.wire.replies import WsgiApp
from deploy.local.wire.requests import Environ
from deploy.sending.prepare import SendOptions
from deploy.sending.send import send_files
from deploy.uploading.begun import BegunUploads
from tests.deploy.operator import Operator, clients_of_operator, deployed_by, operator_at
from tests.tools import ROOT, started
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.slow

BUCKET = "s3link-123456789012-eu-west-1"
DEPLOYMENT = Deployment("s3link", "123456789012", "eu-west-1", {})
LARGE = 20_000_000  # bytes, three parts of an upload


class Wire:
    """Counts the parts that reach S3, and lets some of them wait for the test."""

    def __init__(self) -> None:
        self.waits_for: str | None = None
        self.go_on = Event()
        self.arrived: list[str] = []

    def __call__(self, aws: WsgiApp) -> WsgiApp:
        def application(environ: Environ, start_response: Any) -> Any:
            _, is_part, number = environ["QUERY_STRING"].partition("partNumber=")
            if is_part and number[0] == self.waits_for:
                self.go_on.wait(PATIENCE)
            answer = aws(environ, start_response)
            if is_part:
                self.arrived.append(number[0])
            return answer

        return application


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def clients(wire: Wire) -> Iterator[Clients]:
    with EmbeddedAws(wire=wire) as aws:
        yield clients_of_operator(aws)


@pytest.fixture
def operator(clients: Clients, tmp_path: Path) -> Operator:
    """An operator with a cache of their own, who has deployed."""
    operator = operator_at(clients, tmp_path)
    operator.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    return deployed_by(operator, "--set AuthorizedRecipients=@example.com")


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "video.mp4"
    path.write_bytes(os.urandom(LARGE))
    return path


def stored(clients: Clients) -> bytes:
    content: bytes = clients.s3.get_object(Bucket=BUCKET, Key="video.mp4")["Body"].read()
    return content


def unfinished(clients: Clients) -> list[Any]:
    return list(clients.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []))


def test_a_send_that_was_killed_goes_on(
    operator: Operator, clients: Clients, wire: Wire, video: Path
) -> None:
    """Whatever ended it, even if nothing could be said or done any more."""
    wire.waits_for = "3"
    environment = {**os.environ, **operator.environment}
    line = [sys.executable, "-m", "deploy", "send", "--config", str(operator.config), str(video)]
    with started(line, env={**environment, "PYTHONPATH": str(ROOT)}) as process:
        until(lambda: sorted(wire.arrived) == ["1", "2"])
        process.kill()
    wire.waits_for = None
    wire.arrived.clear()

    ran = operator.s3link("send", video)

    assert ran.exit_code == 0, ran.stderr
    assert ran.stderr == (
        'Sending "video.mp4" (20.0 MB)\n'
        '"video.mp4" went on from an earlier send: 16.8 MB were there.\n'
    )
    assert wire.arrived == ["3"]
    assert stored(clients) == video.read_bytes()
    wire.go_on.set()


def test_a_failure_keeps_what_was_sent_and_says_so(
    operator: Operator, clients: Clients, video: Path, tmp_path: Path
) -> None:
    """Beside a file that arrives; nothing of the large one need be sent twice."""
    small, memory = tmp_path / "small.txt", BegunUploads(tmp_path / "memory")
    small.write_text("small")

    def refuse(params: dict[str, Any], **_: Any) -> Any:
        if params["query_string"]["partNumber"] != 2:
            return None
        denied = {"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
        return SimpleNamespace(status_code=403), denied

    clients.s3.meta.events.register("before-call.s3.UploadPart", refuse)

    with pytest.raises(UploadError) as failed:
        send_files(
            *(clients, DEPLOYMENT, [video, small], SendOptions(), Console()),
            memory=memory,
            separately=True,
        )

    assert str(failed.value).startswith(f'"{video}" was not sent (AWS denied UploadPart; ')
    assert str(failed.value).endswith(
        f'): 1 of 2 files arrived and what was sent of "{video}" is kept and need not be sent '
        f'twice; send again: "{video}".'
    )
    assert len(unfinished(clients)) == 1


def test_what_came_by_standard_input_is_taken_back(
    operator: Operator, clients: Clients, video: Path
) -> None:
    """Nobody has it any more, so that nobody could go on with it."""
    from deploy.uploading.standard_input import read_whole

    def refuse(**_: Any) -> Any:
        denied = {"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
        return SimpleNamespace(status_code=403), denied

    clients.s3.meta.events.register("before-call.s3.UploadPart", refuse)
    memory = BegunUploads(video.parent / "memory")

    with (
        video.open("rb") as content,
        read_whole(content, "video.mp4") as standard_input,
        pytest.raises(UploadError) as failed,
    ):
        send_files(
            *(clients, DEPLOYMENT, [Path("-")], SendOptions(), Console(), standard_input),
            memory=memory,
        )

    assert str(failed.value).endswith(
        ': 0 of 1 file arrived and nothing is left half done; send again: "-".'
    )
    assert unfinished(clients) == []
