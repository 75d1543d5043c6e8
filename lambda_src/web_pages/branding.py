"""What a page has of the brand: a line above its content, a style behind the usual one. Pure."""

from __future__ import annotations

import html
from dataclasses import asdict
from pathlib import Path
from string import Template

from brand.brand import Brand

_HERE = Path(__file__).parent


def _template(name: str) -> Template:
    return Template((_HERE / name).read_text(encoding="utf-8").strip())


_HEAD_STYLE = _template("brand_head.css")
_COLOUR_STYLE = _template("brand_colour.css")


def brand_head(brand: Brand) -> str:
    """Logo and name as HTML, in a line of its own; empty without either."""
    if not brand.name:
        return ""
    name = html.escape(brand.name)
    # A name in letters says what is to be seen; a wide logo needs none beside it.
    letters = "" if brand.logo_is_wide else f'<span dir="auto">{name}</span>'
    said = name if brand.logo_is_wide else ""
    logo = f'<img src="{html.escape(brand.logo)}" alt="{said}">' if brand.logo else ""
    return f'<p class="brand">{logo}{letters}</p>\n'


def brand_style(brand: Brand) -> str:
    """What follows the usual style; empty without a brand."""
    parts = [_HEAD_STYLE.substitute()] if brand.name else []
    if brand.colours:
        shades = {
            f"{scheme}_{use}": value
            for scheme, uses in asdict(brand.colours).items()
            for use, value in uses.items()
        }
        parts.append(_COLOUR_STYLE.substitute(shades))
    return "".join(f"\n{part}" for part in parts)
