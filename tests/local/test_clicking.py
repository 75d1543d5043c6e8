"""Following a mail's link as a person would: to the file at once, or by a page's button."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from deploy.errors import LocalError
from deploy.local.clicking import Form, download, read_form, read_forms

PAGE = """
<!doctype html><title>report.pdf</title>
<form action="/d/token" method="post">
  <label>Your address <input type="email" name="address"></label>
  <input type="hidden" name="page" value="1 &amp; 2">
  <button>Download</button>
</form>
<form action="/request-link" method="post"><input name="address"><button>Ask</button></form>
"""


class Site(BaseHTTPRequestHandler):
    """A page whose form, if it is sent with the right address, leads to the file."""

    def do_GET(self) -> None:
        answers = {
            "/direct": self._file,
            "/file": self._file,
            "/d/token": lambda: self._page(200, PAGE),
            "/d/gone": lambda: self._page(410, "<h1>This link has\n ended</h1>"),
            "/d/empty": lambda: self._page(200, "<p>Nothing to press</p>"),
            "/d/circle": lambda: self._page(200, "<form><button>Again</button></form>"),
        }
        answers.get(self.path.rstrip("?"), lambda: self._answer(404, {}, b"{}"))()

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        right = sent == b"address=bob%40example.com&page=1+%26+2"
        if self.path == "/d/token" and right:
            self._answer(303, {"Location": "/file"}, b"")
        else:
            self._page(403, "<p>Wrong address</p>")

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""

    def _file(self) -> None:
        self._answer(200, {"Content-Disposition": 'attachment; filename="a b.pdf"'}, b"\x00\xff")

    def _page(self, status: int, text: str) -> None:
        self._answer(status, {"Content-Type": "text/html; charset=utf-8"}, text.encode())

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["/direct", "/d/token"])
def test_a_link_leads_to_its_file(site: str, path: str) -> None:
    """At once, or once the address is typed and the button pressed."""
    given = download(site + path, "bob@example.com")

    assert (given.content, given.name) == (b"\x00\xff", "a b.pdf")


def test_a_name_of_this_machine_leads_to_it(site: str) -> None:
    """As in browsers, by the button's page, too; other names are looked up."""
    named = site.replace("127.0.0.1", "files.example.com.localhost")

    given = download(f"{named}/d/token", "bob@example.com")

    assert given.content == b"\x00\xff"
    with pytest.raises(OSError, match=r"not known|resolution"):
        download("http://files.example.invalid/d/token", "bob@example.com")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/d/gone", 'The link leads to a page without a button: "This link has ended".'),
        ("/d/empty", 'The link leads to a page without a button: "Nothing to press".'),
        ("/d/circle", "The link leads from one page to the next and never to the file."),
        ("/nowhere", "The link gave HTTP status 404."),
    ],
)
def test_a_link_that_leads_nowhere_says_what_it_shows(site: str, path: str, sentence: str) -> None:
    """The demonstration fails with what a person would have read."""
    with pytest.raises(LocalError) as failure:
        download(site + path, "bob@example.com")

    assert str(failure.value) == sentence


def test_a_form_is_sent_as_a_browser_would() -> None:
    """Only the first form, only the button that is pressed, and what is hidden as it stands."""
    page = (
        '<input name="outside"><form action="go"><input type="hidden" name="a" value="1">'
        '<button name="do" value="get">Get</button><button name="do" value="not">Not</button>'
        '<input name="b"></form>'
    )

    assert read_form(page, "bob@example.com") == Form(
        "go", "get", (("a", "1"), ("do", "get"), ("b", "bob@example.com"))
    )


def test_each_button_of_a_form_can_be_pressed() -> None:
    """As on the page of a share: what is sent has that button, and none of the others."""
    page = (
        '<form method="post"><input type="hidden" name="answer" value="page">'
        '<button name="file" value="0">Download</button>'
        '<button name="file" value="1">Download</button></form>'
    )

    assert [form.fields for form in read_forms(page, "bob@example.com")] == [
        (("answer", "page"), ("file", "0")),
        (("answer", "page"), ("file", "1")),
    ]
