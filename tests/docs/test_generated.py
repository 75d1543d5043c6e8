"""The documents say what the program says."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "docs"))

import generate  # noqa: E402

DOCUMENTS = list(generate.documents())
_LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)(?:#([^)]+))?\)")


@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_generated_parts_are_up_to_date(document: Path) -> None:
    """What stands in a generated part is what its command prints now; else run `make docs`."""
    written = document.read_text("utf-8")

    generated = generate.regenerate(written)

    assert generate.without_varying(written) == generate.without_varying(generated)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link names a file of the repository and a heading that is in it."""
    text = document.read_text("utf-8")

    for target, heading in _LINK.findall(text):
        file = document.parent / target
        assert file.exists(), target
        assert not heading or heading in _anchors(file), f"{target}#{heading}"


def _anchors(file: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in headings}
