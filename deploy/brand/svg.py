"""Makes an SVG safe: read by a parser that takes no document type, written anew from a list of what
draws, so that nothing else gets through.

What only editors need is left out; whatever could run, load or refer to anything outside is refused
by name, since its author should know. A file is hostile: nothing here recurses. Pure.
"""

from __future__ import annotations

import re
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from deploy.brand.errors import UnusableLogo
from deploy.brand.picture import Picture
from deploy.brand.svg_vocabulary import (
    ATTRIBUTES,
    DRAWING,
    LEFT_OUT,
    MOST_USES,
    WITH_TEXT,
)

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_BETWEEN = " "  # between a namespace and a name
_DEEPEST = 100
_NAMES = frozenset({"id", "class"})
_CLIPS = frozenset({"clipPath", "mask"})
_INSIDE = re.compile(r"#[\w.:-]+")
# Each of these patterns reads a text once, however it is made.
_URL = re.compile(r"url\(", re.IGNORECASE)
# In a style each of these could lead out of it: at-rules, escapes, functions that load.
_NOT_IN_STYLE = re.compile(r"@|\\|<|image-set|image\(|src\(|element\(|expression|behavior", re.I)
_CLIPPING = re.compile(r"(?:clip-path|mask[a-z-]{0,20})\s*:", re.IGNORECASE)
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_LENGTH = re.compile(rf"({_NUMBER})(?:px)?")
_VIEW_BOX = re.compile(rf"\s*{_NUMBER}(?:[\s,]+{_NUMBER}){{3}}\s*")


def cleaned_svg(content: bytes) -> Picture:
    """The same drawing, as a document of its own. Raises UnusableLogo."""
    drawing = _Drawing()
    parser = expat.ParserCreate(namespace_separator=_BETWEEN)
    parser.buffer_text = True
    parser.StartElementHandler = drawing.begin
    parser.EndElementHandler = drawing.end
    parser.CharacterDataHandler = drawing.text
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.ProcessingInstructionHandler = _refuse_instruction
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as exc:
        raise UnusableLogo(f"it is no SVG that can be read ({exc}); save it again") from None
    return drawing.whole()


class _Drawing:
    """Gathers what is written anew, while the parser goes through the file."""

    def __init__(self) -> None:
        self._written: list[str] = []
        self._open: list[str] = []
        self._left_out = 0  # elements that are open, from one that is left out on
        self._style: list[str] = []
        self._size = (0.0, 0.0)
        self._ids: list[str] = []  # of what is open
        self._uses: list[str] = []  # what is used
        self._used_in_clips: set[str] = set()
        self._with_uses: set[str] = set()  # ids of what has such in it
        self._with_clips: set[str] = set()

    def begin(self, full_name: str, attributes: dict[str, str]) -> None:
        if len(self._open) + self._left_out >= _DEEPEST:
            raise UnusableLogo(f"its elements stand inside one another more than {_DEEPEST} deep")
        namespace, _, name = full_name.rpartition(_BETWEEN)
        if not self._open and (namespace, name) != (_SVG, "svg"):
            raise UnusableLogo('it is no SVG: it does not begin with <svg xmlns="…/2000/svg">')
        is_known = name in DRAWING or name in LEFT_OUT or self._left_out
        # HTML in a drawing is a page of its own; other namespaces are notes of an editor.
        is_page = namespace.endswith("/xhtml") or name.lower() == "script"
        if is_page or (namespace == _SVG and not is_known):
            raise UnusableLogo(f"it has a <{name}> element, which a logo does not need; remove it")
        if self._left_out or namespace != _SVG or name in LEFT_OUT:
            self._left_out += 1
            return
        kept = _attributes(name, attributes)
        self._open.append(name)
        self._ids.append(kept.get("id", ""))
        self._remember_references(name, kept)
        if len(self._open) == 1:
            box, self._size = _size_of(kept)
            kept = {"xmlns": _SVG, **_without_size(kept), "viewBox": box, **_said(self._size)}
        written = "".join(f" {key}={quoteattr(value)}" for key, value in kept.items())
        self._written.append(f"<{name}{written}>")

    def _remember_references(self, name: str, kept: dict[str, str]) -> None:
        in_a_clip = not _CLIPS.isdisjoint(self._open)
        style = kept.get("style", "")
        if "clip-path" in kept or "mask" in kept or _CLIPPING.search(style):
            self._with_clips.update(self._ids)
            if in_a_clip:
                raise _leads_on("a clipPath or mask")
        if name == "use":
            self._uses.append(kept.get("href", "")[1:])
            self._with_uses.update(self._ids)
            if in_a_clip:
                self._used_in_clips.add(self._uses[-1])

    def end(self, full_name: str) -> None:
        if self._left_out:
            self._left_out -= 1
            return
        name = self._open.pop()
        self._ids.pop()
        if name == "style":
            style = _style("".join(self._style))
            if _CLIPPING.search(style):
                raise UnusableLogo(
                    "its style sheet clips or masks; save it with presentation attributes instead"
                )
            self._written.append(escape(style))
            self._style = []
        self._written.append(f"</{name}>")

    def text(self, text: str) -> None:
        if self._left_out or not self._open:
            return
        if self._open[-1] == "style":
            self._style.append(text)
        elif self._open[-1] in WITH_TEXT:
            self._written.append(escape(text))

    def whole(self) -> Picture:
        """What is used or clips must not lead on: a few lines could then draw without an end."""
        if len(self._uses) > MOST_USES:
            raise UnusableLogo(f"it has {len(self._uses)} <use> elements, and may have {MOST_USES}")
        if self._with_uses & set(filter(None, self._uses)):
            raise _leads_on("a <use> element")
        if self._with_clips & set(filter(None, self._used_in_clips)):
            raise _leads_on("a clipPath or mask")
        return Picture("".join(self._written).encode(), *self._size)


def _attributes(element: str, given: dict[str, str]) -> dict[str, str]:
    """Those that draw; raises UnusableLogo for those that run or load something."""
    kept: dict[str, str] = {}
    for full_name, value in given.items():
        namespace, _, name = full_name.rpartition(_BETWEEN)
        if name.lower().startswith("on"):
            raise UnusableLogo(f"it has an event handler, {name}; remove it")
        is_reference = name == "href" and namespace in ("", _XLINK)
        if is_reference and not _INSIDE.fullmatch(value):
            raise UnusableLogo(
                f"<{element}> refers to something outside of it ({_shortly(value)}); remove that"
            )
        if is_reference:
            kept["href"] = value
        elif not namespace and name in ATTRIBUTES:
            # Most of them are CSS in another spelling.
            kept[name] = value if name in _NAMES else _style(value)
    return kept


def _style(text: str) -> str:
    """A style without its comments; raises UnusableLogo where it could load something."""
    text = _without_comments(text)
    found = _NOT_IN_STYLE.search(text)
    if found or "/*" in text:
        what = found[0] if found else "/*"
        raise UnusableLogo(f"its style has {what}, which could load something; remove that")
    _check_urls(text)
    return text


def _without_comments(text: str) -> str:
    """A comment without an end stays."""
    kept = []
    while "/*" in text:
        before, _, rest = text.partition("/*")
        _, end, after = rest.partition("*/")
        if not end:
            break
        kept.append(before)
        text = after
    return " ".join([*kept, text])


def _check_urls(text: str) -> None:
    """Only what stands in the same file may be referred to."""
    for rest in _URL.split(text)[1:]:
        target, _, _ = rest.partition(")")
        target = target.strip()
        if len(target) > 1 and target[0] == target[-1] and target[0] in "\"'":
            target = target[1:-1]
        if not _INSIDE.fullmatch(target):
            raise UnusableLogo(
                f"it refers to something outside of it (url({_shortly(target)})); remove that"
            )


def _size_of(kept: dict[str, str]) -> tuple[str, tuple[float, float]]:
    """The viewBox of the outermost element, with its width and height."""
    if "viewBox" in kept:
        box = kept["viewBox"]
    else:
        width, height = (_LENGTH.fullmatch(kept.get(side, "")) for side in ("width", "height"))
        if not width or not height:
            raise UnusableLogo("it says neither a viewBox nor its width and height; give it one")
        box = f"0 0 {width[1]} {height[1]}"
    numbers = [float(one) for one in re.findall(_NUMBER, box)] if _VIEW_BOX.fullmatch(box) else []
    if len(numbers) != 4 or not all(0 < side < 1e6 for side in numbers[2:]):
        raise UnusableLogo("its viewBox is not four numbers, the last two above 0; correct it")
    return box, (numbers[2], numbers[3])


def _without_size(kept: dict[str, str]) -> dict[str, str]:
    said = ("viewBox", "width", "height", "x", "y")
    return {key: value for key, value in kept.items() if key not in said}


def _said(size: tuple[float, float]) -> dict[str, str]:
    """Some browsers do not reckon with a viewBox alone."""
    return {"width": f"{size[0]:g}", "height": f"{size[1]:g}"}


def _leads_on(what: str) -> UnusableLogo:
    return UnusableLogo(f"it has {what} that leads to another; draw it without")


def _refuse_document_type(*_: object) -> None:
    raise UnusableLogo("it has a document type (<!DOCTYPE …>); remove that line")


def _refuse_instruction(target: str, _: str) -> None:
    raise UnusableLogo(f"it has an instruction (<?{_shortly(target)} …?>); remove that line")


def _shortly(text: str) -> str:
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= 60 else f"{text[:59]}…"
