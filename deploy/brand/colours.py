"""Colours as sRGB has them, how they contrast, and which is nearest to another. Pure.

Contrast is that of WCAG 2.2. Nearness is measured in OKLab (Ottosson, "A perceptual color space for
image processing"), where equal distances look equally large. A brand's blue stays blue: what is
near is darker, lighter or greyer, but of the same hue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import inf

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
# A search looks at so many lightnesses and shares of the chroma, and then more closely around the
# best of them.
_LIGHTNESSES, _CHROMAS = 60, 20
_ZOOMS = (1.0, 0.05, 0.004)


@dataclass(frozen=True)
class Colour:
    """An opaque colour; each part is 0 to 255."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @cached_property
    def _linear(self) -> tuple[float, float, float]:
        red, green, blue = (_linear(part) for part in (self.red, self.green, self.blue))
        return red, green, blue

    @property
    def luminance(self) -> float:
        """Relative luminance as WCAG 2.2 defines it: 0 is black, 1 is white."""
        red, green, blue = self._linear
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    @cached_property
    def oklab(self) -> tuple[float, float, float]:
        red, green, blue = self._linear
        long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
        medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
        short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
        return (
            0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
            1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
            0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
        )

    def distance(self, other: Colour) -> float:
        """How different two colours look, as a square."""
        pairs = zip(self.oklab, other.oklab, strict=True)
        return sum((one - another) ** 2 for one, another in pairs)


def colour_of(text: str) -> Colour | None:
    """The colour written as #rrggbb; None for anything else."""
    if not _HEX.fullmatch(text):
        return None
    red, green, blue = bytes.fromhex(text[1:])
    return Colour(red, green, blue)


def contrast(one: Colour, other: Colour) -> float:
    """1 for the same colour, up to 21 for black and white."""
    low, high = sorted((one.luminance, other.luminance))
    return (high + 0.05) / (low + 0.05)


def nearest(wanted: Colour, passes: Callable[[Colour], bool]) -> Colour:
    """The colour that looks most like the one `wanted`, of its hue, among those that pass.

    Raises ValueError when none does.
    """
    if passes(wanted):
        return wanted
    best, least = wanted, inf
    lightness, chroma = 0.5, 0.5
    for zoom in _ZOOMS:
        for near, share in _around(lightness, chroma, zoom):
            colour = _of_oklab(near, *(part * share for part in wanted.oklab[1:]))
            if colour is None or not passes(colour):
                continue
            distance = colour.distance(wanted)
            if distance < least:
                best, least, lightness, chroma = colour, distance, near, share
    if least == inf:
        raise ValueError("No colour passes.")
    return best


def _around(lightness: float, chroma: float, zoom: float) -> Iterator[tuple[float, float]]:
    """Lightnesses and shares of the chroma in a window of this size, none outside of 0 to 1."""
    for row in range(_LIGHTNESSES + 1):
        near = lightness + (row / _LIGHTNESSES - 0.5) * zoom
        for column in range(_CHROMAS + 1):
            share = chroma + (column / _CHROMAS - 0.5) * zoom
            if 0 <= near <= 1 and 0 <= share <= 1:
                yield near, share


def _of_oklab(lightness: float, a: float, b: float) -> Colour | None:
    """None for what no screen shows."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    parts = [round(255 * _encoded(part)) for part in linear]
    return Colour(*parts) if all(0 <= part <= 255 for part in parts) else None


def _encoded(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else float(1.055 * part ** (1 / 2.4) - 0.055)


def _linear(part: int) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
