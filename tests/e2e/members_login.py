"""A login as the members' page needs it: an OpenID provider that checks PKCE, replaces refresh
tokens and ends a session whose old one comes again. It keeps what it gave."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from html import escape
from threading import Event
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from tests.waiting import PATIENCE

CLIENT_ID, SCOPE = "client-of-the-page", "openid s3link-members/use"
MEMBER = {"sub": "sub-of-bob", "email": "bob@example.com"}
_COOKIE = "login"
_FORM = """<!DOCTYPE html><html lang="en"><title>Login</title><link rel="icon" href="data:,">
<h1>Login</h1><form method="post" action="/login?{query}"><button autofocus>Continue</button></form>
"""


@dataclass
class Grant:
    """What a code or a refresh token stands for."""

    challenge: str
    nonce: str
    person: dict[str, Any]


@dataclass
class FakeLogin:
    """Answers one page; tests change its knobs and look at what it saw."""

    redirect_uri: str = ""
    origin: str = ""
    person: dict[str, Any] = field(default_factory=lambda: dict(MEMBER))
    lifetime: int = 300  # seconds
    lies: dict[str, Any] = field(default_factory=dict)  # in the ID token, or as the state
    refuses: str = ""  # an error of the authorisation endpoint
    is_down: bool = False
    holds: str = ""  # a kind of grant, for which tokens are made, and given once `let_go` is set
    held: list[str] = field(default_factory=list)  # the refresh tokens among them
    let_go: Event = field(default_factory=Event)
    logged_in: set[str] = field(default_factory=set)  # cookies
    codes: dict[str, Grant] = field(default_factory=dict)
    refresh_tokens: dict[str, Grant] = field(default_factory=dict)
    access_tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)  # every code and token
    grants: list[str] = field(default_factory=list)  # the kind of each request for tokens
    revoked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    forms_shown: int = 0

    @property
    def issuer(self) -> str:
        return f"{self.origin}/pool"

    def answer(self, request: Request) -> Response:
        if request.path == "/authorize":
            return self._authorize(request)
        if request.path == "/login":
            return self._log_in(request)
        if request.path == "/logout":
            return self._log_out(request)
        answer = self._tokens(request) if request.path == "/token" else self._revoke(request)
        answer.headers["access-control-allow-origin"] = "*"
        return answer

    def _authorize(self, request: Request) -> Response:
        query = request.args
        assert (query["response_type"], query["client_id"]) == ("code", CLIENT_ID)
        assert (query["redirect_uri"], query["scope"]) == (self.redirect_uri, SCOPE)
        assert query["code_challenge_method"] == "S256"
        assert len(query["state"]) >= 43 and len(query["nonce"]) >= 43
        if request.cookies.get(_COOKIE) in self.logged_in:
            return self._back(request)
        self.forms_shown += 1
        page = _FORM.format(query=escape(request.query_string.decode()))
        return Response(page, content_type="text/html")

    def _log_in(self, request: Request) -> Response:
        answer = self._back(request)
        cookie = secrets.token_hex()
        self.logged_in.add(cookie)
        answer.set_cookie(_COOKIE, cookie, httponly=True)
        return answer

    def _back(self, request: Request) -> Response:
        state = self.lies.get("state", request.args["state"])
        if self.refuses:
            return self._to_page(error=self.refuses, error_description="<b>no</b>", state=state)
        grant = Grant(request.args["code_challenge"], request.args["nonce"], dict(self.person))
        code = self._new("code")
        self.codes[code] = grant
        return self._to_page(code=code, state=state)

    def _to_page(self, **query: str) -> Response:
        return Response(status=302, headers={"location": f"{self.redirect_uri}?{urlencode(query)}"})

    def _log_out(self, request: Request) -> Response:
        assert request.args["client_id"] == CLIENT_ID
        assert request.args["logout_uri"] == self.redirect_uri
        self.logged_in.discard(request.cookies.get(_COOKIE, ""))
        return Response(status=302, headers={"location": self.redirect_uri})

    def _tokens(self, request: Request) -> Response:
        form = request.form
        self.grants.append(form["grant_type"])
        assert form["client_id"] == CLIENT_ID
        assert "cookie" not in request.headers
        if self.is_down:
            return Response(status=503)
        if form["grant_type"] == "authorization_code":
            grant = self.codes.pop(form["code"], None)
            holds = grant and _challenge(form["code_verifier"]) == grant.challenge
            assert form["redirect_uri"] == self.redirect_uri
        else:
            grant = self.refresh_tokens.pop(form["refresh_token"], None)
            holds = grant is not None
        if not grant or not holds:
            self.faults.append(f"{form['grant_type']} refused")
            return _json({"error": "invalid_grant"}, 400)
        tokens = self._new_tokens(grant)
        if form["grant_type"] == self.holds:
            self.held.append(tokens["refresh_token"])
            self.let_go.wait(PATIENCE)
        return _json(tokens)

    def _new_tokens(self, grant: Grant) -> dict[str, Any]:
        access, refresh = self._new("access"), self._new("refresh")
        self.access_tokens[access] = grant.person
        self.refresh_tokens[refresh] = grant
        claims = {
            **grant.person,
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "token_use": "id",
            "nonce": grant.nonce,
            **self.lies,
        }
        identity = f"e30.{_base64url(json.dumps(claims).encode())}.{self._new('signature')}"
        return {
            "access_token": access,
            "refresh_token": refresh,
            "id_token": identity,
            "expires_in": self.lifetime,
            "token_type": "Bearer",
        }

    def _revoke(self, request: Request) -> Response:
        self.revoked.append(request.form["token"])
        self.refresh_tokens.pop(request.form["token"], None)
        return Response()

    def _new(self, kind: str) -> str:
        self.given.append(f"{kind}-{secrets.token_urlsafe()}")
        return self.given[-1]

    def end_sessions(self) -> None:
        """Every access and refresh token is worth nothing; so it is after the longest session."""
        self.access_tokens.clear()
        self.refresh_tokens.clear()


def _challenge(verifier: str) -> str:
    return _base64url(hashlib.sha256(verifier.encode()).digest())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _json(document: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(document), status, content_type="application/json")
