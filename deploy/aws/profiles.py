"""The profiles that AWS's own configuration files have."""

from __future__ import annotations


def profile_names() -> list[str]:
    """Their names; none where the files cannot be read, since nobody waits for a reason."""
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    try:
        return list(Session().available_profiles)
    except (BotoCoreError, OSError, UnicodeDecodeError):
        return []
