"""What moto's own DynamoDB lacks; once one of these fails, moto has closed the gap."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.dynamodb import models
from moto.dynamodb.models import dynamodb_backends

from deploy.local import LOCAL_ACCOUNT
from tests.local.dynamodb.tables import SCHEMA, TABLE, claim


@pytest.fixture
def moto() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("dynamodb", region_name="eu-west-1")


def test_moto_still_copies_the_whole_table(moto: Any) -> None:
    """Twins crash on it. Once moto copies items only, and locks, delete DynamoBackend."""
    moto.create_table(**SCHEMA)
    backend = dynamodb_backends[LOCAL_ACCOUNT]["eu-west-1"]
    copied: list[str] = []

    class Watched(models.Table):
        def __deepcopy__(self, memo: Any) -> Any:
            copied.append(self.name)
            return copy.copy(self)

    backend.tables[TABLE].__class__ = Watched

    moto.transact_write_items(TransactItems=[{"Update": claim("ann", "a")}])

    assert copied == [TABLE]


def test_moto_still_forgets_tokens(moto: Any) -> None:
    """Once moto knows ClientRequestToken, delete is_done and remember in dynamodb.py."""
    moto.create_table(**SCHEMA)
    transaction = {"TransactItems": [{"Update": claim("ann", "a")}], "ClientRequestToken": "token"}
    moto.transact_write_items(**transaction)

    with pytest.raises(ClientError) as refused:
        moto.transact_write_items(**transaction)

    assert refused.value.response["Error"]["Code"] == "TransactionCanceledException"
