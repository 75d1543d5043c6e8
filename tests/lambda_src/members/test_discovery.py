"""Where members sign in: asked of the pool, once, and again after a failure."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from http.client import BadStatusLine
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.error import URLError

import pytest
from http_api.errors import Unavailable
from members.discovery import Login, fetch
from members.page import PageConfig

from tests.lambda_src.members_world import (
    CLIENT,
    DISCOVERED,
    ENVIRONMENT,
    LOGIN,
    Issuer,
    MembersWorld,
    claims_of,
    request_for,
)

ISSUER = ENVIRONMENT["Issuer"]
CONFIG = PageConfig(
    authorization_endpoint=f"{LOGIN}/oauth2/authorize",
    token_endpoint=f"{LOGIN}/oauth2/token",
    revocation_endpoint=f"{LOGIN}/oauth2/revoke",
    logout_endpoint=f"{LOGIN}/logout",
    issuer=ISSUER,
    client_id=CLIENT,
    scope="openid s3link-members/use",
    redirect_uri="https://members.example.com/",
)


def login_of(issuer: Issuer) -> Login:
    return Login(ISSUER, CLIENT, "https://members.example.com", issuer.fetch)


def changed(**changes: object) -> dict[str, object]:
    """The document with other values; without those that are None."""
    return {name: v for name, v in {**DISCOVERED, **changes}.items() if v is not None}


def test_the_pool_is_asked_once() -> None:
    issuer = Issuer()
    login = login_of(issuer)

    assert login.config() == login.config() == CONFIG
    assert issuer.asked == [f"{ISSUER}/.well-known/openid-configuration"]


def test_logout_has_its_usual_place() -> None:
    """On the login's own domain, where the document does not list it."""
    login = login_of(Issuer(changed(end_session_endpoint=None)))

    assert login.config() == CONFIG


FAULTS = [URLError("no route"), TimeoutError(), BadStatusLine(""), ConnectionResetError()]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_after_a_failure_it_is_asked_again(fault: Exception) -> None:
    """Nobody waits for a new process."""
    issuer = Issuer(fault=fault)
    login = login_of(issuer)

    with pytest.raises(Unavailable) as failed:
        login.config()
    issuer.fault = None

    assert str(failed.value) == (
        "Where members sign in is not known: the user pool does not say it "
        f"({type(fault).__name__}). Try again in a minute; if it stays so, look whether the pool "
        "has its domain, and deploy the members stack again."
    )
    assert login.config() == CONFIG


@pytest.mark.parametrize(
    "document",
    [
        *(b"", b"<html>", b"[]", b"\xff"),
        changed(issuer="https://example.com"),
        changed(issuer=None),
        changed(authorization_endpoint=None),
        changed(token_endpoint=""),
        changed(token_endpoint=["https://example.com"]),
        changed(token_endpoint="http://example.com/oauth2/token"),
        changed(token_endpoint="http://127.0.0.1.example.com/oauth2/token"),
        changed(revocation_endpoint="javascript:alert(1)"),
        changed(end_session_endpoint="/logout"),
    ],
)
def test_a_document_that_is_not_right(document: Any) -> None:
    """Members are sent to no other place than the pool's, and by https only."""
    with pytest.raises(Unavailable):
        login_of(Issuer(document)).config()


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Starts servers on this machine, each with one answer; gives their addresses."""
    servers: list[HTTPServer] = []

    def started(body: bytes, status: int = 200, location: str | None = None) -> str:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                if location:
                    self.send_header("location", location)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        servers.append(HTTPServer(("127.0.0.1", 0), Answer))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield started
    for server in servers:
        server.shutdown()
        server.server_close()


def test_what_is_at_an_address_is_fetched(serve: Callable[..., str]) -> None:
    assert fetch(serve(b"document")) == b"document"


def test_an_error_is_no_document(serve: Callable[..., str]) -> None:
    """Nor is what a redirect leads to, or what never ends."""
    elsewhere = serve(b"document")

    for address in (
        serve(b"", 404),
        serve(b"", 302, elsewhere),
        serve(b"", 307, "https://example.com"),
        serve(b"a" * 100_000),
    ):
        with pytest.raises((OSError, ValueError)):
            fetch(address)


@pytest.mark.parametrize("address", ["http://example.com", "file:///etc/passwd", "//x", "https://"])
def test_only_https_is_fetched(address: str) -> None:
    with pytest.raises(ValueError, match="https only"):
        fetch(address)


def test_the_page_is_for_anybody() -> None:
    """With or without a token; it tells where the login is, and looks at nothing else."""
    world = MembersWorld()
    events = [request_for("GET /", claims=claims) for claims in ({}, claims_of())]

    answers = [world.answer(event) for event in events]

    assert {one.status for one in answers} == {200}
    assert {one.headers["content-type"] for one in answers} == {"text/html; charset=utf-8"}
    assert f"{LOGIN}/oauth2/authorize" in answers[0].text
    assert answers[0].text == answers[1].text
    assert "1.4.0" not in answers[0].text
    assert world.is_untouched
    assert not world.signed_out_table.calls


def test_a_login_that_cannot_be_found(caplog: pytest.LogCaptureFixture) -> None:
    """A page that says to try again; the admin hears of it, and the next request asks again."""
    world = MembersWorld(issuer=Issuer(fault=URLError("no route")))

    answered = world.answer(request_for("GET /", claims={}))

    assert answered.status == 503
    assert answered.headers["content-type"] == "text/html; charset=utf-8"
    assert LOGIN not in answered.text
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert record.getMessage().startswith("Where members sign in is not known: ")
