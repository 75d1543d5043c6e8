"""Lets moto's web server take object keys with line breaks, which it finds no route for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.moto_server import werkzeug_app
from moto.moto_server.utilities import RegexConverter

from deploy.local.replacement import replaced


class _AnyCharacter(RegexConverter):
    """In moto's patterns a dot means any character, but says any except a line break."""

    def __init__(self, url_map: Any, *items: str) -> None:
        super().__init__(url_map, f"(?s:{items[0]})", *items[1:])


@contextmanager
def line_breaks_routed() -> Iterator[None]:
    with replaced(werkzeug_app, "RegexConverter", _AnyCharacter):
        yield
