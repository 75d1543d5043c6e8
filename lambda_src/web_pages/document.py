"""A whole page: the common layout around a body, one style and one script, and a policy that
allows these by their hashes and nothing from anywhere. Pure."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from brand.brand import BRAND, Brand

from web_pages.branding import brand_head, brand_style
from web_pages.response import NO_REFERRER, Response

_NOTHING: Mapping[str, str] = {}


def file_text(path: Path) -> str:
    """A file of a page, as it is put into it."""
    return path.read_text(encoding="utf-8").strip()


_HERE = Path(__file__).parent
_LAYOUT = Template(file_text(_HERE / "layout.html"))
STYLE = file_text(_HERE / "style.css")


@dataclass(frozen=True)
class Markup:
    """Text that is HTML already: everything else is escaped."""

    text: str


@dataclass(frozen=True)
class Script:
    """A script inside a page; a module's names are its own."""

    source: str
    is_module: bool = False

    @property
    def tag(self) -> str:
        kind = ' type="module"' if self.is_module else ""
        return f"<script{kind}>{self.source}</script>"


def escaped(value: str | Markup) -> str:
    return value.text if isinstance(value, Markup) else html.escape(value)


def document(
    title: str,
    body: Markup,
    script: Script | None,
    status: int = 200,
    *,
    style: str = STYLE,
    form_targets: str = "'self'",
    more_policy: Mapping[str, str] = _NOTHING,
    referrer: str = NO_REFERRER,
    brand: Brand = BRAND,
) -> Response:
    """The body in the common layout, headed by the brand; `form_targets` may be posted to."""
    style += brand_style(brand)
    whole = _LAYOUT.substitute(
        title=html.escape(title),
        style=style,
        script=script.tag if script else "",
        brand=brand_head(brand),
        body=body.text,
    )
    policy = {
        "default-src": "'none'",
        "style-src": _hash(style),
        "script-src": _hash(script.source) if script else "'none'",
        "img-src": "data:",
        "form-action": form_targets,
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        **more_policy,
    }
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "; ".join(f"{key} {value}" for key, value in policy.items()),
        "referrer-policy": referrer,
    }
    return Response(status, whole, headers)


def _hash(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"
