"""Signs in to a deployed members area over the pages of its login, as a browser does.

What the area's own page does by script (PKCE, tokens, the API's routes) is done here; where the
login is comes from its issuer, as for the page.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.local.apis import Reply, ask
from tests.local.cognito.area import Browser

SCOPE = "openid s3link-members/use"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Tokens:
    access: str
    identity: str
    refresh: str


@dataclass(frozen=True)
class Login:
    """The login of an area, which has the client and an address without a slash."""

    issuer: str
    client_id: str
    area: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Login:
        """As the function Members is told."""
        return cls(environment["Issuer"], environment["ClientId"], environment["MembersUrl"])

    def sign_in(self, name: str, password: str, new_password: str = "") -> Tokens:
        """With a password of one's own from now on, if the login asks for one."""
        verifier = token_urlsafe(32)
        browser = Browser(self.issuer)
        page = browser.open(f"{self._place('authorization')}?{urlencode(self._asked(verifier))}")
        page = browser.open(str(page.header("Location")))
        page = browser.send(page, username=name, password=password)
        if new_password:
            page = browser.send(page, password=new_password)
        back = str(page.header("Location"))
        assert page.status == 302 and back.startswith(f"{self.area}/?"), page
        return self._tokens(parse_qs(urlsplit(back).query)["code"][0], verifier)

    def refresh(self, tokens: Tokens) -> Reply:
        return self._post("token", grant_type="refresh_token", refresh_token=tokens.refresh)

    def revoke(self, tokens: Tokens) -> Reply:
        return self._post("revocation", token=tokens.refresh)

    def _asked(self, verifier: str) -> dict[str, str]:
        digest = hashlib.sha256(verifier.encode()).digest()
        return {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": f"{self.area}/",
            "scope": SCOPE,
            "state": token_urlsafe(8),
            "nonce": token_urlsafe(8),
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }

    def _tokens(self, code: str, verifier: str) -> Tokens:
        reply = self._post(
            "token",
            grant_type="authorization_code",
            code=code,
            redirect_uri=f"{self.area}/",
            code_verifier=verifier,
        )
        assert reply.status == 200, reply
        given = reply.document
        return Tokens(given["access_token"], given["id_token"], given["refresh_token"])

    def _post(self, endpoint: str, **fields: str) -> Reply:
        body = urlencode({"client_id": self.client_id, **fields}).encode()
        return ask(self._place(endpoint), "POST", body, _FORM)

    def _place(self, endpoint: str) -> str:
        known = ask(f"{self.issuer}/.well-known/openid-configuration").document
        return str(known[f"{endpoint}_endpoint"])


@dataclass(frozen=True)
class Visit:
    """The area's routes, as whoever has an access token calls them."""

    area: str
    token: str

    def get(self, path: str) -> Reply:
        return self._ask("GET", path)

    def post(self, path: str, document: Any = None) -> Reply:
        return self._ask("POST", path, None if document is None else json.dumps(document).encode())

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Reply:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return ask(f"{self.area}{path}", method, body, headers)
