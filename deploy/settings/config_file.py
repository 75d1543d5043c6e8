"""Writes a deployment's table into s3link.toml. All other text in the file stays as it is."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

from deploy.errors import ConfigurationError
from deploy.settings.configuration import WITH_KEY, brand_texts, known_parameters, read_document
from deploy.settings.organisation import TAGS_KEY

_HEADER = re.compile(r"\s*\[")


def has_table(path: Path, name: str) -> bool:
    """Whether the file has a table for this deployment; raises ConfigurationError if unreadable."""
    return path.exists() and name in read_document(path, name)


def brand_of_table(path: Path, name: str) -> dict[str, str]:
    """The keys of the brand that the deployment's table has, as they were written."""
    if not has_table(path, name):
        return {}
    return brand_texts(read_document(path, name)[name], f"{path}, [{name}]")


def write_table(
    path: Path,
    name: str,
    place: Mapping[str, str],
    parameters: Mapping[str, str],
    optional_kinds: Collection[str] = (),
    tags: Mapping[str, str] | None = None,
    brand: Mapping[str, str] | None = None,
) -> None:
    """Append the table `[name]`, or put it in the place of the one that is there.

    Raises ConfigurationError, and leaves the file alone, when that cannot be done safely.
    """
    table = render_table(name, place, parameters, optional_kinds, tags, brand)
    before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    after = _replaced(before, name, table) if has_table(path, name) else _appended(before, table)
    _check_others_unchanged(path, name, before, after)
    try:
        path.write_text(after, encoding="utf-8")
    except OSError as exc:
        raise ConfigurationError(f"{path} cannot be written: {exc.strerror}.") from exc


def render_table(
    name: str,
    place: Mapping[str, str],
    parameters: Mapping[str, str],
    optional_kinds: Collection[str] = (),
    tags: Mapping[str, str] | None = None,
    brand: Mapping[str, str] | None = None,
) -> str:
    """The table as text: each parameter below what its template says of it."""
    known = known_parameters()
    lines = [f"[{name}]", *(f"{key} = {_quoted(value)}" for key, value in place.items())]
    if optional_kinds:
        lines.append(f"{WITH_KEY} = [{', '.join(map(_quoted, sorted(optional_kinds)))}]")
    if tags:
        pairs = ", ".join(f"{_quoted(key)} = {_quoted(value)}" for key, value in tags.items())
        lines.append(f"{TAGS_KEY} = {{ {pairs} }}")
    lines += [f"{key} = {_quoted(value)}" for key, value in (brand or {}).items()]
    for parameter in known.values():
        if parameter.name in parameters:
            value = parameters[parameter.name]
            written = value if parameter.type == "Number" else _quoted(value)
            lines += [f"# {parameter.description}", f"{parameter.name} = {written}"]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _appended(before: str, table: str) -> str:
    if not before.strip():
        return before + table
    return f"{before.rstrip()}\n\n{table}"


def _replaced(before: str, name: str, table: str) -> str:
    """The table up to its last key gives way, and with it tables in it, such as [name.tags].

    Comments above the next table belong to that.
    """
    lines = before.splitlines(keepends=True)
    header = re.compile(rf"\s*\[\s*[\"']?{re.escape(name)}[\"']?\s*\]")
    inner = re.compile(rf"\s*\[\s*[\"']?{re.escape(name)}[\"']?\s*\.")
    start = next((number for number, line in enumerate(lines) if header.match(line)), len(lines))
    rest = range(start + 1, len(lines))
    is_next = (number for number in rest if _HEADER.match(lines[number]))
    end = next((number for number in is_next if not inner.match(lines[number])), len(lines))
    while end > start + 1 and lines[end - 1].strip()[:1] in ("", "#"):
        end -= 1
    return "".join(lines[:start]) + table + "".join(lines[end:])


def _check_others_unchanged(path: Path, name: str, before: str, after: str) -> None:
    """The tables are found by reading lines, so what came out is read again by a real parser."""
    try:
        old, new = tomllib.loads(before), tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        old, new = {}, {"": None}
    old.pop(name, None)
    new.pop(name, None)
    if old != new:
        raise ConfigurationError(
            f"{path} has the table [{name}] in a form that cannot be replaced; edit it by hand."
        )
