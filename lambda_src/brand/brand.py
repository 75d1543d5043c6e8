"""Reads the brand from the zip, once. Its values were checked, and made safe, by the tool."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Shades:
    """What a colour becomes in one scheme, with the text that can be read on it; as #rrggbb.

    `button` is the brand's own; `accent` is its nearest shade that can be read as text.
    """

    button: str
    on_button: str
    accent: str
    on_accent: str


@dataclass(frozen=True)
class Colours:
    light: Shades
    dark: Shades


@dataclass(frozen=True)
class Brand:
    """What of it is empty stays as it is without a brand.

    `logo` is a data: URI; one that is wide mostly shows the name itself.
    """

    name: str = ""
    logo: str = ""
    colours: Colours | None = None
    logo_is_wide: bool = False


def brand_in(folder: Path) -> Brand:
    """The brand that the folder's brand.json has."""
    file = folder / "brand.json"
    if not file.exists():
        return Brand()
    content = json.loads(file.read_text(encoding="utf-8"))
    colours = content.get("colours")
    return Brand(
        name=content.get("name", ""),
        logo=content.get("logo", ""),
        colours=Colours(**{key: Shades(**value) for key, value in colours.items()})
        if colours
        else None,
        logo_is_wide=content.get("logo_is_wide", False),
    )


BRAND = brand_in(Path(__file__).parent)
