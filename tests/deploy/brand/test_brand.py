"""A brand's three keys, and the file that carries it in the zip."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from brand.brand import Brand as CarriedBrand
from brand.brand import brand_in

from deploy.brand.brand import Brand, brand_of
from deploy.brand.carried import brand_file
from deploy.errors import ConfigurationError
from tests.deploy.brand.logos import SVG, png, svg

GREEN = "#0b8f6a"
SOURCE = "s3link.toml, [s3link]"


def brand(folder: Path = Path(), **keys: str) -> Brand:
    return brand_of({f"brand_{key}": value for key, value in keys.items()}, folder, SOURCE)


def problem(**keys: str) -> str:
    with pytest.raises(ConfigurationError) as failure:
        brand(**keys)
    return str(failure.value)


def problem_of_logo(folder: Path, logo: str = "logo.svg") -> str:
    with pytest.raises(ConfigurationError) as failure:
        brand_file(brand(folder, name="Lighthouse", logo=logo))
    return str(failure.value).replace(f"{folder}/", "")


def carried(folder: Path, chosen: Brand) -> CarriedBrand:
    """What the functions read of it."""
    content = brand_file(chosen)
    assert content
    (folder / "brand.json").write_bytes(content)
    return brand_in(folder)


def test_no_keys_are_no_brand() -> None:
    assert not brand()
    assert brand_file(brand()) is None


@pytest.mark.parametrize(("name", "content"), [("logo.svg", svg()), ("logo.png", png())])
def test_functions_read_what_was_chosen(tmp_path: Path, name: str, content: bytes) -> None:
    """The name, both schemes' colours, and the logo as it was made safe."""
    (tmp_path / name).write_bytes(content)

    read = carried(
        tmp_path, brand(tmp_path, name="Lighthouse & Söhne", color="#003366,#7fb2ff", logo=name)
    )

    assert read.name == "Lighthouse & Söhne"
    assert read.colours
    assert (read.colours.light.button, read.colours.dark.button) == ("#003366", "#7fb2ff")
    assert (read.colours.light.on_button, read.colours.dark.on_button) == ("#ffffff", "#000000")
    kind = "image/svg+xml" if name.endswith("svg") else "image/png"
    assert read.logo.startswith(f"data:{kind};base64,")
    assert b"editor" not in base64.b64decode(read.logo.partition(",")[2])


@pytest.mark.parametrize(
    ("width", "height", "is_wide"),
    [(48, 48, False), (120, 48, False), (121, 48, True), (9, 99, False)],
)
def test_a_wide_logo_says_the_name(tmp_path: Path, width: int, height: int, is_wide: bool) -> None:
    """Of a symbol one cannot tell; the same for both formats."""
    (tmp_path / "logo.svg").write_bytes(svg(attributes=f'viewBox="5 5 {width} {height}"'))
    (tmp_path / "logo.png").write_bytes(png(width, height))

    for logo in ("logo.svg", "logo.png"):
        read = carried(tmp_path, brand(tmp_path, name="Lighthouse", logo=logo))
        assert read.logo_is_wide == is_wide


def test_each_key_goes_alone_but_for_the_logo(tmp_path: Path) -> None:
    only_name = carried(tmp_path, brand(name="Lighthouse"))
    only_colour = carried(tmp_path, brand(color=GREEN))

    assert only_name == CarriedBrand(name="Lighthouse")
    assert only_colour.name == only_colour.logo == ""
    assert only_colour.colours
    assert problem(logo="logo.svg") == (
        f'brand_logo: "logo.svg" (from {SOURCE}) cannot be used: it needs brand_name, for those '
        "who do not see it."
    )


def test_the_file_is_the_same_wherever_it_is_made(tmp_path: Path) -> None:
    """Neither the logo's place nor its name is in it."""
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
    (tmp_path / "here/logo.svg").write_text(SVG)
    (tmp_path / "there/l.svg").write_text(SVG)

    here, there = (
        brand_file(brand(tmp_path / folder, name="Lighthouse", color=GREEN, logo=logo))
        for folder, logo in (("here", "logo.svg"), ("there", "l.svg"))
    )

    assert here == there
    assert here
    assert json.loads(here)["name"] == "Lighthouse"


@pytest.mark.parametrize(
    "name", ["Ä", "x" * 64, "ライトハウス", "فانوس", "👩‍🚀 Space", "می‌خواهم", 'A <b> & "c"']
)
def test_any_script_makes_a_name(name: str) -> None:
    assert brand(name=name).name == name


@pytest.mark.parametrize(
    "name", ["", " Ann", "Ann ", "x" * 65, "a\nb", "a\u202eb", "a\x7f", "a\tb"]
)
def test_a_name_is_one_short_line(name: str) -> None:
    shown = "".join(one if one.isprintable() else "�" for one in name)

    assert problem(name=name) == (
        f'brand_name: "{shown}" (from {SOURCE}) cannot be used: use up to 64 characters on one '
        "line, and no space at either end."
    )


@pytest.mark.parametrize(
    "color", ["", "green", "0b8f6a", "#0b8", "#0b8f6a,", "#0b8f6a," * 2 + "#0"]
)
def test_a_colour_is_typed_in_one_way(color: str) -> None:
    assert problem(color=color) == (
        f'brand_color: "{color}" (from {SOURCE}) cannot be used: type # and six hexadecimal '
        'digits, for example "#0b8f6a"; or two such for light and dark mode with a comma between '
        "them."
    )


def test_the_example_can_be_typed() -> None:
    [_, _, _, example, _] = problem(color="green").split('"')

    assert brand(color=example).colours


def test_a_colour_that_cannot_be_seen_is_refused_with_the_nearest() -> None:
    """The colours in the sentence can be pasted."""
    assert problem(color="#003366") == (
        f'brand_color: "#003366" (from {SOURCE}) cannot be used: a button of #003366 has a '
        "contrast of 1.20:1 to the page in dark mode, and 3:1 is needed to see it; the nearest "
        'that passes in both modes is "#4471a7", or give one for each: "#003366,#4471a7".'
    )
    assert brand(color="#4471a7")
    assert brand(color="#003366,#4471a7")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no file logo.svg"),
        (b"", "it is neither a PNG nor an SVG; save it as one of these"),
        (b"GIF89a", "it is neither a PNG nor an SVG; save it as one of these"),
        (b" " * 32_769, "it is larger than 32 KB; make it smaller"),
        (b"<svg" * 8192 + b">", "it is larger than 32 KB; make it smaller"),
        # Larger than that once it is written anew.
        (svg(f"<text>{'>' * 30_000}</text>"), "it is larger than 32 KB; make it smaller"),
        (svg("<script/>"), "it has a <script> element, which a logo does not need; remove it"),
        (png()[:-1], "it is no PNG that can be read (no end); save it again"),
    ],
)
def test_a_logo_that_cannot_be_used(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "logo.svg").write_bytes(content)

    assert problem_of_logo(tmp_path) == (
        f'brand_logo: "logo.svg" (from {SOURCE}) cannot be used: {said}.'
    )


def test_a_logo_of_32_kb_can_be_used(tmp_path: Path) -> None:
    """Comments count, for what is read is measured."""
    content = svg()
    (tmp_path / "logo.svg").write_bytes(content + b" " * (32_768 - len(content)))

    assert brand_file(brand(tmp_path, name="Lighthouse", logo="logo.svg"))


def test_a_folder_is_no_logo(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").mkdir()

    assert "there is no file logo.svg." in problem_of_logo(tmp_path)


def test_a_path_that_no_system_knows_is_refused(tmp_path: Path) -> None:
    assert 'brand_logo: "a�b" (from' in problem_of_logo(tmp_path, "a\0b")


def test_an_empty_path_is_refused() -> None:
    assert problem(name="Lighthouse", logo="") == (
        f'brand_logo: "" (from {SOURCE}) cannot be used: type the path of a PNG or SVG file.'
    )
