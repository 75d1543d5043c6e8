"""What moto's own DynamoDB lacks; once one of these fails, moto has closed the gap."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.cloudformation.parsing import get_model_map
from moto.dynamodb import models
from moto.dynamodb.models import dynamodb_backends

from deploy.local import LOCAL_ACCOUNT
from tests.local.dynamodb.tables import SCHEMA, TABLE, claim
from tests.local.plain_moto import MotoStack


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


def test_table(moto_stack: MotoStack) -> None:
    """moto drops expiry and recovery of a table, and cannot change one. Gap of Table."""
    moto_stack.create(
        "AWS::DynamoDB::Table",
        {
            **SCHEMA,
            "TimeToLiveSpecification": {"AttributeName": "ExpiresAt", "Enabled": True},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        },
    )

    dynamodb = moto_stack.client("dynamodb")
    expiry = dynamodb.describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=TABLE)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]
    assert expiry == {"TimeToLiveStatus": "DISABLED"}
    assert recovery["PointInTimeRecoveryStatus"] == "DISABLED"
    update = get_model_map()["AWS::DynamoDB::Table"].update_from_cloudformation_json
    assert hasattr(update, "__isabstractmethod__")
