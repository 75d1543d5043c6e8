"""Signs in to a deployed members area over the pages of its login, as a browser does.

What the area's own page does by script (PKCE, tokens, the API's routes) is done here; where the
login is comes from its issuer, as for the page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from deploy.local.as_member import CodeGrant
from tests.local.apis import Reply, ask
from tests.local.cognito.area import Browser

SCOPE = "openid s3link-members/use"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Tokens:
    """`code` is what they were given for."""

    access: str
    identity: str
    refresh: str
    code: str


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
        browser, page = self.type_password(name, password, verifier)
        if new_password:
            page = browser.send(page, password=new_password)
        back = str(page.header("Location"))
        assert page.status == 302 and back.startswith(f"{self.area}/?"), page
        browser.open(back)
        return self._tokens(parse_qs(urlsplit(back).query)["code"][0], verifier)

    def type_password(
        self, name: str, password: str, verifier: str = "v" * 43
    ) -> tuple[Browser, Reply]:
        """The browser at the page, or the redirect, that comes of it."""
        browser = Browser(self.issuer)
        asked = self._grant(verifier=verifier).authorization()
        page = browser.open(f"{self._place('authorization')}?{urlencode(asked)}")
        page = browser.open(str(page.header("Location")))
        return browser, browser.send(page, username=name, password=password)

    def choose_password(self, name: str, password: str, read_code: Callable[[], str]) -> None:
        """After a reset: the login asks for the code that was mailed, and for a new password."""
        browser, page = self.type_password(name, "forgotten")
        browser.send(page, code=read_code(), password=password)

    def refresh(self, tokens: Tokens) -> Reply:
        return self._post("token", grant_type="refresh_token", refresh_token=tokens.refresh)

    def revoke(self, tokens: Tokens) -> Reply:
        return self._post("revocation", token=tokens.refresh)

    def _grant(self, **known: str) -> CodeGrant:
        return CodeGrant(self.client_id, f"{self.area}/", SCOPE, **known)

    def _tokens(self, code: str, verifier: str) -> Tokens:
        reply = self._post("token", **self._grant(verifier=verifier).token(code))
        assert reply.status == 200, reply
        given = reply.document
        return Tokens(given["access_token"], given["id_token"], given["refresh_token"], code)

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
