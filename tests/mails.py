"""What a recipient sees in a mail."""

from __future__ import annotations

import re

from deploy.local.inbox.mailbox import Mail


def link_in(mail: Mail) -> str:
    """The first link of its text."""
    found = re.search(r"https?://\S+", mail.text)
    assert found, mail.text
    return found.group()
