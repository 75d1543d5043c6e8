"""Makes the Lambda zip in memory: the same bytes for the same sources, on every machine.

Nothing but our own code goes in: what else it imports is in Lambda's runtime.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from deploy.brand.carried import BRAND_FILE
from deploy.errors import PackageError

# The earliest time a zip can state; a real time would change the bytes with every checkout.
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_READABLE_FILE = 0o100644 << 16  # a regular file, rw-r--r--, where zip keeps Unix modes
_UNIX = 3
_MARK_DIGITS = 12  # of a hash, in hex

# Code, and the pages that it shows.
_SUFFIXES = frozenset({".py", ".html", ".css", ".js"})


@dataclass(frozen=True)
class Package:
    """A zip and the SHA-256 of its bytes, in hex; `brand` tells one brand from another."""

    content: bytes
    sha256: str
    brand: str = ""


def build_zip(sources: Path, brand: bytes | None = None) -> Package:
    """Zip the Python files below `sources`, and the pages beside them; and the `brand` if any.

    They are stored, not compressed: compression differs between builds of zlib, and the code is
    small. Raises PackageError when there is nothing to zip.
    """
    files = {name: path.read_bytes() for name, path in _code_files(sources).items()}
    if not files:
        raise PackageError(f"There is no Lambda code in {sources}; install s3link again.")
    if brand is not None:
        files[BRAND_FILE] = brand
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(_entry(name), files[name])
    content = buffer.getvalue()
    mark = hashlib.sha256(brand).hexdigest()[:_MARK_DIGITS] if brand is not None else ""
    return Package(content, hashlib.sha256(content).hexdigest(), mark)


def _code_files(sources: Path) -> dict[str, Path]:
    """The files to zip, by their name in the zip."""
    found = (path for path in sources.rglob("*") if path.suffix in _SUFFIXES)
    files = {path.relative_to(sources): path for path in found}
    return {name.as_posix(): path for name, path in files.items() if _is_code(name)}


def _is_code(name: Path) -> bool:
    return not any(part.startswith(".") or part in ("__pycache__", "tests") for part in name.parts)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=_FIXED_TIME)
    entry.external_attr = _READABLE_FILE
    entry.create_system = _UNIX
    return entry
