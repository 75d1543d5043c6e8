"""The brand as functions read it from the zip."""

from __future__ import annotations

from pathlib import Path

import pytest
from brand.brand import BRAND, Brand, brand_in


def test_a_zip_without_the_file_has_no_brand(tmp_path: Path) -> None:
    assert brand_in(tmp_path) == Brand()
    assert Brand() == BRAND


def test_a_file_that_is_broken_is_no_brandless_one(tmp_path: Path) -> None:
    """It would be a fault of ours; a function that does not start is seen at once."""
    (tmp_path / "brand.json").write_text("{")

    with pytest.raises(ValueError):
        brand_in(tmp_path)
