"""Pages as the portal answers with them: HTML from the files in `pages/`, every value escaped, in
the layout that all pages of s3link have. Pure."""

from __future__ import annotations

import html
from datetime import datetime
from pathlib import Path
from string import Template

from function.text import moment
from web_pages.document import Markup, Script, document, escaped, file_text
from web_pages.response import NO_REFERRER, Response

_FOLDER = Path(__file__).with_name("pages")
_SCRIPT = Script(file_text(_FOLDER / "local_time.js"))
_BODIES = {path.stem: Template(file_text(path)) for path in _FOLDER.glob("*.html")}


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
    body = part(name, **values)
    return document(title, body, _SCRIPT, status, form_targets=form_targets, referrer=referrer)


def part(name: str, **values: str | Markup) -> Markup:
    """A piece of a page."""
    return Markup(_BODIES[name].substitute({key: escaped(v) for key, v in values.items()}))


def time(when: datetime) -> Markup:
    """A moment in UTC, which the script turns into the reader's own time."""
    return Markup(f'<time datetime="{when:%Y-%m-%dT%H:%M:%SZ}">{html.escape(moment(when))}</time>')


def isolated(text: str) -> Markup:
    """Text that may run in another direction than the words around it."""
    return Markup(f"<bdi>{html.escape(text)}</bdi>")


def lines(text: str) -> Markup:
    """Text with its line breaks."""
    return Markup(html.escape(text).replace("\n", "<br>"))
