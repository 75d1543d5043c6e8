"""Fixtures of what the embedded S3 takes and refuses."""

from __future__ import annotations

import pytest

from tests.local.account import Account


@pytest.fixture
def bucket(account: Account) -> Account:
    """An account with a bucket in it."""
    account.create_bucket()
    return account
