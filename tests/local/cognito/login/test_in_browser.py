"""The login pages in a real browser: its rules for forms, redirects and cookies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deploy.local.wire.http_server import listening, serving
from tests.accessibility import problems_of
from tests.browser import ENTER, TAB, Browser
from tests.local.cognito.area import MEMBER, PASSWORD, Area

pytestmark = pytest.mark.slow


@pytest.fixture
def client_address(area: Area) -> Iterator[str]:
    """A client's page on a port of its own, which people come back to."""

    def page(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<title>Back</title>"]

    with listening(0) as server:
        server.app = page
        address = f"http://127.0.0.1:{server.port}/"
        client = area.api.describe_user_pool_client(
            UserPoolId=area.pool_id, ClientId=area.client_id
        )["UserPoolClient"]
        kept = {
            key: client[key] for key in client if key not in ("CreationDate", "LastModifiedDate")
        }
        area.api.update_user_pool_client(**{**kept, "CallbackURLs": [address]})
        with serving(server):
            yield address


def test_signing_in_with_the_keyboard(area: Area, window: Browser, client_address: str) -> None:
    """The form of the login page may lead on to the client; the second time nothing is asked."""
    address = f"{area.issuer}/oauth2/authorize?{area.query(redirect_uri=client_address)}"
    window.open(address)
    assert window.title == "Sign in"

    assert problems_of(window) == []
    window.type(f"{TAB}{MEMBER}{TAB}wrong{ENTER}")
    window.wait_until(lambda: window.shows("[role=alert]"))
    assert window.text("[role=alert]") == "Incorrect username or password."
    window.type(f"{TAB}{TAB}{PASSWORD}{ENTER}")
    window.wait_until(lambda: window.title == "Back")
    assert window.address.startswith(f"{client_address}?code=")

    window.open("about:blank")
    window.open(address)
    window.wait_until(lambda: window.title == "Back")
    assert window.run("return document.cookie") == ""
    assert window.log() == []
