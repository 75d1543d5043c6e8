"""The Lambda zip: only our code in it, and the same bytes wherever it is made."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from pathlib import Path

import pytest

from deploy.assets import LAMBDA_SOURCES
from deploy.errors import PackageError
from deploy.package.lambda_zip import Package, build_zip
from tests.tools import ROOT

MODULES = {"function/__init__.py": b"", "function/handler.py": b"def handle(): ...\n", "z.py": b"1"}


def write_sources(directory: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return directory


def entries(package: Package) -> list[zipfile.ZipInfo]:
    return zipfile.ZipFile(io.BytesIO(package.content)).infolist()


def contents(package: Package) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(package.content))
    return {name: archive.read(name) for name in archive.namelist()}


def test_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    """Neither time, nor mode, nor the order in which files were written changes the zip."""
    first = write_sources(tmp_path / "first", MODULES)
    second = write_sources(tmp_path / "second", dict(reversed(MODULES.items())))
    os.utime(second / "z.py", (1_000_000_000, 1_000_000_000))
    (second / "z.py").chmod(0o600)

    packages = build_zip(first), build_zip(second)

    assert packages[0] == packages[1]


def test_the_bytes_do_not_depend_on_the_compressor(tmp_path: Path) -> None:
    """Files are stored as they are, since builds of zlib compress differently."""
    package = build_zip(write_sources(tmp_path, MODULES))

    assert {entry.compress_type for entry in entries(package)} == {zipfile.ZIP_STORED}


def test_the_bytes_are_the_ones_this_rule_has_always_given(tmp_path: Path) -> None:
    """A change of the recipe would upload and deploy every function anew, so it is no accident."""
    package = build_zip(write_sources(tmp_path, {"function/handler.py": b"def handle(): ...\n"}))

    assert package.sha256 == "25f61b0aebf3032f4f14ad76c8fea3c63a80277515388d5b0f0d6e91bdacec0e"


def test_a_changed_source_gives_another_name(tmp_path: Path) -> None:
    """The SHA-256 that names the zip follows its content."""
    before = build_zip(write_sources(tmp_path, MODULES))
    after = build_zip(write_sources(tmp_path, {"z.py": b"2"}))

    assert before.sha256 != after.sha256
    assert after.sha256 == hashlib.sha256(after.content).hexdigest()


@pytest.mark.parametrize(
    "unwanted",
    [
        "function/__pycache__/handler.cpython-311.py",
        "tests/test_handler.py",
        "function/tests/helper.py",
        ".hidden.py",
        ".venv/lib/module.py",
        "README.md",
        "function/data.json",
        "function/native.so",
    ],
)
def test_nothing_but_our_code_goes_in(tmp_path: Path, unwanted: str) -> None:
    """Caches, tests, hidden files and anything that is not Python source stay out."""
    sources = write_sources(tmp_path, {**MODULES, unwanted: b"x = 1\n"})

    package = build_zip(sources)

    assert [entry.filename for entry in entries(package)] == sorted(MODULES)


def test_lambda_can_read_every_file(tmp_path: Path) -> None:
    """Lambda's own user is not the owner of the files, so they are readable for all."""
    package = build_zip(write_sources(tmp_path, MODULES))

    assert {entry.external_attr >> 16 for entry in entries(package)} == {0o100644}


def test_the_real_sources_hold_the_handler_where_the_template_says() -> None:
    """The generator's handler is `link_generator.handler.handle`."""
    package = build_zip(LAMBDA_SOURCES)

    assert "link_generator/handler.py" in [entry.filename for entry in entries(package)]


BRAND = b'{"name": "Lighthouse"}'


def test_a_brand_is_a_file_more(tmp_path: Path) -> None:
    """Where the functions read it, and nothing else is different."""
    sources = write_sources(tmp_path, MODULES)

    without, with_it = build_zip(sources), build_zip(sources, BRAND)

    assert contents(with_it) == {**contents(without), "brand/brand.json": BRAND}
    assert {entry.external_attr >> 16 for entry in entries(with_it)} == {0o100644}


def test_a_brand_is_as_deterministic_as_the_code(tmp_path: Path) -> None:
    """The same brand gives the same bytes, another one others; both can be told by their mark."""
    sources = write_sources(tmp_path, MODULES)

    packages = [build_zip(sources, brand) for brand in (BRAND, BRAND, BRAND + b" ", None)]

    assert packages[0] == packages[1]
    assert len({package.sha256 for package in packages}) == 3
    assert len({package.brand for package in packages}) == 3
    assert packages[-1] == build_zip(sources)
    assert packages[-1].brand == ""


def test_no_sources_can_smuggle_in_a_brand(tmp_path: Path) -> None:
    sources = write_sources(tmp_path, {**MODULES, "brand/brand.json": BRAND})

    assert "brand/brand.json" not in contents(build_zip(sources))


def test_every_checkout_has_the_same_line_ends() -> None:
    """git may be told to write Windows' own, and another zip would come of it."""
    rules = (ROOT / ".gitattributes").read_text().splitlines()

    assert "* text=auto eol=lf" in rules


def test_no_sources_is_an_error_that_names_the_folder(tmp_path: Path) -> None:
    """An empty zip would deploy a function that can never start."""
    with pytest.raises(PackageError) as failure:
        build_zip(tmp_path)

    assert str(failure.value) == f"There is no Lambda code in {tmp_path}; install s3link again."
