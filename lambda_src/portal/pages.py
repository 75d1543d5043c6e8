"""Pages as the portal answers with them: HTML from the files in `pages/`, every value escaped, in
the layout that all pages of s3link have. Pure."""

from __future__ import annotations

import html
from datetime import datetime
from pathlib import Path
from string import Template

from files.store import StoredFile
from function.text import moment
from mail.named_senders import sender_now
from web_pages.document import STYLE, Markup, Script, document, escaped, file_text
from web_pages.response import NO_REFERRER, Response

from portal.settings import Settings

_FOLDER = Path(__file__).with_name("pages")
_LOCAL_TIME = file_text(_FOLDER / "local_time.js")
_SCRIPT = Script(_LOCAL_TIME)
_SHARE_SCRIPT = Script(f"{_LOCAL_TIME}\n{file_text(_FOLDER / 'share.js')}", is_module=True)
_SHARE_STYLE = f"{STYLE}\n{file_text(_FOLDER / 'share.css')}"
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


def share_page(
    title: str, *, form_targets: str, downloads_from: str, **values: str | Markup
) -> Response:
    """The page of a share. Its script asks this site for each file's URL, and opens that in a frame
    of its own."""
    return document(
        title,
        part("share", **values),
        _SHARE_SCRIPT,
        style=_SHARE_STYLE,
        form_targets=form_targets,
        more_policy={"connect-src": "'self'", "frame-src": downloads_from},
    )


def part(name: str, **values: str | Markup) -> Markup:
    """A piece of a page."""
    return Markup(_BODIES[name].substitute({key: escaped(v) for key, v in values.items()}))


def time(when: datetime) -> Markup:
    """A moment in UTC, which the script turns into the reader's own time."""
    return Markup(f'<time datetime="{when:%Y-%m-%dT%H:%M:%SZ}">{html.escape(moment(when))}</time>')


def sender_shown(file: StoredFile, settings: Settings) -> Markup | str:
    """Who shares the file, where that is said and allowed; else who sends the mails."""
    sender = sender_now(file, settings.senders)
    return isolated(sender.shown) if sender else settings.sender


def isolated(text: str) -> Markup:
    """Text that may run in another direction than the words around it."""
    return Markup(f"<bdi>{html.escape(text)}</bdi>")


def lines(text: str) -> Markup:
    """Text with its line breaks."""
    return Markup(html.escape(text).replace("\n", "<br>"))
