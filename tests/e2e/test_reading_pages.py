"""The browser that the other tests look through."""

from __future__ import annotations

import pytest

from tests.browser import Browser

pytestmark = pytest.mark.slow

_REDRAWN = """
document.body.innerHTML = '<p>old</p>'.repeat(40);
let left = 20;
const timer = setInterval(() => {
  left -= 1;
  document.body.innerHTML = `<p>${left ? 'old' : 'new'}</p>`.repeat(40);
  if (!left) clearInterval(timer);
}, 50);
"""


def test_what_is_read_is_of_one_page(browser: Browser) -> None:
    """A page that changes while it is read is read again: forty elements take longer than one
    drawing lasts."""
    browser.open("about:blank")

    browser.run(_REDRAWN)

    assert browser.texts("p") == ["new"] * 40
