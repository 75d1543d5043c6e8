"""Why a logo cannot be used."""

from __future__ import annotations


class UnusableLogo(Exception):  # noqa: N818, as what it says is a state of the file
    """The message goes on a sentence: "… cannot be used: {message}"."""
