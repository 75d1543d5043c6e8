"""The pages' HTML: files in `pages/`, with every value escaped. Pure."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import Template

from function.text import moment

from portal.responses import NO_REFERRER, Response, content_security_policy
from portal.responses import html as html_response

_FOLDER = Path(__file__).with_name("pages")


def _file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8").strip()


_LAYOUT = Template(_file("layout.html"))
_STYLE = _file("portal.css")
_SCRIPT = _file("local_time.js")
_BODIES = {path.stem: Template(_file(path.name)) for path in _FOLDER.glob("*.html")}


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
    policy = content_security_policy(_STYLE, _SCRIPT, form_targets)
    return html_response(status, whole, policy, referrer)


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
