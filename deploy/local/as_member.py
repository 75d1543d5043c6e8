"""Does what a member does: the first sign-in at the login pages, a download, the survey, sign-out.

The login's forms are filled in and its cookie is kept, as by a browser; what the area's page does
by script (PKCE, tokens, the API's routes) is done here. It knows nothing but the area's address.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from deploy.errors import LocalError
from deploy.local.clicking import Downloaded, Form, download, press, read_form

# A password, one of one's own, and back; more pages than that lead nowhere.
_MOST_PAGES = 3
_TIMEOUT = 60.0  # seconds
# Where the mail to members (cloudformation/members_area.yaml) has it.
_PASSWORD = re.compile(r"temporary password, which works.*?</p>\s*<p[^>]*>([^<]+)</p>", re.DOTALL)
_CONFIG = re.compile(r'<script type="application/json" id="config">(.*?)</script>', re.DOTALL)
_ANSWERS: dict[str, Any] = {"text": "The demo works on this machine.", "rating": 5}


def temporary_password(invitation: str) -> str:
    """The password in an invitation's HTML. Raises LocalError without one."""
    found = _PASSWORD.search(invitation)
    if found is None:
        raise LocalError("The invitation has no temporary password.")
    return unescape(found.group(1))


@dataclass(frozen=True)
class CodeGrant:
    """One sign-in by authorization code with PKCE (RFC 6749, 7636), as a page's script asks for it.

    Its two methods give the parameters of a request to each of the endpoints.
    """

    client_id: str
    redirect_uri: str
    scope: str
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def authorization(self) -> dict[str, str]:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "state": self.state,
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }

    def token(self, code: str) -> dict[str, str]:
        return {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        }


class Member:
    """A person with a browser in front of the members area at an address, without a slash."""

    def __init__(self, area: str) -> None:
        self._area = area
        self._browser = build_opener(HTTPCookieProcessor(CookieJar()))
        page = _read(_open(self._browser, Request(f"{area}/"))).decode()  # noqa: S310 - the embedded AWS's
        found = _CONFIG.search(page)
        if found is None:
            raise LocalError("The members area does not say where its login is.")
        self._config: Mapping[str, str] = json.loads(found.group(1))
        # As the token endpoint names them.
        self.tokens: Mapping[str, str] = {}

    def sign_in(self, address: str, temporary: str) -> None:
        """For the first time, so that the login asks for a password of one's own."""
        grant = CodeGrant(
            self._config["client_id"], self._config["redirect_uri"], self._config["scope"]
        )
        start = f"{self._config['authorization_endpoint']}?{urlencode(grant.authorization())}"
        back = self._through_the_login(start, address, iter((temporary, secrets.token_urlsafe(16))))
        if back.get("state") != [grant.state] or "code" not in back:
            raise LocalError("The login page did not come back with a code.")
        self.tokens = json.loads(self._post("token_endpoint", **grant.token(back["code"][0])))

    def download(self, version: str) -> Downloaded:
        """The version's one file."""
        url = self._ask("GET", f"/artifacts/{quote(version, safe='')}")["url"]
        return download(url, recipient="")

    def answer_survey(self, version: str) -> int:
        """Answer every question; gives how many. Raises LocalError unless that was kept."""
        where = f"/survey?{urlencode({'version': version})}"
        questions = self._ask("GET", where)["questions"]
        answers = {
            one["id"]: one["choices"][0] if one["kind"] == "choice" else _ANSWERS[one["kind"]]
            for one in questions
        }
        self._ask("POST", "/survey", {"version": version, "answers": answers})
        if self._ask("GET", where)["answers"] != answers:
            raise LocalError("The survey does not have the answers that were sent.")
        return len(questions)

    def sign_out(self) -> None:
        """In the area, of the session, and at the login pages."""
        self._ask("POST", "/sign-out", {})
        self._post("revocation_endpoint", token=self.tokens["refresh_token"])
        place = {"client_id": self._config["client_id"], "logout_uri": self._config["redirect_uri"]}
        leave = Request(f"{self._config['logout_endpoint']}?{urlencode(place)}")  # noqa: S310 - the embedded AWS's
        _read(_open(self._browser, leave))

    def status(self) -> int:
        """With what the area answers the token that the member has, or had."""
        request = Request(f"{self._area}/artifacts", headers=self._headers())  # noqa: S310 - the embedded AWS's
        try:
            with self._browser.open(request, timeout=_TIMEOUT) as answer:
                return int(answer.status)
        except HTTPError as exc:
            with exc:
                return exc.code

    def _through_the_login(
        self, start: str, address: str, passwords: Iterator[str]
    ) -> dict[str, list[str]]:
        """Fill in page after page; gives the query with which the login sends back."""
        request = Request(start)  # noqa: S310 - the embedded AWS's
        for _ in range(_MOST_PAGES):
            with _open(self._browser, request) as page:
                if page.url.startswith(self._config["redirect_uri"]):
                    return parse_qs(urlsplit(page.url).query)
                form = read_form(page.read().decode(), address)
                request = press(_with_password(form, passwords), page.url)
        raise LocalError(
            "The login asks for more than two passwords; leave MembersMfa as it is for the demo."
        )

    def _ask(self, method: str, path: str, document: Any = None) -> Any:
        body = None if document is None else json.dumps(document).encode()
        request = Request(f"{self._area}{path}", body, self._headers(), method=method)  # noqa: S310 - the embedded AWS's
        return json.loads(_read(_open(self._browser, request)))

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.tokens['access_token']}",
            "Content-Type": "application/json",
        }

    def _post(self, endpoint: str, **fields: str) -> bytes:
        body = urlencode({"client_id": self._config["client_id"], **fields}).encode()
        return _read(_open(self._browser, Request(self._config[endpoint], body)))  # noqa: S310 - the embedded AWS's


def _with_password(form: Form, passwords: Iterator[str]) -> Form:
    fields = [
        (name, next(passwords, "") if name == "password" else value) for name, value in form.fields
    ]
    return replace(form, fields=tuple(fields))


def _open(browser: OpenerDirector, request: Request) -> HTTPResponse:
    try:
        answer: HTTPResponse = browser.open(request, timeout=_TIMEOUT)
    except HTTPError as exc:
        path = urlsplit(request.full_url).path
        raise LocalError(
            f"The members area or its login answered {exc.code} to {request.get_method()} {path}; "
            "run `s3link local --with members` and read `s3link logs --members`."
        ) from exc
    return answer


def _read(answer: HTTPResponse) -> bytes:
    with answer:
        return answer.read()
