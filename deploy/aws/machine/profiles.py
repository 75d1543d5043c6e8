"""The profiles of the AWS tools: all names; of one its lines and file, for sentences to name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.configloader import raw_config_parse
from botocore.exceptions import BotoCoreError
from botocore.session import Session

ROLE = "role_arn"


@dataclass(frozen=True)
class Profile:
    """The profile that credentials are looked for in, with its lines."""

    name: str
    file: str
    lines: Mapping[str, Any]
    source: Profile | None = None

    def __str__(self) -> str:
        return f'profile "{self.name}" in {self.file}'

    @property
    def last(self) -> Profile:
        """The one that a role's `source_profile` leads to, where there is a role."""
        return self.source.last if self.source else self


def profile_names() -> list[str]:
    """Of all profiles; none where the files cannot be read, since nobody waits for a reason."""
    try:
        return list(Session().available_profiles)
    except (BotoCoreError, OSError, UnicodeDecodeError):
        return []


def profile_of(session: Session) -> Profile:
    """The profile that a session works with, and those that its role leads to."""
    name = session.get_config_variable("profile") or "default"
    return _with_source(session, name, seen=())


def _with_source(session: Session, name: str, seen: tuple[str, ...]) -> Profile:
    lines = session.full_config.get("profiles", {}).get(name, {})
    file = _file_with(session, name)
    source = lines.get("source_profile") if ROLE in lines else None
    if not source or source in (name, *seen):
        return Profile(name, file, lines)
    return Profile(name, file, lines, _with_source(session, source, (name, *seen)))


def _file_with(session: Session, name: str) -> str:
    """The file that has the profile; the configuration file where neither has."""
    credentials_file: str = session.get_config_variable("credentials_file")
    config_file: str = session.get_config_variable("config_file")
    try:
        if name in raw_config_parse(credentials_file):
            config = raw_config_parse(config_file) if _exists(config_file) else {}
            if name not in config and f"profile {name}" not in config:
                return credentials_file
    except BotoCoreError:
        pass
    return config_file


def _exists(path: str) -> bool:
    return os.path.isfile(os.path.expanduser(os.path.expandvars(path)))  # noqa: PTH111, PTH113
