"""The map in docs/contributing.md leads to places that are there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "docs/contributing.md").read_text("utf-8")
# A path may leave out the first folder: packages are known by their names.
BEGINNINGS = ("", "lambda_src", "deploy")
# What is in backquotes and looks like a path, but for a route.
PATHS = [
    mention
    for mention in re.findall(r"`([\w./-]+)`", MAP)
    if ("/" in mention or mention.endswith((".py", ".yaml"))) and mention != "/d/"
]


def places() -> Iterator[tuple[str, Path | None]]:
    """Each path on the map, with where it leads; a short name stands in the folder last named."""
    folder = ROOT
    for mention in PATHS:
        candidates = [ROOT / beginning / mention for beginning in BEGINNINGS]
        if "/" not in mention:
            candidates = [folder / mention]
        found = next((place for place in candidates if place.exists()), None)
        if found:
            folder = found if found.is_dir() else found.parent
        yield mention, found


@pytest.mark.parametrize(("mention", "place"), list(places()))
def test_every_place_on_the_map_is_there(mention: str, place: Path | None) -> None:
    """A short name stands in the folder that was named last."""
    assert place is not None, f"{mention} leads nowhere"


def test_the_map_names_places() -> None:
    assert len(set(PATHS)) > 50


def test_every_folder_is_in_the_picture() -> None:
    """A new package or folder of the tool has to be drawn."""
    picture = (ROOT / "docs/house.svg").read_text("utf-8")

    for parent in ("lambda_src", "deploy"):
        for folder in (ROOT / parent).iterdir():
            if (folder / "__init__.py").exists():
                assert f">{folder.name}<" in picture
