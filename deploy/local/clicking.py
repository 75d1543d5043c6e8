"""Opens a mail's link as a person would, in a browser without JavaScript.

A direct link gives the file at once. The portal's link gives a page with a form: what the form
asks for is filled in, its button pressed, and where that leads is followed; the page after it goes
on by itself. The page of a share has a button for each of its files.
"""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin

from werkzeug.http import parse_options_header

from deploy.errors import LocalError
from deploy.local import LOCAL_HOST

if TYPE_CHECKING:
    from http.client import HTTPResponse

# The portal may ask for the address first; more pages than that lead nowhere.
_MOST_PAGES = 3
_FILE = "file"  # which one of a share


class _Connection(HTTPConnection):
    """To browsers every name that ends with .localhost is this machine; not so to Python."""

    def connect(self) -> None:
        if not self.host.endswith(".localhost"):
            return super().connect()
        self.sock = socket.create_connection((LOCAL_HOST, self.port))
        return None


class _Handler(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Connection, req)


_BROWSER = urllib.request.build_opener(_Handler)


@dataclass(frozen=True)
class Downloaded:
    """What a link gave, and the name to save it as."""

    content: bytes
    name: str


@dataclass(frozen=True)
class Form:
    """A page's form as a browser would send it, once a person has typed their address."""

    action: str
    method: str
    fields: tuple[tuple[str, str], ...]


def download(link: str, recipient: str) -> Downloaded:
    """Follow a link to its file. Raises LocalError for a page that leads to none."""
    return _followed(urllib.request.Request(link), recipient)  # noqa: S310 - from our own mail


def _followed(request: urllib.request.Request, recipient: str) -> Downloaded:
    for _ in range(_MOST_PAGES):
        with _open(request) as answer:
            content, disposition = answer.read(), answer.headers["Content-Disposition"]
            if disposition is not None:  # pages have none
                return Downloaded(content, saved_as(disposition))
            request = _after(answer, content.decode(), recipient)
    raise LocalError("The link leads from one page to the next and never to the file.")


def download_all(link: str, recipient: str) -> list[Downloaded]:
    """Follow a link to each of its files, in the order of their buttons. Raises LocalError."""
    request = urllib.request.Request(link)  # noqa: S310 - the link is from our own mail
    for _ in range(_MOST_PAGES):
        with _open(request) as answer:
            content, disposition = answer.read(), answer.headers["Content-Disposition"]
            if disposition is not None:
                return [Downloaded(content, saved_as(disposition))]
            page = content.decode()
            forms = [] if "Refresh" in answer.headers else read_forms(page, recipient)
            if any(name == _FILE for form in forms for name, _ in form.fields):
                return [_followed(press(form, answer.url), recipient) for form in forms]
            request = _after(answer, page, recipient)
    raise LocalError("The link leads from one page to the next and never to the files.")


def _after(answer: HTTPResponse, page: str, recipient: str) -> urllib.request.Request:
    """Where a page leads: by itself, or by its button."""
    _, to, address = answer.headers.get("Refresh", "").partition("url=")
    if to:
        return urllib.request.Request(urljoin(answer.url, address))  # noqa: S310
    return press(read_form(page, recipient), answer.url)


def saved_as(disposition: str) -> str:
    """The name to save a download under; of two, the last, which LinkGenerator encodes fully."""
    _, parameters = parse_options_header(disposition)
    return parameters.get("filename", "")


def read_form(page: str, recipient: str) -> Form:
    """The first form of a page, filled in, its first button pressed. Raises LocalError without."""
    return read_forms(page, recipient)[0]


def read_forms(page: str, recipient: str) -> list[Form]:
    """The first form of a page, filled in, once for each of its buttons. Raises LocalError without
    one."""
    reader = _FormReader(recipient)
    reader.feed(page)
    if reader.form is None:
        text = " ".join(" ".join(reader.text).split())
        raise LocalError(f'The link leads to a page without a button: "{text}".')
    return [Form(**reader.form, fields=fields) for fields in reader.presses()]


def _open(request: urllib.request.Request) -> HTTPResponse:
    try:
        answer: HTTPResponse = _BROWSER.open(request)
    except urllib.error.HTTPError as exc:
        with exc:
            page = exc.read().decode(errors="replace")
        if "text/html" in exc.headers.get("Content-Type", ""):
            read_form(page, recipient="")
        raise LocalError(f"The link gave HTTP status {exc.code}.") from exc
    return answer


def press(form: Form, page: str) -> urllib.request.Request:
    """What a browser sends when the form's button is pressed."""
    address, data = urljoin(page, form.action), urlencode(form.fields)
    if form.method == "post":
        return urllib.request.Request(  # noqa: S310
            address,
            data.encode(),
            {"Content-Type": "application/x-www-form-urlencoded"},
            method="POST",
        )
    return urllib.request.Request(f"{address}?{data}" if data else address)  # noqa: S310


class _FormReader(HTMLParser):
    """Reads the first form: where it is sent, and what with."""

    def __init__(self, recipient: str) -> None:
        super().__init__()
        self._recipient = recipient
        self._is_inside = False
        self.form: dict[str, str] | None = None
        self.fields: list[tuple[str, str]] = []
        self.buttons: list[int] = []  # where they stand among the fields
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and self.form is None:
            self._is_inside = True
            self.form = {
                "action": given.get("action", ""),
                "method": given.get("method", "get").lower(),
            }
        elif self._is_inside and tag in ("input", "button") and given.get("name"):
            self._take(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def presses(self) -> Iterator[tuple[tuple[str, str], ...]]:
        """What is sent at a press of each button that has a name: it, and none of the others."""
        for pressed in self.buttons or [-1]:
            others = {number for number in self.buttons if number != pressed}
            yield tuple(one for number, one in enumerate(self.fields) if number not in others)

    def _take(self, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "submit" if tag == "button" else "text")
        if kind == "submit":
            self.buttons.append(len(self.fields))
        typed = self._recipient if kind in ("email", "text") else ""
        self.fields.append((given["name"], given.get("value") or typed))
