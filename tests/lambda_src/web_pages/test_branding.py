"""What pages have of the brand, and that without one they are as they always were."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
from brand.brand import Brand, Colours, Shades
from web_pages.document import STYLE, Markup, document
from web_pages.response import Response

LIGHT = Shades("#0b8f6a", "#000000", "#0a835f", "#ffffff")
DARK = Shades("#3ddba8", "#000000", "#3ddba9", "#000001")
LOGO = "data:image/svg+xml;base64,PHN2Zy8+"
BRANDS = {
    "a name": Brand(name="Lighthouse"),
    "a colour": Brand(colours=Colours(LIGHT, DARK)),
    "a logo": Brand(name="Lighthouse", logo=LOGO),
    "all of it": Brand("Lighthouse", LOGO, Colours(LIGHT, DARK)),
}


def page(brand: Brand) -> Response:
    return document("Title", Markup("<h1>Heading</h1>"), None, brand=brand)


def policy(brand: Brand) -> dict[str, str]:
    entries = page(brand).headers["content-security-policy"].split("; ")
    return dict(entry.split(" ", 1) for entry in entries)


def style(brand: Brand) -> str:
    [found] = re.findall("<style>(.*?)</style>", page(brand).body, re.DOTALL)
    return str(found)


def test_a_page_without_a_brand_is_as_ever() -> None:
    """To the letter, and so is its policy; the file that this compares with was never branded."""
    plain = page(Brand())

    assert style(Brand()) == STYLE
    assert "<main>\n<h1>Heading</h1>\n</main>" in plain.body
    assert "brand" not in plain.body
    assert document("Title", Markup("<h1>Heading</h1>"), None) == plain


@pytest.mark.parametrize("brand", BRANDS.values(), ids=BRANDS)
def test_the_policy_allows_the_brands_style_and_nothing_more(brand: Brand) -> None:
    """Only the hash of the style differs; an image may come from the page itself, as ever."""
    digest = base64.b64encode(hashlib.sha256(style(brand).encode()).digest()).decode()

    assert policy(brand) == {**policy(Brand()), "style-src": f"'sha256-{digest}'"}
    assert policy(brand)["img-src"] == "data:"


@pytest.mark.parametrize("kind", ["a name", "a logo", "all of it"])
def test_name_and_logo_head_the_page(kind: str) -> None:
    """The logo says nothing to those who hear the name beside it."""
    image = f'<img src="{LOGO}" alt="">' if BRANDS[kind].logo else ""

    assert (
        f'<main>\n<p class="brand">{image}<span dir="auto">Lighthouse</span></p>\n<h1>'
        in page(BRANDS[kind]).body
    )


def test_a_wide_logo_stands_alone() -> None:
    """It shows the name; those who do not see it are told."""
    wide = Brand('Lighthouse "X"', LOGO, logo_is_wide=True)

    assert (
        f'<main>\n<p class="brand"><img src="{LOGO}" alt="Lighthouse &quot;X&quot;"></p>\n<h1>'
        in page(wide).body
    )


def test_a_name_is_text() -> None:
    body = page(Brand(name='<script>"$body"</script>')).body

    assert '<span dir="auto">&lt;script&gt;&quot;$body&quot;&lt;/script&gt;</span>' in body


def test_every_shade_has_its_place() -> None:
    """Eight colours, each where its scheme is."""
    text = style(BRANDS["a colour"]).removeprefix(STYLE)
    light, dark = text.split("@media (prefers-color-scheme: dark)")

    for shades, part in ((LIGHT, light), (DARK, dark)):
        assert f"--button: {shades.button}; --on-button: {shades.on_button}" in part
        assert f"--accent: {shades.accent}; --on-accent: {shades.on_accent}" in part
    assert ".brand" not in text


def test_no_page_goes_round_the_common_layout() -> None:
    """Every page of portal and members area is a `document`, and so has the brand."""
    sources = Path(__file__).parents[3] / "lambda_src"
    own = [
        str(path.relative_to(sources))
        for path in sources.rglob("*")
        if path.suffix in (".py", ".html") and "<!DOCTYPE html>" in path.read_text("utf-8")
    ]

    assert own == ["web_pages/layout.html"]
