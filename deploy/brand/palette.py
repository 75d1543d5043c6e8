"""What becomes of a brand's colours on pages and in mails, and which can be used. Pure.

A button has the colour itself, so that it is the brand's; its text is white or black, whichever can
be read. Links, outlines and other small things take the nearest shade that can be read as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.brand.colours import Colour, colour_of, contrast, nearest

# What buttons and links stand on, in each scheme: --card in web_pages/style.css, and in the mails.
CARDS: Mapping[str, Colour] = {
    "light": Colour(0xFF, 0xFF, 0xFF),
    "dark": Colour(0x23, 0x26, 0x2D),
}
# WCAG 2.2, level AA: 1.4.3 for text, 1.4.11 for what shows where a control is.
TEXT_CONTRAST = 4.5
CONTROL_CONTRAST = 3.0

_WHITE, _BLACK = Colour(255, 255, 255), Colour(0, 0, 0)


@dataclass(frozen=True)
class Colours:
    """A brand's colour in each scheme; mostly the same one."""

    light: Colour
    dark: Colour

    def __str__(self) -> str:
        return str(self.light) if self.light == self.dark else f"{self.light},{self.dark}"


def colours_of(text: str) -> Colours | None:
    """One colour for both schemes, or two with a comma between them; None for anything else."""
    parts = [colour_of(part.strip()) for part in text.split(",")]
    if len(parts) > len(CARDS) or parts[0] is None or parts[-1] is None:
        return None
    return Colours(parts[0], parts[-1])


def problem_of(colours: Colours) -> str | None:
    """Why these cannot be used, with the nearest that can; None when they can."""
    pale = [scheme for scheme in CARDS if not _stands_out(getattr(colours, scheme), scheme)]
    if not pale:
        return None
    [scheme, *_] = pale
    colour = getattr(colours, scheme)
    ratio = int(contrast(colour, CARDS[scheme]) * 100) / 100  # never rounded up to what is needed
    said = (
        f"a button of {colour} has a contrast of {ratio:.2f}:1 to the page in {scheme} mode, and "
        f"{CONTROL_CONTRAST:.0f}:1 is needed to see it"
    )
    each = Colours(*(_usable(getattr(colours, scheme), scheme) for scheme in CARDS))
    if colours.light != colours.dark:
        return f'{said}; the nearest that pass are "{each}"'
    both = nearest(colours.light, lambda one: all(_stands_out(one, name) for name in CARDS))
    return (
        f'{said}; the nearest that passes in both modes is "{both}", or give one for each: "{each}"'
    )


def shades_of(colours: Colours) -> dict[str, dict[str, str]]:
    """For each scheme the colours of buttons and of what is small, with the text on each."""
    return {scheme: _shades(getattr(colours, scheme), card) for scheme, card in CARDS.items()}


def _shades(colour: Colour, card: Colour) -> dict[str, str]:
    accent = nearest(colour, lambda one: contrast(one, card) >= TEXT_CONTRAST)
    return {
        "button": str(colour),
        "on_button": str(_text_on(colour)),
        "accent": str(accent),
        "on_accent": str(_text_on(accent)),
    }


def _text_on(colour: Colour) -> Colour:
    """White where it can be read; where not, black can: one of them always has 4.5:1."""
    return _WHITE if contrast(_WHITE, colour) >= TEXT_CONTRAST else _BLACK


def _stands_out(colour: Colour, scheme: str) -> bool:
    return contrast(colour, CARDS[scheme]) >= CONTROL_CONTRAST


def _usable(colour: Colour, scheme: str) -> Colour:
    return nearest(colour, lambda one: _stands_out(one, scheme))
