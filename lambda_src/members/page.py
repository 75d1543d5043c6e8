"""The page of the members area: a single file that needs no other, and may load none.

The HTML, CSS and JavaScript in the folder `page/` are put together once, when this is imported.
Nothing that a member may see is in it, only where the login is. Pure.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from web_pages.document import STYLE, Markup, Script, document, file_text
from web_pages.response import Response

_FOLDER = Path(__file__).with_name("page")
# Each file uses the names of those before it.
_SCRIPTS = (
    "screen.js",
    "store.js",
    "login.js",
    "session.js",
    "api.js",
    "versions.js",
    "survey.js",
    "answers.js",
    "main.js",
)
_BODY = Template(file_text(_FOLDER / "page.html"))
_STYLE = f"{STYLE}\n{file_text(_FOLDER / 'members.css')}"
_SCRIPT = Script("\n".join(file_text(_FOLDER / name) for name in _SCRIPTS), is_module=True)
_UNWELL = Markup(file_text(_FOLDER / "unwell.html"))

_TITLE = "Members area"
# To this machine itself nothing goes over a network.
_ADDRESS = re.compile(
    r"(https://[\w.-]+|http://(127\.0\.0\.1|([\w-]+\.)*localhost))(:\d{1,5})?(/[!-~]*)?", re.ASCII
)


@dataclass(frozen=True)
class PageConfig:
    """Where the login is, and who asks. Raises ValueError for an address that is none."""

    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    logout_endpoint: str
    issuer: str
    client_id: str
    scope: str  # as it is asked for: "openid s3link-members/use"
    redirect_uri: str

    def __post_init__(self) -> None:
        for field in fields(self):
            is_address = field.name not in ("client_id", "scope")
            if is_address and not _ADDRESS.fullmatch(getattr(self, field.name)):
                raise ValueError(f"The login's {field.name} is no https address.")


def page_of(config: PageConfig) -> Response:
    """The whole page, for anybody."""
    body = Markup(_BODY.substitute(config=_as_script_data(config)))
    login = sorted({_origin(config.token_endpoint), _origin(config.revocation_endpoint)})
    policy = {
        "connect-src": " ".join(["'self'", *login]),
        # No text can become markup or code, by whichever mistake.
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return document(_TITLE, body, _SCRIPT, style=_STYLE, form_targets="'none'", more_policy=policy)


def unwell_page() -> Response:
    """When nobody can sign in, because the login does not say where it is."""
    return document(_TITLE, _UNWELL, None, 503, form_targets="'none'")


def _as_script_data(config: PageConfig) -> str:
    """JSON that cannot end the script element around it."""
    text = json.dumps(asdict(config))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
