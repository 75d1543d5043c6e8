"""Contrast as WCAG 2.2 reckons it, and the colour that looks most like another."""

from __future__ import annotations

import colorsys
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.brand.colours import Colour, colour_of, contrast, nearest
from deploy.brand.palette import (
    CARDS,
    CONTROL_CONTRAST,
    TEXT_CONTRAST,
    Colours,
    colours_of,
    problem_of,
    shades_of,
)
from tests.tools import ROOT

WHITE, BLACK = Colour(255, 255, 255), Colour(0, 0, 0)

parts = st.integers(0, 255)
any_colour = st.builds(Colour, parts, parts, parts)


def stands_out(colour: Colour) -> bool:
    return all(contrast(colour, card) >= CONTROL_CONTRAST for card in CARDS.values())


def hue(colour: Colour) -> float:
    return colorsys.rgb_to_hsv(colour.red, colour.green, colour.blue)[0]


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        (WHITE, BLACK, 21.0),
        (WHITE, WHITE, 1.0),
        (Colour(0x77, 0x77, 0x77), WHITE, 4.478),  # the grey that just fails, as WebAIM says
        (Colour(0x76, 0x76, 0x76), WHITE, 4.542),
        (Colour(255, 0, 0), WHITE, 3.998),
    ],
)
def test_contrast_is_that_of_the_guidelines(one: Colour, other: Colour, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.001)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#0b57d0", Colour(0x0B, 0x57, 0xD0)),
        ("#0B57D0", Colour(0x0B, 0x57, 0xD0)),
        *((text, None) for text in ("0b57d0", "#0b5", "#0b57d", "#0b57d00", "blue", "", "#٠b57d0")),
    ],
)
def test_a_colour_is_six_digits(text: str, colour: Colour | None) -> None:
    assert colour_of(text) == colour


def test_oklab_is_ottossons() -> None:
    """His own table: of red, the lightness and the two axes."""
    assert Colour(255, 0, 0).oklab == pytest.approx((0.628, 0.225, 0.126), abs=0.001)
    assert WHITE.oklab == pytest.approx((1, 0, 0), abs=0.001)


GREYS = [Colour(part, part, part) for part in range(256)]


@given(any_colour)
def test_the_nearest_passes_and_looks_most_alike(wanted: Colour) -> None:
    """A grey is the most that a hue may lose, so no grey that passes looks more like it."""
    found = nearest(wanted, stands_out)

    greys = [sqrt(grey.distance(wanted)) for grey in GREYS if stands_out(grey)]
    assert stands_out(found)
    # The parts of a colour are rounded, which is less than anybody sees.
    assert sqrt(found.distance(wanted)) <= min(greys) + 0.005


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#ff6600", "#fa660a"),
        ("#008000", "#0c810a"),
        ("#0b57d0", "#2469df"),
        ("#000000", "#6f6f6f"),
    ],
)
def test_little_is_changed_where_little_is_wrong(text: str, found: str) -> None:
    wanted = colour_of(text)
    assert wanted

    assert str(nearest(wanted, stands_out)) == found


@pytest.mark.parametrize("text", ["#003366", "#ffcc00", "#6f2c91", "#006600", "#0b57d0"])
def test_blue_stays_blue(text: str) -> None:
    wanted = colour_of(text)
    assert wanted

    assert hue(nearest(wanted, stands_out)) == pytest.approx(hue(wanted), abs=0.04)


def test_grey_stays_grey() -> None:
    found = nearest(BLACK, stands_out)

    assert found.red == found.green == found.blue


def test_what_passes_is_its_own_nearest() -> None:
    assert nearest(Colour(0, 0x78, 0xD4), stands_out) == Colour(0, 0x78, 0xD4)


def test_nothing_may_pass() -> None:
    with pytest.raises(ValueError):
        nearest(WHITE, lambda _: False)


@given(any_colour, any_colour)
def test_everything_drawn_in_a_brands_colours_can_be_read(light: Colour, dark: Colour) -> None:
    """Text on buttons and text in the accent's shade, whichever the colours."""
    for scheme, shades in shades_of(Colours(light, dark)).items():
        colours = {use: colour_of(text) for use, text in shades.items()}
        button, accent = colours["button"], colours["accent"]
        on_button, on_accent = colours["on_button"], colours["on_accent"]

        assert button and accent and on_button and on_accent
        assert button == {"light": light, "dark": dark}[scheme]
        assert contrast(on_button, button) >= TEXT_CONTRAST
        assert contrast(on_accent, accent) >= TEXT_CONTRAST
        assert contrast(accent, CARDS[scheme]) >= TEXT_CONTRAST


@given(any_colour)
def test_what_a_refusal_names_is_taken(colour: Colour) -> None:
    """Each colour in quotes can be pasted as it stands."""
    problem = problem_of(Colours(colour, colour))

    assert (problem is None) == stands_out(colour)
    named = (problem or "").split('"')[1::2]
    assert len(named) == (2 if problem else 0)
    for text in named:
        pasted = colours_of(text)
        assert pasted
        assert problem_of(pasted) is None


def test_two_colours_are_judged_each_in_its_mode() -> None:
    pale = colours_of("#ffff00,#ffff00")
    assert pale

    assert problem_of(Colours(Colour(0, 0x33, 0x66), WHITE)) is None
    assert problem_of(Colours(WHITE, Colour(0, 0x33, 0x66))) == (
        "a button of #ffffff has a contrast of 1.00:1 to the page in light mode, and 3:1 is needed "
        'to see it; the nearest that pass are "#949494,#4471a7"'
    )


def test_the_cards_are_those_of_the_pages_and_mails() -> None:
    """What is judged here is what people see."""
    style = (ROOT / "lambda_src/web_pages/style.css").read_text("utf-8")
    light, dark = (str(card) for card in CARDS.values())

    assert style.index(f"--card: {light}") < style.index(f"--card: {dark}")
    for template in ("ses_email_sender.yaml", "link_portal.yaml"):
        mail = (ROOT / "cloudformation" / template).read_text("utf-8")
        assert f'class="card" bgcolor="{light}"' in mail
        assert f".card {{ background: {dark} !important; }}" in mail
