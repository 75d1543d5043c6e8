"""Reads the addresses in a mail or a page, as programs do that open all of them."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit


def addresses_in(document: str, page: str) -> list[str]:
    """Of HTML; `page` is where it came from."""
    reader = _Addresses(page)
    reader.feed(document)
    return [address for address in reader.found if urlsplit(address).scheme in ("http", "https")]


def addresses_as_text(text: str) -> list[str]:
    """Of plain text."""
    return [word for word in text.split() if word.startswith(("http://", "https://"))]


class _Addresses(HTMLParser):
    """Collects what is linked, embedded or posted to; a form without an action is the page's."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._page = page
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name in ("href", "src", "action", "formaction", "background", "poster"):
            if given.get(name):
                self.found.append(urljoin(self._page, given[name]))
        if tag == "form" and not given.get("action"):
            self.found.append(self._page)
