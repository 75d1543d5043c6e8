"""Pages as the portal answers with them: HTML from the files in `pages/`, every value escaped, and
the headers that keep links where they belong. Pure."""

from __future__ import annotations

import base64
import hashlib
import html
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from string import Template
from typing import Any

from function.text import moment

_FOLDER = Path(__file__).with_name("pages")


def _file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8").strip()


_LAYOUT = Template(_file("layout.html"))
_STYLE = _file("portal.css")
_SCRIPT = _file("local_time.js")
_BODIES = {path.stem: Template(_file(path.name)) for path in _FOLDER.glob("*.html")}

# No page is kept by a browser or a proxy, found by a search engine, shown inside another page, or
# told to the site that is visited next.
_ALWAYS = {
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "strict-transport-security": "max-age=31536000",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
NO_REFERRER = "no-referrer"
# Where a form is posted to the page's own site, a browser must say in Origin who posts; under
# no-referrer it would say "null" (Fetch standard, "append a request Origin header").
SAME_ORIGIN = "same-origin"


@dataclass(frozen=True)
class Response:
    """One answer; the body may show a token's page and is left out of the repr."""

    status: int
    body: str = field(default="", repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    def as_dict(self, with_body: bool = True) -> dict[str, Any]:
        """As Lambda returns it; a HEAD request gets the headers alone."""
        return {
            "statusCode": self.status,
            "headers": {**_ALWAYS, **self.headers},
            "body": self.body if with_body else "",
        }


@dataclass(frozen=True)
class Markup:
    """Text that is HTML already: everything else is escaped."""

    text: str


def page(
    name: str,
    title: str,
    status: int = 200,
    *,
    form_targets: str = "'self'",
    referrer: str = NO_REFERRER,
    **values: str | Markup,
) -> Response:
    """The page of this name in the common layout; `form_targets` may be posted to."""
    body = _BODIES[name].substitute({key: _escaped(value) for key, value in values.items()})
    whole = _LAYOUT.substitute(title=html.escape(title), style=_STYLE, script=_SCRIPT, body=body)
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": _policy(_STYLE, _SCRIPT, form_targets),
        "referrer-policy": referrer,
    }
    return Response(status, whole, headers)


def part(name: str, **values: str | Markup) -> Markup:
    """A piece of a page."""
    return Markup(_BODIES[name].substitute({key: _escaped(v) for key, v in values.items()}))


def time(when: datetime) -> Markup:
    """A moment in UTC, which the script turns into the reader's own time."""
    return Markup(f'<time datetime="{when:%Y-%m-%dT%H:%M:%SZ}">{html.escape(moment(when))}</time>')


def lines(text: str) -> Markup:
    """Text with its line breaks."""
    return Markup(html.escape(text).replace("\n", "<br>"))


def _escaped(value: str | Markup) -> str:
    return value.text if isinstance(value, Markup) else html.escape(value)


def see_other(url: str) -> Response:
    """Sends the browser on with a GET; `url` is a credential."""
    return Response(303, headers={"location": url, "referrer-policy": NO_REFERRER})


def _policy(style: str, script: str, form_targets: str) -> str:
    """Allows exactly this style and script, by their hashes, and nothing from anywhere."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        f"img-src data:; form-action {form_targets}; base-uri 'none'; frame-ancestors 'none'"
    )


def _hash(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"
