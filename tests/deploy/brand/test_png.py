"""A PNG comes out as the picture and nothing else, or not at all."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.brand.errors import UnusableLogo
from deploy.brand.png import cleaned_png
from tests.deploy.brand.logos import CHANNELS, SIGNATURE, chunk, chunks_of, header, lines, png

PALETTE, TRANSPARENCY = chunk(b"PLTE", bytes(6)), chunk(b"tRNS", b"\0")


def clean(content: bytes) -> bytes:
    return cleaned_png(content).content


def problem(content: bytes) -> str:
    with pytest.raises(UnusableLogo) as failure:
        clean(content)
    return str(failure.value)


def with_header(width: int, height: int, depth: int, colour: int, interlaced: int = 0) -> bytes:
    packed = chunk(b"IDAT", zlib.compress(b""))
    return SIGNATURE + header(width, height, depth, colour, interlaced) + packed + chunk(b"IEND")


def test_a_picture_stays_as_it_is() -> None:
    assert clean(png()) == png()


def test_what_shows_nothing_is_left_out() -> None:
    """Texts, places and times; a profile, in which anything could be; and what follows the end."""
    extras = b"".join(
        chunk(kind, b"Comment\0taken at home")
        for kind in (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"iCCP", b"pHYs", b"prVT")
    )

    cleaned = clean(png(before=extras, after=extras) + b"<script>alert(1)</script>")

    assert cleaned == png()


def test_what_is_needed_to_look_right_is_kept() -> None:
    about_colours = chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"sRGB", b"\0")
    picture = png(colour=3, before=about_colours + PALETTE + TRANSPARENCY)

    assert list(chunks_of(clean(picture))) == [
        *("IHDR", "gAMA", "sRGB", "PLTE", "tRNS", "IDAT", "IEND"),
    ]


def test_what_says_something_else_of_colours_is_left_out() -> None:
    assert "gAMA" not in chunks_of(clean(png(before=chunk(b"gAMA", b"longer than it is"))))


def test_pixels_in_several_parts_are_joined() -> None:
    packed = zlib.compress(lines(3, 2))
    parts = chunk(b"IDAT", packed[:5]) + chunk(b"IDAT") + chunk(b"IDAT", packed[5:])
    split = SIGNATURE + header(3, 2) + parts + chunk(b"IEND")

    assert clean(split) == png()


def test_nothing_hides_behind_the_pixels() -> None:
    packed = zlib.compress(lines(3, 2)) + b"<script>"
    hiding = SIGNATURE + header(3, 2) + chunk(b"IDAT", packed) + chunk(b"IEND")

    assert clean(hiding) == png()


@pytest.mark.parametrize("colour", CHANNELS)
def test_every_kind_of_colour(colour: int) -> None:
    picture = png(colour=colour, before=PALETTE if colour == 3 else b"")

    assert clean(picture) == picture


@pytest.mark.parametrize(("width", "height", "size"), [(1, 1, 2), (8, 8, 15 + 8 * 8), (3, 2, 10)])
def test_interlaced_pictures(width: int, height: int, size: int) -> None:
    """Adam7: of 8 x 8 grey pixels, fifteen lines in seven passes; of 3 x 2 only four of them."""
    packed = chunk(b"IDAT", zlib.compress(bytes(size)))
    picture = SIGNATURE + header(width, height, 8, 0, 1) + packed + chunk(b"IEND")

    assert clean(picture) == picture


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (png(before=chunk(b"acTL", bytes(8))), "it is animated; take a PNG of one picture"),
        (png(after=chunk(b"fdAT", bytes(8))), "it is animated; take a PNG of one picture"),
        (
            with_header(2049, 1, 8, 2),
            "it is 2049 x 1 pixels, and may have 2048 in each direction; make it smaller",
        ),
        (
            with_header(2**31, 2**31, 16, 6),
            "it is 2147483648 x 2147483648 pixels, and may have 2048 in each direction; make it "
            "smaller",
        ),
        *(
            (content, f"it is no PNG that can be read ({what}); save it again")
            for content, what in (
                (SIGNATURE, "no end"),
                (png()[:-1], "no end"),
                (png()[:40], "no end"),
                (png().replace(b"IDAT", b"IDAS"), "a part whose checksum is wrong"),
                (
                    png().replace(b"\x03\0\0\0\x02", b"\x04\0\0\0\x02"),
                    "a part whose checksum is wrong",
                ),
                (SIGNATURE + chunk(b"IDAT") + chunk(b"IEND"), "no header"),
                (png(before=header(3, 2)), "two headers"),
                (png(before=chunk(b"ABCD")), "a part that no PNG has"),
                (png(before=PALETTE + PALETTE), "PLTE twice or behind its picture"),
                (png(colour=3, after=PALETTE), "PLTE twice or behind its picture"),
                (png(after=chunk(b"tEXt") + chunk(b"IDAT")), "its picture in two places"),
                (png(colour=3), "a palette that does not fit"),
                (png(colour=0, before=PALETTE), "a palette that does not fit"),
                (png(colour=3, before=chunk(b"PLTE", b"1234")), "a palette that does not fit"),
                (png(colour=3, before=chunk(b"PLTE")), "a palette that does not fit"),
                (png(colour=3, before=chunk(b"PLTE", bytes(771))), "a palette that does not fit"),
                (png(before=TRANSPARENCY), "a transparency that does not fit"),
                (png(colour=6, before=TRANSPARENCY), "a transparency that does not fit"),
                (with_header(0, 1, 8, 2), "a header that makes no sense"),
                (with_header(1, 1, 4, 2), "a header that makes no sense"),
                (with_header(1, 1, 8, 5), "a header that makes no sense"),
                (with_header(1, 1, 8, 2, interlaced=2), "a header that makes no sense"),
                (png(pixels=lines(3, 1)), "a picture of another size than it says"),
                (png(pixels=lines(3, 3)), "a picture of another size than it says"),
                (png(pixels=bytes(100_000_000)), "a picture of another size than it says"),
                (png(pixels=b"\x05" + lines(3, 2)[1:]), "a line that cannot be read"),
                (
                    SIGNATURE + header(3, 2) + chunk(b"IDAT", b"pixels") + chunk(b"IEND"),
                    "a picture that cannot be unpacked",
                ),
            )
        ),
    ],
)
def test_what_is_refused(content: bytes, said: str) -> None:
    assert problem(content) == said


damaged = st.tuples(
    st.integers(0, len(png(before=PALETTE)) - 1), st.integers(1, 255), st.booleans()
)


@given(st.lists(damaged, min_size=1, max_size=4), st.binary(max_size=40))
def test_any_damage_is_refused_or_does_no_harm(
    damage: list[tuple[int, int, bool]], more: bytes
) -> None:
    """What comes out is as good as what was cleaned before: cleaning it again changes nothing."""
    content = bytearray(png(before=PALETTE + chunk(b"tEXt", more)))
    for place, by, cuts in damage:
        if place < len(content):
            content[place] ^= by
            if cuts:
                del content[place:]
    try:
        cleaned = clean(bytes(content))
    except UnusableLogo:
        return

    assert clean(cleaned) == cleaned
    assert set(chunks_of(cleaned)) <= {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"gAMA", b"tEXt", b"acTL"]),
            st.binary(max_size=20) | st.just(zlib.compress(lines(3, 2))),
        ),
        max_size=6,
    )
)
def test_any_parts_with_good_checksums_are_refused_or_clean(
    parts: list[tuple[bytes, bytes]],
) -> None:
    content = SIGNATURE + header(3, 2) + b"".join(chunk(*part) for part in parts) + chunk(b"IEND")
    try:
        cleaned = clean(content)
    except UnusableLogo:
        return

    assert chunks_of(cleaned)["IDAT"] == zlib.compress(lines(3, 2))
    assert clean(cleaned) == cleaned
