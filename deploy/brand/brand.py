"""A deployment's brand as s3link.toml has it.

The keys are checked when that is read; the logo's file when the zip is made, for only then it is
needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.brand.palette import Colours, colours_of, problem_of
from deploy.errors import ConfigurationError

NAME_KEY, COLOR_KEY, LOGO_KEY = BRAND_KEYS = ("brand_name", "brand_color", "brand_logo")
_LONGEST_NAME = 64  # characters
# Of the characters that cannot be seen, scripts and emojis need these two.
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"


@dataclass(frozen=True)
class Brand:
    """What was chosen of it; all of it empty is no brand. `source` names file and table."""

    name: str = ""
    colours: Colours | None = None
    logo: Path | None = None
    source: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.colours or self.logo)


NO_BRAND = Brand()


def brand_of(given: Mapping[str, str], folder: Path, source: str) -> Brand:
    """The brand that the keys give; the logo's path begins in `folder`.

    Raises ConfigurationError.
    """

    def refused(key: str, why: str) -> ConfigurationError:
        return refusal(key, given[key], source, why)

    if not given:
        return NO_BRAND
    colours = None
    if NAME_KEY in given and not _is_name(given[NAME_KEY]):
        raise refused(
            NAME_KEY,
            f"use up to {_LONGEST_NAME} characters on one line, and no space at either end",
        )
    if COLOR_KEY in given:
        colours = colours_of(given[COLOR_KEY])
        if colours is None:
            raise refused(
                COLOR_KEY,
                'type # and six hexadecimal digits, for example "#0b8f6a"; or two such for light '
                "and dark mode with a comma between them",
            )
        problem = problem_of(colours)
        if problem:
            raise refused(COLOR_KEY, problem)
    if LOGO_KEY in given and not given[LOGO_KEY]:
        raise refused(LOGO_KEY, "type the path of a PNG or SVG file")
    if LOGO_KEY in given and NAME_KEY not in given:
        raise refused(LOGO_KEY, f"it needs {NAME_KEY}, for those who do not see it")
    logo = folder / given[LOGO_KEY] if LOGO_KEY in given else None
    return Brand(given.get(NAME_KEY, ""), colours, logo, source)


def _is_name(text: str) -> bool:
    is_text = all(one.isprintable() or one in _JOINERS for one in text)
    return is_text and 1 <= len(text) <= _LONGEST_NAME and text == text.strip()


def refusal(key: str, value: str, source: str, why: str) -> ConfigurationError:
    """Why a key's value cannot be used, as a sentence; the value may be anything."""
    shown = "".join(one if one.isprintable() else "�" for one in value)
    return ConfigurationError(f'{key}: "{shown}" (from {source}) cannot be used: {why}.')
