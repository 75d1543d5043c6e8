"""An SVG comes out as what draws, or not at all."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.brand.errors import UnusableLogo
from deploy.brand.svg import cleaned_svg
from deploy.brand.svg_vocabulary import ATTRIBUTES, DRAWING
from tests.deploy.brand.logos import SVG, svg

ROOT = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 48" width="96" height="48">'
REMOVE = "which a logo does not need; remove it"


def clean(content: bytes) -> bytes:
    return cleaned_svg(content).content


def cleaned(inside: str) -> str:
    """What is left of what stands inside."""
    text = clean(svg(inside)).decode()
    return text.removeprefix(ROOT).removesuffix("</svg>")


def problem(content: bytes) -> str:
    with pytest.raises(UnusableLogo) as failure:
        clean(content)
    return str(failure.value)


def test_a_drawing_stays_as_it_is() -> None:
    once = clean(SVG.encode())

    assert once.decode() == SVG.replace('48">', '48" width="96" height="48">', 1)
    assert clean(once) == once


@pytest.mark.parametrize(
    ("inside", "left"),
    [
        ("<!-- by Ann --><title>Logo</title><desc>d</desc><metadata><x/></metadata>", ""),
        ('<editor:grid><path d="M0 0"/><animate/></editor:grid>', ""),
        ('<g editor:label="Ann" data-name="Layer 1" xml:space="preserve"/>', "<g></g>"),
        ('<use xlink:href="#a"/>', '<use href="#a"></use>'),
        ("<text>A &amp; &lt;b&gt;</text>", "<text>A &amp; &lt;b&gt;</text>"),
        ("<g>words</g>", "<g></g>"),
        (
            "<style>/* Ann */ g>path{fill:url(#a)}</style>",
            "<style>  g&gt;path{fill:url(#a)}</style>",
        ),
        ('<g style="fill: url( &quot;#a&quot; )"/>', "<g style='fill: url( \"#a\" )'></g>"),
        ("<text><![CDATA[<script>]]></text>", "<text>&lt;script&gt;</text>"),
    ],
)
def test_what_does_not_draw_is_left_out(inside: str, left: str) -> None:
    assert cleaned(inside) == left


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="10px" height="5.5"', 'viewBox="0 0 10 5.5" width="10" height="5.5"'),
        (
            'width="100%" height="100%" viewBox="1,2 3e1 .5"',
            'viewBox="1,2 3e1 .5" width="30" height="0.5"',
        ),
    ],
)
def test_every_drawing_says_its_size(attributes: str, size: str) -> None:
    text = clean(svg(attributes=attributes)).decode()

    assert text == f'<svg xmlns="http://www.w3.org/2000/svg" {size}></svg>'


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        *(
            (f"<{name}/>", f"it has a <{name}> element, {REMOVE}")
            for name in (
                *("script", "foreignObject", "image", "a", "iframe", "animate", "set", "filter"),
                *("feImage", "pattern", "marker", "audio", "handler"),
            )
        ),
        ('<p xmlns="http://www.w3.org/1999/xhtml"/>', f"it has a <p> element, {REMOVE}"),
        ('<x xmlns=""><g/></x><script xmlns=""/>', f"it has a <script> element, {REMOVE}"),
        ('<g onload="alert(1)"/>', "it has an event handler, onload; remove it"),
        ('<g editor:onClick="x"/>', "it has an event handler, onClick; remove it"),
        *(
            (
                f'<use {name}="{target}"/>',
                f"<use> refers to something outside of it ({target}); remove that",
            )
            for name in ("href", "xlink:href")
            for target in (
                *("https://example.com/#a", "data:image/svg+xml,x", "javascript:alert(1)"),
                *("other.svg#a", "", " #a"),
            )
        ),
        *(
            (
                f"<style>{style}</style>",
                f"its style has {what}, which could load something; remove that",
            )
            for style, what in (
                ("@import 'a'", "@"),
                ("@font-face{}", "@"),
                (r"g{fill:\75rl(a)}", "\\"),
                ("g{mask:image-set('a')}", "image-set"),
                ("g{x:src('a')}", "src("),
                ("g{}/* ", "/*"),
            )
        ),
        *(
            (inside, f"it refers to something outside of it (url({target})); remove that")
            for inside, target in (
                ('<g fill="url(https://example.com/a)"/>', "https://example.com/a"),
                ("<g style=\"fill:URL( 'a#b' )\"/>", "a#b"),
                ("<style>g{fill:url(data:a)}</style>", "data:a"),
                ('<g mask="url(https://example.com/a"/>', "https://example.com/a"),
                ("<g fill=\"url('#a)b')\"/>", "'#a"),
            )
        ),
        (
            "<style>.a{clip-path:url(#b)}</style>",
            "its style sheet clips or masks; save it with presentation attributes instead",
        ),
        (
            '<g id="a"><use href="#b"/></g><use href="#a"/>',
            "it has a <use> element that leads to another; draw it without",
        ),
        (
            '<g id="a"><use href="#a"/></g>',
            "it has a <use> element that leads to another; draw it without",
        ),
        (
            '<mask id="a"><g style="mask : url(#b)"/></mask>',
            "it has a clipPath or mask that leads to another; draw it without",
        ),
        (
            '<clipPath id="a"><use href="#b"/></clipPath><g id="b"><g clip-path="url(#c)"/></g>',
            "it has a clipPath or mask that leads to another; draw it without",
        ),
        ('<use href="#a"/>' * 51, "it has 51 <use> elements, and may have 50"),
        ("<g>" * 101 + "</g>" * 101, "its elements stand inside one another more than 100 deep"),
        ("<metadata><script/></metadata>", f"it has a <script> element, {REMOVE}"),
        ("<?php x?>", "it has an instruction (<?php …?>); remove that line"),
    ],
)
def test_what_runs_or_leads_outside_is_refused_by_name(inside: str, said: str) -> None:
    assert problem(svg(inside)) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            svg(before="<!DOCTYPE svg [<!ENTITY a 'aaaa'>]>"),
            "it has a document type (<!DOCTYPE …>); remove that line",
        ),
        (b"<svg/>", 'it is no SVG: it does not begin with <svg xmlns="…/2000/svg">'),
        (b"<html/>", 'it is no SVG: it does not begin with <svg xmlns="…/2000/svg">'),
        (svg(attributes=""), "it says neither a viewBox nor its width and height; give it one"),
        (
            svg(attributes='width="100%" height="5"'),
            "it says neither a viewBox nor its width and height; give it one",
        ),
        *(
            (
                svg(attributes=f'viewBox="{box}"'),
                "its viewBox is not four numbers, the last two above 0; correct it",
            )
            for box in ("0 0 0 5", "0 0 5", "0 0 5 -5", "0 0 1e9 5", "a b c d", "0 0 nan 5")
        ),
        (
            svg("<g>"),
            "it is no SVG that can be read (mismatched tag: line 1, column 147); save it again",
        ),
    ],
)
def test_what_is_no_drawing_is_refused(content: bytes, said: str) -> None:
    assert problem(content) == said


def test_any_encoding_is_read() -> None:
    content = svg("<text>ü</text>").decode().encode("utf-16")

    assert "<text>ü</text>" in clean(content).decode()


names = st.sampled_from(
    [*sorted(DRAWING), "script", "foreignObject", "title", "editor:x", "image", "animate"]
)
attributes = st.dictionaries(
    st.sampled_from(
        [*("href", "xlink:href", "onclick", "style", "fill", "id", "class", "mask", "filter")]
    ),
    st.sampled_from(
        [
            *("#a", "a", "url(#a)", "url(a)", "url('#a", "javascript:x", "fill:red;mask:url(#a)"),
            *("&lt;script&gt;", "&quot;&gt;&lt;script&gt;", "@import", "url(#a) url(//b)"),
        ]
    ),
    max_size=3,
)


def _element(name: str, given: dict[str, str], inside: list[str]) -> str:
    written = "".join(f' {key}="{value}"' for key, value in given.items())
    return f"<{name}{written}>{''.join(inside)}</{name}>"


elements = st.recursive(
    st.sampled_from(["", "text", "&lt;script&gt;", "<![CDATA[<script>]]>", "<!-- x -->"]),
    lambda inner: st.builds(_element, names, attributes, st.lists(inner, max_size=3)),
    max_leaves=8,
)


@given(elements)
def test_whatever_comes_out_only_draws(inside: str) -> None:
    """Read again by another parser, it has elements and attributes of the list and no others."""
    try:
        content = clean(svg(inside))
    except UnusableLogo:
        return

    for element in ElementTree.fromstring(content).iter():  # noqa: S314, as it was made here
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in DRAWING
        for name, value in element.attrib.items():
            assert name in ATTRIBUTES | {"href"}
            assert name != "href" or value.startswith("#")
            assert name in ("id", "class") or "url(" not in value.replace("url(#", "")
    assert clean(content) == content


@pytest.mark.parametrize(
    "style", ["/*" * 15_000, "/**/" * 7_000, "mask" * 7_000, "url(" + " " * 30_000, "url(" * 7_000]
)
@pytest.mark.parametrize("form", ["<style>{}</style>", '<g style="{}"/>', '<g fill="{}"/>'])
def test_nothing_takes_long(style: str, form: str) -> None:
    """Whatever is in 32 KB; a pattern that goes back again and again would not end today."""
    try:
        clean(svg(form.format(style)))
    except UnusableLogo as refusal:
        assert len(str(refusal)) < 200


@pytest.mark.parametrize("text", ["1" * 30_000, "1 " * 15_000, " " * 30_000 + "x"])
@pytest.mark.parametrize("form", ['viewBox="{}"', 'width="{}" height="1"'])
def test_no_size_takes_long(text: str, form: str) -> None:
    with pytest.raises(UnusableLogo):
        clean(svg(attributes=form.format(text)))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_refused_or_drawn(content: bytes) -> None:
    for whole in (content, svg()[:-6] + content, svg(before="") + content):
        try:
            clean(whole)
        except UnusableLogo as refusal:
            assert str(refusal)
