"""A members area without AWS: the real page, its routes and a login, each on a port of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from members.page import PageConfig, page_of, unwell_page
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from tests.e2e.members_login import CLIENT_ID, SCOPE, FakeLogin

PUBLISHED = "2026-11-20T18:05:00Z"
ANSWERED = "2026-11-21T09:30:00Z"
QUESTIONS: list[dict[str, Any]] = [
    {"id": "liked", "text": "What did you like?", "kind": "text"},
    {
        "id": "again",
        "text": "Would you play again?",
        "kind": "choice",
        "choices": ["Yes", "No", "I do not know"],
        "required": True,
    },
    {"id": "overall", "text": "How good is it, all in all?", "kind": "rating"},
]
NO_MEMBER = "You are signed in, but not a member here; ask whoever invited you."


def version(name: str, *files: str, notes: str = "", not_listed: int = 0) -> dict[str, Any]:
    sizes = [{"name": file, "size": 4_321_000} for file in files or ("game.zip",)]
    return {
        "version": name,
        "publishedAt": PUBLISHED,
        "files": sizes,
        "filesNotListed": not_listed,
        "notes": notes,
    }


def answer(member: str, **answers: str | int) -> dict[str, Any]:
    """What somebody has answered; the address is empty where Cognito did not say it."""
    return {
        "version": "1.4.0",
        "member": member,
        "memberId": "sub-of-somebody",
        "answeredAt": ANSWERED,
        "answers": answers,
    }


@dataclass
class MembersArea:
    """What the function would know; tests fill it, and break it by route."""

    login: FakeLogin = field(default_factory=FakeLogin)
    versions: list[dict[str, Any]] = field(default_factory=lambda: [version("1.4.0")])
    page_size: int = 20
    content: bytes = b"the game"
    questions: list[dict[str, Any]] = field(default_factory=lambda: list(QUESTIONS))
    answers: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)  # version, sub
    members_answers: list[dict[str, Any]] = field(default_factory=list)  # for admins
    csv: list[str] = field(default_factory=list)  # the same, page by page
    broken: dict[str, int] = field(default_factory=dict)  # a path, and the status it gives
    signed_out: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    login_is_found: bool = True
    lets_in: bool = True
    url: str = ""

    def answer(self, request: Request) -> Response:
        if request.path == "/":
            return self._page()
        if request.path in self.broken:
            return Response("<h1>broken</h1>", self.broken[request.path])
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token in self.signed_out:
            return _json({"error": "Your session is over; sign in again."}, 401)
        person = self.login.access_tokens.get(token)
        if not person:
            return _json({"message": "Unauthorized"}, 401)
        if not self.lets_in:
            return _json({"error": NO_MEMBER}, 403)
        if request.path == "/sign-out":
            self.signed_out += self.login.access_tokens
            return _json({})
        if request.path == "/artifacts":
            return self._paged("versions", self.versions, request)
        if request.path.startswith("/artifacts/"):
            return self._download(request)
        if request.path == "/survey":
            return self._survey(request, person)
        assert request.path == "/survey/answers"
        return self._all_answers(request, person)

    def _page(self) -> Response:
        login = self.login.origin
        config = PageConfig(
            authorization_endpoint=f"{login}/authorize",
            token_endpoint=f"{login}/token",
            revocation_endpoint=f"{login}/revoke",
            logout_endpoint=f"{login}/logout",
            issuer=self.login.issuer,
            client_id=CLIENT_ID,
            scope=SCOPE,
            redirect_uri=f"{self.url}/",
        )
        page = (page_of(config) if self.login_is_found else unwell_page()).as_dict()
        return Response(page["body"], page["statusCode"], page["headers"])

    def _paged(self, name: str, entries: list[dict[str, Any]], request: Request) -> Response:
        start = int(request.args.get("next", 0))
        end = start + self.page_size
        following = str(end) if end < len(entries) else None
        return _json({name: entries[start:end], "next": following})

    def _download(self, request: Request) -> Response:
        wanted = request.path.removeprefix("/artifacts/")
        file = request.args["file"]
        names = {(one["version"], entry["name"]) for one in self.versions for entry in one["files"]}
        if (wanted, file) not in names:
            return _json({"error": "There is no such file; load the page again."}, 404)
        self.urls.append(f"{self.login.origin}/file/{quote(file, safe='')}?signature=s")
        return _json({"url": self.urls[-1]})

    def file(self, request: Request) -> Response:
        name = quote(unquote(request.path.removeprefix("/file/")), safe="")
        disposition = f"attachment; filename*=UTF-8''{name}"
        return Response(self.content, headers={"content-disposition": disposition})

    def _survey(self, request: Request, person: dict[str, Any]) -> Response:
        if request.method == "GET":
            asked = request.args["version"]
            row = self.answers.get((asked, person["sub"]), {"answers": {}, "answeredAt": None})
            return _json({"version": asked, "questions": self.questions, **row})
        body = request.get_json()
        row = {"answers": body["answers"], "answeredAt": ANSWERED}
        self.answers[body["version"], person["sub"]] = row
        return _json({"answeredAt": ANSWERED})

    def _all_answers(self, request: Request, person: dict[str, Any]) -> Response:
        if "admins" not in person.get("cognito:groups", []):
            return _json({"error": "Only admins see all answers."}, 403)
        if request.args.get("format") == "csv":
            number = int(request.args.get("next", 0))
            more = {"x-s3link-next": str(number + 1)} if number + 1 < len(self.csv) else {}
            return Response(self.csv[number], mimetype="text/csv", headers=more)
        return self._paged("answers", self.members_answers, request)


def _json(document: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(document), status, content_type="application/json")


@contextmanager
def running_members_area() -> Iterator[MembersArea]:
    area = MembersArea()

    def login_or_file(request: Request) -> Response:
        answers = area.file if request.path.startswith("/file/") else area.login.answer
        return answers(request)

    with _serving(area.answer) as url, _serving(login_or_file) as login:
        area.url, area.login.origin, area.login.redirect_uri = url, login, f"{url}/"
        yield area


class _Silent(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        pass


@contextmanager
def _serving(answer: Callable[[Request], Response]) -> Iterator[str]:
    app = Request.application(answer)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
