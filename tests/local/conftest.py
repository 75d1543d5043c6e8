from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from deploy.local.server import EmbeddedAws
from tests.local.account import Account, Diary
from tests.local.links import CONTENT, KEY, Clock
from tests.local.plain_moto import MotoStack
from tests.local.stacks import Stacks


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def account(clock: Clock) -> Iterator[Account]:
    """An empty embedded AWS that tries a failed event again at once, and has AWS's time limits."""
    with EmbeddedAws(retry_delays=(0.05, 0.05), clock=clock, patience=1) as aws:
        yield Account(aws)


@pytest.fixture
def stored(account: Account) -> Account:
    """The account with one object, in a bucket with versions."""
    account.create_bucket()
    account.client("s3").put_object(Bucket="exchange", Key=KEY, Body=CONTENT)
    return account


@pytest.fixture
def diary(tmp_path: Path) -> Diary:
    return Diary(tmp_path / "diary.jsonl")


@pytest.fixture
def stacks(account: Account) -> Stacks:
    return Stacks(account)


@pytest.fixture
def moto_stack() -> Iterator[MotoStack]:
    with mock_aws(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield MotoStack()
