"""An operator on a machine that nobody has set up for AWS."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.operator import Operator

# What the machine of the tests may have set.
_VARIABLES = (
    "ACCESS_KEY_ID",
    "SECRET_ACCESS_KEY",
    "SESSION_TOKEN",
    "PROFILE",
    "REGION",
    "DEFAULT_REGION",
    "CONFIG_FILE",
    "SHARED_CREDENTIALS_FILE",
)
NO_KEYS = {f"AWS_{name}": None for name in _VARIABLES}


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """Someone in eu-west-1 without keys, whose shell says nothing about AWS."""
    (tmp_path / ".aws").mkdir()
    config = tmp_path / "s3link.toml"
    config.write_text('[s3link]\nregion = "eu-west-1"\n')
    environment = {**NO_KEYS, "HOME": str(tmp_path), "NO_PROXY": ""}
    return Operator(config, environment=environment)
