"""A browser in front of the portal's pages, and what its console may say of them: nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from tests.browser import Browser

# Chromium's note that a page came with a status such as 404 or 410, which is as it should be.
_STATUS = re.compile(r"\S+ - Failed to load resource: the server responded with a status of 4\d\d")


def complaints(browser: Browser) -> list[str]:
    """What the console has said since it was last read; refusals of the page's policy too."""
    return [message for message in browser.log() if not _STATUS.match(message)]


@contextmanager
def silent(window: Browser) -> Iterator[Browser]:
    """A window whose pages leave the console empty."""
    complaints(window)
    window.see_as("light")
    yield window
    said = complaints(window)
    assert said == [], said
