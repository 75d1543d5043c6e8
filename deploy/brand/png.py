"""Makes a PNG safe: the picture and what is needed to show it, and nothing else of the file.

The pixels are unpacked once, so what leaves here is a picture that a browser can show. A file is
hostile: sizes are checked before anything is unpacked. Pure. (PNG specification, third edition.)
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from deploy.brand.errors import UnusableLogo
from deploy.brand.picture import Picture

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS = 2048  # in each direction; pages show a logo 44 pixels high

# Values in a pixel, and the depths it may have, by colour type.
_PALETTE = 3
_CHANNELS = {0: 1, 2: 3, _PALETTE: 1, 4: 2, 6: 4}
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), _PALETTE: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_FILTERS = 5
# Adam7: first column and row, and the steps, of each pass.
_PASSES = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
# Besides the critical ones: what colours mean, with its length. A profile (iCCP) can hold anything.
_ABOUT_COLOURS = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1}
_ANIMATION = (b"acTL", b"fcTL", b"fdAT")


def cleaned_png(content: bytes) -> Picture:
    """The same picture without anything else. Raises UnusableLogo."""
    kept: dict[bytes, bytes] = {}
    pixels = b""
    last = b""
    for kind, data in _chunks(content):
        if kind in _ANIMATION:
            raise UnusableLogo("it is animated; take a PNG of one picture")
        if kind == b"IHDR" and last:
            raise _broken("two headers")
        if kind == b"IDAT":
            if pixels and last != b"IDAT":
                raise _broken("its picture in two places")
            pixels += data
        elif kind in (b"IHDR", b"PLTE", b"tRNS") or _ABOUT_COLOURS.get(kind) == len(data):
            if kind in kept or pixels:
                raise _broken(f"{kind.decode()} twice or behind its picture")
            kept[kind] = data
        elif kind != b"IEND" and kind[:1].isupper():
            raise _broken("a part that no PNG has")
        last = kind
    header = _header_of(kept.get(b"IHDR", b""))
    _check_palette(header, kept)
    before = [kind for kind in (b"IHDR", *_ABOUT_COLOURS, b"PLTE", b"tRNS") if kind in kept]
    parts = [(kind, kept[kind]) for kind in before]
    parts += [(b"IDAT", _checked_pixels(pixels, header)), (b"IEND", b"")]
    whole = SIGNATURE + b"".join(_chunk(kind, data) for kind, data in parts)
    return Picture(whole, header.width, header.height)


@dataclass(frozen=True)
class _Header:
    width: int
    height: int
    depth: int
    colour: int
    interlaced: int

    def passes(self) -> Iterator[tuple[int, int]]:
        """The lines of each pass, and the bytes of each of its lines with that of the filter."""
        for left, top, across, down in _PASSES if self.interlaced else ((0, 0, 1, 1),):
            width = -(-(self.width - left) // across)
            height = -(-(self.height - top) // down)
            if width > 0 and height > 0:
                bits = width * self.depth * _CHANNELS[self.colour]
                yield height, 1 + -(-bits // 8)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Up to IEND; what comes after it is no part of the picture."""
    place = len(SIGNATURE)
    while place + 12 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        data = content[place + 8 : place + 8 + length]
        end = place + 8 + length
        checksum = content[end : end + 4]
        if not kind.isalpha() or checksum != struct.pack(">I", zlib.crc32(kind + data)):
            raise _broken("a part whose checksum is wrong")
        yield kind, data
        if kind == b"IEND":
            return
        place = end + 4
    raise _broken("no end")


def _header_of(data: bytes) -> _Header:
    if len(data) != 13:
        raise _broken("no header")
    width, height, depth, colour, compression, filtering, interlaced = struct.unpack(
        ">IIBBBBB", data
    )
    is_known = depth in _DEPTHS.get(colour, ()) and not compression and not filtering
    if not is_known or interlaced > 1 or not width or not height:
        raise _broken("a header that makes no sense")
    if max(width, height) > MOST_PIXELS:
        raise UnusableLogo(
            f"it is {width} x {height} pixels, and may have {MOST_PIXELS} in each direction; make "
            "it smaller"
        )
    return _Header(width, height, depth, colour, interlaced)


def _check_palette(header: _Header, kept: dict[bytes, bytes]) -> None:
    palette, transparency = kept.get(b"PLTE"), kept.get(b"tRNS")
    colours = len(palette or b"") // 3
    most = 2**header.depth if header.colour == _PALETTE else 256
    has_one = header.colour == _PALETTE or (palette is not None and header.colour in (2, 6))
    if has_one != (palette is not None) or (
        palette is not None and (len(palette) % 3 or not 1 <= colours <= most)
    ):
        raise _broken("a palette that does not fit")
    if transparency is not None:
        wanted = {0: (2,), 2: (6,), _PALETTE: range(1, colours + 1)}.get(header.colour, ())
        if len(transparency) not in wanted:
            raise _broken("a transparency that does not fit")


def _checked_pixels(packed: bytes, header: _Header) -> bytes:
    """The packed pixels, without anything behind them."""
    lines = list(header.passes())
    size = sum(height * width for height, width in lines)
    unpacking = zlib.decompressobj()
    try:
        pixels = unpacking.decompress(packed, size + 1)
    except zlib.error:
        raise _broken("a picture that cannot be unpacked") from None
    if len(pixels) != size or not unpacking.eof:
        raise _broken("a picture of another size than it says")
    place = 0
    for height, width in lines:
        if any(kind >= _FILTERS for kind in pixels[place : place + height * width : width]):
            raise _broken("a line that cannot be read")
        place += height * width
    return packed[: len(packed) - len(unpacking.unused_data)]


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def _broken(what: str) -> UnusableLogo:
    return UnusableLogo(f"it is no PNG that can be read ({what}); save it again")
