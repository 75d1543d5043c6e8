"""Whose bucket it must be is said in every request to S3, the tool's and the functions'."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from deploy.local.iam.requested_s3 import read_s3_request
from deploy.local.server import EmbeddedAws
from deploy.local.wire.replies import WsgiApp
from deploy.local.wire.requests import Environ, service_of
from tests.e2e.deployed import Deployed
from tests.waiting import until

pytestmark = pytest.mark.slow

OWNER = "x-amz-expected-bucket-owner"
MIB = 1024**2


class Watch:
    """A wire that notes each request about a bucket that is there, with the owner that it names."""

    def __init__(self) -> None:
        self.named: list[str] = []
        self.unnamed: list[str] = []

    def __call__(self, aws: WsgiApp) -> WsgiApp:
        def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
            if service_of(environ) == "s3":
                self._note(environ)
            return aws(environ, start_response)

        return app

    def _note(self, environ: Environ) -> None:
        request = read_s3_request(environ)
        owner = environ.get("HTTP_X_AMZ_EXPECTED_BUCKET_OWNER", request.query.get(OWNER))
        if request.bucket:
            called = f"{environ['REQUEST_METHOD']} {request.key} {sorted(request.query)}"
            (self.named if owner else self.unnamed).append(called)


def test_every_request_names_the_buckets_owner(tmp_path: Path) -> None:
    """A deployment's whole life: files sent, whole and in parts, versions published, read and
    withdrawn, all of it removed. A bucket of the same name in another account gets none of it."""
    watch = Watch()
    large = tmp_path / "large.bin"
    large.write_bytes(b"x" * (9 * MIB))
    small, survey = tmp_path / "small.txt", tmp_path / "survey.json"
    small.write_text("small")
    survey.write_text('{"questions": [{"id": "liked", "text": "Liked it?", "kind": "text"}]}')
    with EmbeddedAws(retry_delays=(0.2, 0.2), wire=watch) as aws:
        deployed = Deployed(aws, tmp_path, ("portal", "programs", "members"))
        for line in (
            f"send --separately {small} {large}",
            f"send {small} {large}",
            f"members publish {small} {large} --version 1.0 --notes {small}",
            f"members publish {small} --version 1.0 --replace",
            f"members survey set {survey}",
            "members survey show",
            "members versions",
            "members withdraw 1.0 --yes",
            "status",
            "doctor",
            "plan",
        ):
            ran = deployed.s3link(line)
            assert ran.exit_code == 0, (line, ran.stderr)
        until(lambda: len(deployed.mails()) >= 3)
        ran = deployed.s3link("destroy --yes")
        assert ran.exit_code == 0, ran.stderr

    assert watch.unnamed == []
    assert {called.split()[0] for called in watch.named} >= {"GET", "HEAD", "PUT", "POST"}
