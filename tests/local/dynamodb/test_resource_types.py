"""DynamoDB tables that a stack makes, changes and removes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.account import Account
from tests.local.dynamodb.tables import INDEX, SCHEMA, TABLE
from tests.local.stacks import Stacks, template

_TYPE = "AWS::DynamoDB::Table"
_FULL: dict[str, Any] = {
    **SCHEMA,
    "TimeToLiveSpecification": {"AttributeName": "ExpiresAt", "Enabled": True},
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "SSESpecification": {"SSEEnabled": True},
    "DeletionProtectionEnabled": False,
    "Tags": [{"Key": "team", "Value": "files"}],
}


class Told:
    """What DynamoDB says of the table."""

    def __init__(self, account: Account) -> None:
        client = account.client("dynamodb")
        self.table = client.describe_table(TableName=TABLE)["Table"]
        self.expiry = client.describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
        backups = client.describe_continuous_backups(TableName=TABLE)
        recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        self.recovery = recovery["PointInTimeRecoveryStatus"]
        tags = client.list_tags_of_resource(ResourceArn=self.table["TableArn"])["Tags"]
        self.tags = {tag["Key"]: tag["Value"] for tag in tags}
        self.indexes = [each["IndexName"] for each in self.table["GlobalSecondaryIndexes"]]


def test_every_property_is_honoured(account: Account, stacks: Stacks) -> None:
    """What the template says is what DynamoDB tells."""
    stacks.subject(_TYPE, _FULL)

    told = Told(account)
    assert told.table["KeySchema"] == SCHEMA["KeySchema"]
    assert told.table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert told.table["SSEDescription"]["Status"] == "ENABLED"
    assert told.table["DeletionProtectionEnabled"] is False
    assert told.indexes == [INDEX]
    assert told.expiry == {"AttributeName": "ExpiresAt", "TimeToLiveStatus": "ENABLED"}
    assert told.recovery == "ENABLED"
    assert told.tags["team"] == "files"


def test_what_ref_and_getatt_give(stacks: Stacks) -> None:
    """Ref is the table's name, Arn its ARN; a name is made up where none is given."""
    nameless = {name: value for name, value in SCHEMA.items() if name != "TableName"}
    outputs = {
        "Name": {"Value": {"Ref": "Subject"}},
        "Arn": {"Value": {"Fn::GetAtt": ["Subject", "Arn"]}},
    }
    resources = {"Subject": {"Type": _TYPE, "Properties": nameless}}

    stacks.apply("a", template(resources, Outputs=outputs))

    given = stacks.outputs("a")
    assert given["Name"].startswith("a-Subject-")
    assert given["Arn"] == f"arn:aws:dynamodb:eu-west-1:123456789012:table/{given['Name']}"


def test_changes_in_place(account: Account, stacks: Stacks) -> None:
    """The items stay while indexes, expiry, recovery, encryption and tags change."""
    stacks.subject(_TYPE, _FULL)
    client = account.client("dynamodb")
    client.put_item(TableName=TABLE, Item={"Id": {"S": "a"}})
    [old] = SCHEMA["GlobalSecondaryIndexes"]

    stacks.subject(
        _TYPE,
        {
            **SCHEMA,
            "DeletionProtectionEnabled": True,
            "GlobalSecondaryIndexes": [old, {**old, "IndexName": "Newer"}],
        },
    )

    told = Told(account)
    assert client.scan(TableName=TABLE)["Count"] == 1
    assert told.indexes == [INDEX, "Newer"]
    assert told.expiry["TimeToLiveStatus"] == "DISABLED"
    assert told.recovery == "DISABLED"
    assert "SSEDescription" not in told.table
    assert told.table["DeletionProtectionEnabled"] is True
    assert "team" not in told.tags


@pytest.mark.parametrize(
    "changed",
    [
        {"KeySchema": [{"AttributeName": "Day", "KeyType": "HASH"}]},
        {"TableName": "other"},
    ],
    ids=["key", "name"],
)
def test_changes_that_replace(stacks: Stacks, changed: dict[str, Any]) -> None:
    """Another key or another name is another table."""
    stacks.subject(_TYPE, SCHEMA)

    resources = {"Subject": {"Type": _TYPE, "Properties": {**SCHEMA, **changed}}}
    plan = stacks.plan("a", template(resources))

    [change] = plan["Changes"]
    assert change["ResourceChange"]["Replacement"] == "True"


_OTHER_KEY = {"KeySchema": [{"AttributeName": "Day", "KeyType": "HASH"}]}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (
            {"IndexName": "Newer"},
            "Cannot perform more than one GSI creation or deletion in a single update",
        ),
        (
            _OTHER_KEY,
            "Cannot update GSI's properties other than Provisioned Throughput and Contributor "
            "Insights Specification. You can create a new GSI with a different name.",
        ),
    ],
    ids=["an index instead of another", "another key of an index"],
)
def test_changes_of_indexes_that_dynamodb_refuses(
    stacks: Stacks, changed: dict[str, Any], reason: str
) -> None:
    """One index comes or goes at a time, and none changes."""
    stacks.subject(_TYPE, SCHEMA)
    [old] = SCHEMA["GlobalSecondaryIndexes"]

    properties = {**SCHEMA, "GlobalSecondaryIndexes": [{**old, **changed}]}
    stacks.apply("a", template({"Subject": {"Type": _TYPE, "Properties": properties}}))

    assert stacks.reason("a", "Subject", "UPDATE_FAILED") == reason


def test_another_type_of_an_attribute(stacks: Stacks) -> None:
    """AWS would make a new table; here the update fails and says so."""
    stacks.subject(_TYPE, SCHEMA)
    retyped = [{**each, "AttributeType": "N"} for each in SCHEMA["AttributeDefinitions"]]

    changed = {**SCHEMA, "AttributeDefinitions": retyped}
    stacks.apply("a", template({"Subject": {"Type": _TYPE, "Properties": changed}}))

    assert stacks.reason("a", "Subject", "UPDATE_FAILED") == (
        "The embedded AWS cannot give the attribute Id another type; AWS would make a new table."
    )


def test_an_index_more_replaces_nothing(stacks: Stacks) -> None:
    """New attributes for a new index leave the table where it is."""
    bare = {name: value for name, value in SCHEMA.items() if name != "GlobalSecondaryIndexes"}
    bare["AttributeDefinitions"] = SCHEMA["AttributeDefinitions"][:1]
    stacks.subject(_TYPE, bare)

    plan = stacks.plan("a", template({"Subject": {"Type": _TYPE, "Properties": SCHEMA}}))

    [change] = plan["Changes"]
    assert change["ResourceChange"]["Replacement"] == "False"


def test_deletion(account: Account, stacks: Stacks) -> None:
    """The table goes with its stack, unless it is protected."""
    client = account.client("dynamodb")
    stacks.subject(_TYPE, {**SCHEMA, "DeletionProtectionEnabled": True})

    stacks.client.delete_stack(StackName="a")
    assert stacks.status("a") == "DELETE_FAILED"
    assert client.list_tables()["TableNames"] == [TABLE]

    client.update_table(TableName=TABLE, DeletionProtectionEnabled=False)
    stacks.client.delete_stack(StackName="a")
    assert client.list_tables()["TableNames"] == []


def test_a_table_of_links(stacks: Stacks, account: Account) -> None:
    """Two tables in one stack, one with two indexes: one for all rows, one for a few."""
    keys = {"Id": "S", "Owner": "S", "Made": "S", "Pending": "S", "At": "N"}

    def index(name: str, partition: str, sort: str, projection: str) -> dict[str, Any]:
        return {
            "IndexName": name,
            "KeySchema": [
                {"AttributeName": partition, "KeyType": "HASH"},
                {"AttributeName": sort, "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": projection},
        }

    links = {
        "TableName": "links",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind} for name, kind in keys.items()
        ],
        "GlobalSecondaryIndexes": [
            index("ByOwner", "Owner", "Made", "ALL"),
            index("ToRemind", "Pending", "At", "KEYS_ONLY"),
        ],
        "TimeToLiveSpecification": {"AttributeName": "RemovedAt", "Enabled": True},
    }
    counts = {
        "TableName": "counts",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
        "TimeToLiveSpecification": {"AttributeName": "EndsAt", "Enabled": True},
    }
    stacks.subject(
        "AWS::DynamoDB::Table", links, Counts={"Type": "AWS::DynamoDB::Table", "Properties": counts}
    )
    dynamodb = account.client("dynamodb")
    for number, pending in enumerate([{"Pending": {"S": "yes"}}, {}]):
        own = {"Id": {"S": str(number)}, "Owner": {"S": "bob"}, "Made": {"S": str(number)}}
        dynamodb.put_item(
            TableName="links", Item={**own, "At": {"N": "5"}, "Hashes": {"SS": ["a"]}, **pending}
        )

    def found(index_name: str, condition: str, **values: Any) -> list[dict[str, Any]]:
        answer = dynamodb.query(
            TableName="links",
            IndexName=index_name,
            KeyConditionExpression=condition,
            ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
        )
        return list(answer["Items"])

    assert len(found("ByOwner", "Owner = :o", o={"S": "bob"})) == 2
    [one] = found("ToRemind", "Pending = :p AND At < :t", p={"S": "yes"}, t={"N": "9"})
    assert one == {"Id": {"S": "0"}, "Pending": {"S": "yes"}, "At": {"N": "5"}}
    for table, attribute in {"links": "RemovedAt", "counts": "EndsAt"}.items():
        told = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        assert told == {"TimeToLiveStatus": "ENABLED", "AttributeName": attribute}
