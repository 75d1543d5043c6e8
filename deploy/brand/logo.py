"""The logo's file, as an address that can be put into any page."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from deploy.brand.errors import UnusableLogo
from deploy.brand.picture import Picture
from deploy.brand.png import SIGNATURE, cleaned_png
from deploy.brand.svg import cleaned_svg

LARGEST_LOGO = 32 * 1024  # bytes
_WIDE = 2.5  # times as wide as high, which no symbol is


@dataclass(frozen=True)
class Logo:
    """A picture as a data: URI; one that is `wide` mostly shows the name itself."""

    uri: str
    wide: bool


def read_logo(path: Path) -> Logo:
    """Raises UnusableLogo."""
    content = _content(path)
    if content.startswith(SIGNATURE):
        picture = cleaned_png(content)
        return Logo(_uri("image/png", picture.content), _is_wide(picture))
    if b"<" in content[:100].replace(b"\0", b""):  # UTF-16 has zeros between
        picture = cleaned_svg(content)
        return Logo(_uri("image/svg+xml", picture.content), _is_wide(picture))
    raise UnusableLogo("it is neither a PNG nor an SVG; save it as one of these")


def _is_wide(picture: Picture) -> bool:
    return picture.width > _WIDE * picture.height


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise UnusableLogo(f"there is no file {path}")
        with path.open("rb") as file:
            content = file.read(LARGEST_LOGO + 1)
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or exc
        raise UnusableLogo(f"{path} cannot be read: {reason}") from exc
    _check_size(content)
    return content


def _uri(kind: str, content: bytes) -> str:
    _check_size(content)
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _check_size(content: bytes) -> None:
    if len(content) > LARGEST_LOGO:
        raise UnusableLogo(f"it is larger than {LARGEST_LOGO // 1024} KB; make it smaller")
