"""What a member does in the demo; whatever stops them is said in a sentence."""

from __future__ import annotations

import pytest

from deploy.errors import LocalError
from deploy.local.as_member import temporary_password


def test_the_password_of_an_invitation() -> None:
    """As it is read, not as it stands in HTML."""
    html = "<p>Your temporary password, which works for 7 days:</p>\n <p class='x'>a&amp;b</p>"

    assert temporary_password(html) == "a&b"


def test_an_invitation_without_a_password() -> None:
    with pytest.raises(LocalError, match="has no temporary password"):
        temporary_password("<p>Come in.</p>")
