"""The map in docs/contributing.md leads to rooms that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "docs/contributing.md").read_text()
# What is in backquotes and looks like a path; `deploy/local/<service>/` stands for many.
PATHS = sorted(
    {
        mention
        for mention in re.findall(r"`([\w./-]+)`", MAP)
        if "/" in mention or mention.endswith((".py", ".yaml"))
    }
    - {"/d/"}
)
PLACES = [
    path.relative_to(ROOT).as_posix()
    for folder in (".ci", "benchmarks", "cloudformation", "deploy", "docs", "lambda_src", "tests")
    for path in [ROOT / folder, *(ROOT / folder).rglob("*")]
]


def test_the_map_names_places() -> None:
    assert len(PATHS) > 50


@pytest.mark.parametrize("mention", PATHS)
def test_every_place_on_the_map_is_there(mention: str) -> None:
    """A path may be short, as in a walk that goes on in the same folder."""
    path = mention.rstrip("/")

    assert any(place == path or place.endswith(f"/{path}") for place in PLACES)


def test_every_folder_is_on_the_map_or_in_its_picture() -> None:
    """A new package or folder of the tool has to be drawn."""
    picture = (ROOT / "docs/house.svg").read_text()

    for parent in ("lambda_src", "deploy"):
        for folder in (ROOT / parent).iterdir():
            if (folder / "__init__.py").exists():
                assert f">{folder.name}<" in picture
