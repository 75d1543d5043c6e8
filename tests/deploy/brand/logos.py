"""Logos as tests make them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 48">'
    '<rect width="96" height="48" rx="8" fill="#0b8f6a"></rect></svg>'
)


def svg(inside: str = "", attributes: str = 'viewBox="0 0 96 48"', before: str = "") -> bytes:
    namespaces = (
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'xmlns:editor="https://editor.example/"'
    )
    return f"{before}<svg {namespaces} {attributes}>{inside}</svg>".encode()


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def header(width: int, height: int, depth: int = 8, colour: int = 2, interlaced: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


def lines(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    """Pixels that are all 0, not interlaced."""
    return (b"\0" + bytes(-(-width * depth * CHANNELS[colour] // 8))) * height


def png(
    width: int = 3,
    height: int = 2,
    *,
    colour: int = 2,
    pixels: bytes | None = None,
    before: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """A picture with other chunks before and after its pixels."""
    packed = zlib.compress(lines(width, height, 8, colour) if pixels is None else pixels)
    parts = (header(width, height, 8, colour), before, chunk(b"IDAT", packed), after)
    return SIGNATURE + b"".join(parts) + chunk(b"IEND")


def chunks_of(content: bytes) -> Mapping[str, bytes]:
    """The chunks of a PNG by their kind; each kind once."""
    found: dict[str, bytes] = {}
    place = len(SIGNATURE)
    while place < len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        assert kind.decode() not in found
        found[kind.decode()] = content[place + 8 : place + 8 + length]
        place += length + 12
    return found
