"""The inbox page and the documents it shows, each with the narrowest policy that lets it work.

Mails are somebody else's HTML. A mail is shown in a sandboxed frame, from a document of its own
whose policy allows inline styles and nothing else: no script, no form, no request to anywhere.
"""

from __future__ import annotations

import re
from html import escape
from importlib.resources import files
from string import Template

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.inbox.mailbox import Mail

_PAGES = files("deploy.local.inbox") / "pages"
_TYPES = {"inbox.css": "text/css", "inbox.js": "text/javascript"}

_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-downloads; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'"
)
_HEAD = re.compile(r"<head(?:\s[^>]*)?>", re.IGNORECASE)
# Links open in a tab of their own; the sandbox would not let them leave the frame otherwise.
_NEW_TAB = '<base target="_blank">'


def page() -> Response:
    """The inbox; its script fetches the mails."""
    template = Template((_PAGES / "inbox.html").read_text("utf-8"))
    html = template.substitute(access_key=LOCAL_ACCESS_KEY, secret_key=LOCAL_SECRET_KEY)
    return _document(html, _PAGE_POLICY)


def asset(name: str) -> Response:
    """A style sheet or script of the inbox."""
    if name not in _TYPES:
        raise NotFound("There is no such page.")
    return Response((_PAGES / name).read_bytes(), mimetype=_TYPES[name])


def mail_document(mail: Mail) -> Response:
    """A mail's HTML for the frame; a mail that has only text gets none."""
    html, inserted = _HEAD.subn(lambda match: match.group() + _NEW_TAB, mail.html, count=1)
    if not inserted:
        html = f"<!DOCTYPE html>{_NEW_TAB}{mail.html}"
    return _document(html, _MAIL_POLICY)


def notice(title: str, html: str) -> Response:
    """A short page that answers a click in a mail; `html` is escaped already."""
    template = Template((_PAGES / "notice.html").read_text("utf-8"))
    return _document(template.substitute(title=escape(title), message=html), _PAGE_POLICY)


def _document(html: str, policy: str) -> Response:
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = policy
    return response
