"""Renders SES templates as SES does: a mail's data in the three parts of its template. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.local.ses.handlebars import TemplateError, fill


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
