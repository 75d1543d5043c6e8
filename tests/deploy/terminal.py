"""A terminal as programs see it: something to write to that says it is one."""

from __future__ import annotations

import re
from io import StringIO

_STYLE = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True

    @property
    def lines(self) -> list[str]:
        """What can be read, without colours and bold type."""
        return _STYLE.sub("", self.getvalue()).splitlines()


def without_style(text: str) -> str:
    return _STYLE.sub("", text)
