"""Where members sign in: asked of the pool, once, and again after a failure."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.client import BadStatusLine
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.error import URLError

import pytest
from members.discovery import Endpoints, Login, fetch
from members.errors import Unavailable

ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example"
DOMAIN = "https://s3link-example.auth.eu-west-1.amazoncognito.com"
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{DOMAIN}/oauth2/authorize",
    "token_endpoint": f"{DOMAIN}/oauth2/token",
    "revocation_endpoint": f"{DOMAIN}/oauth2/revoke",
    "end_session_endpoint": f"{DOMAIN}/logout",
    "jwks_uri": f"{ISSUER}/.well-known/jwks.json",
}
ENDPOINTS = Endpoints(
    f"{DOMAIN}/oauth2/authorize",
    f"{DOMAIN}/oauth2/token",
    f"{DOMAIN}/oauth2/revoke",
    f"{DOMAIN}/logout",
)


class Issuer:
    """Answers with a document, or fails, and counts how often it was asked."""

    def __init__(self, document: Any = None, fault: Exception | None = None) -> None:
        self.document = DOCUMENT if document is None else document
        self.fault = fault
        self.asked: list[str] = []

    def fetch(self, address: str) -> bytes:
        self.asked.append(address)
        if self.fault:
            raise self.fault
        return (
            self.document
            if isinstance(self.document, bytes)
            else json.dumps(self.document).encode()
        )


def changed(**changes: object) -> dict[str, object]:
    """The document with other values; without those that are None."""
    return {name: v for name, v in {**DOCUMENT, **changes}.items() if v is not None}


def test_the_pool_is_asked_once() -> None:
    issuer = Issuer()
    login = Login(ISSUER, issuer.fetch)

    assert login.endpoints() == login.endpoints() == ENDPOINTS
    assert issuer.asked == [f"{ISSUER}/.well-known/openid-configuration"]


def test_logout_has_its_usual_place() -> None:
    """On the login's own domain, where the document does not list it."""
    login = Login(ISSUER, Issuer(changed(end_session_endpoint=None)).fetch)

    assert login.endpoints() == ENDPOINTS


FAULTS = [URLError("no route"), TimeoutError(), BadStatusLine(""), ConnectionResetError()]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_after_a_failure_it_is_asked_again(fault: Exception) -> None:
    """Nobody waits for a new process."""
    issuer = Issuer(fault=fault)
    login = Login(ISSUER, issuer.fetch)

    with pytest.raises(Unavailable) as failed:
        login.endpoints()
    issuer.fault = None

    assert str(failed.value) == (
        "Where members sign in is not known: the user pool does not say it "
        f"({type(fault).__name__}). Try again in a minute; if it stays so, look whether the pool "
        "has its domain, and deploy the members stack again."
    )
    assert login.endpoints() == ENDPOINTS


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
        Login(ISSUER, Issuer(document).fetch).endpoints()


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
