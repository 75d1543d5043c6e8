"""A members area, and an operator who looks after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from tests.deploy.members.account import MembersAccount
from tests.deploy.operator import Operator


@pytest.fixture
def account() -> Iterator[MembersAccount]:
    with mock_aws():
        yield MembersAccount()


@pytest.fixture
def operator(account: MembersAccount, tmp_path: Path) -> Operator:
    config = tmp_path / "s3link.toml"
    config.write_text('[s3link]\nregion = "eu-west-1"\n')
    return Operator(config)
