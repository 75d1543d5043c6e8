"""Renders SES templates as SES does: a mail's data in the three parts of its template. Pure.

The language is Handlebars, without HTML escaping. Known are variables (`a.b`, `this`, `../a`,
`@index`, `@first`, `@last`, `@key`), the blocks if, unless, each and with, `else`, comments, and
`~`. A tag of a block that stands alone on its line takes the line away. What is missing in the
data is an error, as in SES.
https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-advanced.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_BLOCKS = frozenset({"each", "if", "unless", "with"})
_TAG = re.compile(
    r"\{\{(?P<left>~?)(?:!--.*?--|!.*?|\{\s*(?P<raw>[^{}]*?)\s*\}|\s*(?P<text>[^{}!]*?)\s*)"
    r"(?P<right>~?)\}\}",
    re.DOTALL,
)
_STANDALONE = re.compile(
    r"^[ \t]*(\{\{~?\s*(?:[#/][^{}]*|else[^{}]*|![^{}]*)\}\})[ \t]*(?:\r?\n|\Z)", re.MULTILINE
)
_PATH = re.compile(r"(?:\.\./)*(?:@\w+|[^\s{}/#]+)")
_MISSING = object()


class RenderingError(Exception):
    """The data does not fill the template; the message says why, as SES does."""


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str


def render(template: Mapping[str, str], *data: str) -> Rendered:
    """Fill the three parts. Later `data` (JSON objects) goes before earlier."""
    values: dict[str, Any] = {}
    for part in data:
        values.update(_object(part))
    return Rendered(
        _filled(template.get("subject_part"), values),
        _filled(template.get("text_part"), values),
        _filled(template.get("html_part"), values),
    )


def _object(data: str | None) -> dict[str, Any]:
    try:
        parsed = json.loads(data or "{}")
    except ValueError as exc:
        raise RenderingError("Template rendering data is invalid") from exc
    if not isinstance(parsed, dict):
        raise RenderingError("Template rendering data is invalid")
    return parsed


def _filled(part: str | None, values: Mapping[str, Any]) -> str:
    try:
        return fill(part or "", values)
    except TemplateError as exc:
        raise RenderingError(str(exc)) from exc


class TemplateError(ValueError):
    """The template cannot be read, or the data does not fill it; the message says why."""


@dataclass(frozen=True)
class _Frame:
    """What paths are looked up in: a value, what is known of its place, and what is around it."""

    value: Any
    about: Mapping[str, Any] = field(default_factory=dict)
    parent: _Frame | None = None


@dataclass
class _Block:
    """A block: what stands in it, and what stands behind its else."""

    helper: str
    path: str
    body: list[_Node] = field(default_factory=list)
    otherwise: list[_Node] = field(default_factory=list)


@dataclass(frozen=True)
class _Variable:
    path: str


_Node = str | _Variable | _Block


def fill(template: str, data: Mapping[str, Any]) -> str:
    """The template's text with the data in it. Raises TemplateError."""
    return _rendered(_parsed(template), _Frame(data))


def _parsed(template: str) -> list[_Node]:
    root = _Block("", "")
    # Each open block with the list that grows.
    open_blocks: list[tuple[_Block, list[_Node]]] = [(root, root.body)]
    for token in _tokens(template):
        block, nodes = open_blocks[-1]
        if isinstance(token, str):
            nodes.append(token)
            continue
        text = token.path
        if text.startswith("#"):
            helper, _, path = text[1:].strip().partition(" ")
            if helper not in _BLOCKS or not _PATH.fullmatch(path.strip()):
                raise TemplateError(f"The embedded AWS does not know {{{{{text}}}}}.")
            inner = _Block(helper, path.strip())
            nodes.append(inner)
            open_blocks.append((inner, inner.body))
        elif text == "else":
            open_blocks[-1] = (block, block.otherwise)
        elif text.startswith("/"):
            if len(open_blocks) == 1 or text[1:].strip() != block.helper:
                raise TemplateError(f"{{{{{text}}}}} ends nothing.")
            open_blocks.pop()
        elif _PATH.fullmatch(text):
            nodes.append(token)
        else:
            raise TemplateError(f"The embedded AWS does not know {{{{{text}}}}}.")
    if len(open_blocks) > 1:
        raise TemplateError(f"{{{{#{open_blocks[-1][0].helper}}}}} does not end.")
    return root.body


def _tokens(template: str) -> Iterator[str | _Variable]:
    """Texts, and what stands in braces."""
    text = _STANDALONE.sub(r"\1", template)
    position, eats_space = 0, False
    for tag in _TAG.finditer(text):
        before = text[position : tag.start()]
        before = before.lstrip() if eats_space else before
        yield before.rstrip() if tag["left"] else before
        position, eats_space = tag.end(), bool(tag["right"])
        inside = tag["raw"] or tag["text"]
        if inside:
            yield _Variable(inside)
    yield text[position:].lstrip() if eats_space else text[position:]


def _rendered(nodes: Sequence[_Node], frame: _Frame) -> str:
    return "".join(_rendered_node(node, frame) for node in nodes)


def _rendered_node(node: _Node, frame: _Frame) -> str:
    if isinstance(node, str):
        return node
    if isinstance(node, _Variable):
        value = _look_up(node.path, frame)
        if value is _MISSING or value is None:
            raise TemplateError(f"Attribute '{node.path}' is not present in the rendering data.")
        return _text(value)
    value = _look_up(node.path, frame)
    match node.helper:
        case "if":
            return _rendered(node.body if _is_truthy(value) else node.otherwise, frame)
        case "unless":
            return _rendered(node.otherwise if _is_truthy(value) else node.body, frame)
        case "with" if _is_truthy(value):
            return _rendered(node.body, _Frame(value, frame.about, frame))
        case "each" if _is_truthy(value):
            return "".join(_rendered(node.body, each) for each in _frames(value, frame))
    return _rendered(node.otherwise, frame)


def _frames(value: Any, parent: _Frame) -> Iterator[_Frame]:
    """A frame for each element of a list, or member of an object."""
    is_object = isinstance(value, Mapping)
    pairs = list(value.items()) if is_object else list(enumerate(value))
    for number, (key, each) in enumerate(pairs):
        about = {
            "index": number,
            "key": key,
            "first": number == 0,
            "last": number == len(pairs) - 1,
        }
        yield _Frame(each, about, parent)


def _look_up(path: str, frame: _Frame) -> Any:
    while path.startswith("../"):
        path = path.removeprefix("../")
        if frame.parent is None:
            return _MISSING
        frame = frame.parent
    if path.startswith("@"):
        return frame.about.get(path[1:], _MISSING)
    value = frame.value
    for name in path.removeprefix("this.").split("."):
        if name in ("this", "") and value is frame.value:
            continue
        if isinstance(value, Mapping):
            value = value.get(name, _MISSING)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return _MISSING
    return value


def _is_truthy(value: Any) -> bool:
    """As JavaScript has it, and an empty list is nothing; an empty object is something."""
    return value is not _MISSING and (bool(value) or isinstance(value, Mapping))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return "[object Object]" if isinstance(value, Mapping) else str(value)
