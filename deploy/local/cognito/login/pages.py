"""The login pages' HTML: plain forms, one style, no script. Pure.

Every value is escaped here; callers pass plain text.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape

_STYLE = """
:root { color-scheme: light dark; background: light-dark(#fff, #181818);
  color: light-dark(#111, #eee); }
a { color: light-dark(#0645ad, #8ab4f8); }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 3rem auto; padding: 0 1rem; }
label { display: block; margin-top: 1rem; }
input, button { font: inherit; width: 100%; box-sizing: border-box; padding: .6rem;
  border: 1px solid light-dark(#666, #999); }
button { margin-top: 1.5rem; }
code { overflow-wrap: anywhere; }
[role=alert] { border-left: .25rem solid #c00; padding-left: .75rem; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def policy(form_target: str = "") -> str:
    """The Content-Security-Policy; browsers hold `form-action` against redirects as well."""
    return (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
        f"form-action 'self' {form_target}; frame-ancestors 'none'"
    )


def sign_in(query: str, sentence: str = "", name: str = "") -> str:
    return _page(
        "Sign in",
        sentence,
        _form(
            f"login?{query}",
            "Sign in",
            _field("E-mail address", "username", "email", "username", name),
            _field("Password", "password", "password", "current-password"),
            _hidden("step", "sign-in"),
        ),
        f'<p><a href="forgotPassword?{escape(query)}">Forgot your password?</a></p>',
    )


def new_password(query: str, attempt: str, name: str, rule: str, sentence: str = "") -> str:
    return _page(
        "Choose a password",
        sentence,
        _form(
            f"login?{query}",
            "Set password",
            _unseen_name(name),
            _field(f"New password ({rule})", "password", "password", "new-password"),
            _hidden("step", "new-password"),
            _hidden("attempt", attempt),
        ),
    )


def code(query: str, attempt: str, sentence: str = "") -> str:
    form = _code_form(query, attempt, "Sign in")
    return _page("Your authenticator app", sentence, form)


def set_up(query: str, attempt: str, secret: str, link: str, sentence: str = "") -> str:
    return _page(
        "Set up an authenticator app",
        sentence,
        f'<p>Add this key to your app: <code id="secret">{escape(secret)}</code>, '
        f'or <a href="{escape(link)}">open it in an app on this device</a>.</p>',
        _code_form(query, attempt, "Sign in"),
    )


def forgot(query: str) -> str:
    return _page(
        "Forgot your password?",
        "",
        _form(
            f"forgotPassword?{query}",
            "Mail me a code",
            _field("E-mail address", "username", "email", "username"),
        ),
    )


def reset(query: str, name: str, rule: str, sentence: str = "") -> str:
    return _page(
        "Choose a new password",
        sentence,
        "<p>If this address has an account here, a code is on its way to it.</p>",
        _form(
            f"confirmForgotPassword?{query}",
            "Set password",
            _unseen_name(name),
            _field("Code from the mail", "code", "text", "one-time-code"),
            _field(f"New password ({rule})", "password", "password", "new-password"),
        ),
    )


def error(sentence: str) -> str:
    return _page("This did not work", sentence)


def _page(title: str, sentence: str, *parts: str) -> str:
    said = f'<p role="alert">{escape(sentence)}</p>' if sentence else ""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{said}{''.join(parts)}</main></body></html>"
    )


def _form(action: str, button: str, *fields: str) -> str:
    return (
        f'<form method="post" action="{escape(action)}">{"".join(fields)}'
        f"<button>{escape(button)}</button></form>"
    )


def _code_form(query: str, attempt: str, button: str) -> str:
    return _form(
        f"login?{query}",
        button,
        _field("Code", "code", "text", "one-time-code"),
        _hidden("step", "code"),
        _hidden("attempt", attempt),
    )


def _field(label: str, name: str, kind: str, autocomplete: str, value: str = "") -> str:
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" autocomplete="{autocomplete}" '
        f'value="{escape(value)}" required>'
    )


def _unseen_name(name: str) -> str:
    """Whose password it is, for the browser that keeps it."""
    return f"<div hidden>{_field('E-mail address', 'username', 'email', 'username', name)}</div>"


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'
