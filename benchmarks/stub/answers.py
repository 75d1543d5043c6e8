"""What the stub says: a deployment of which nothing changes, a bucket, and a full ledger."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from deploy.deployment import GENERATOR
from deploy.stacks.templates import load_template

BUCKET, TABLE, FUNCTION = "files", "ledger", "link-generator"
ROWS_A_PAGE = 2_500  # about a megabyte of them, which is DynamoDB's page
_PARTS = 8
_ACCOUNT = "123456789012"


def who_calls() -> str:
    return (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        f"<GetCallerIdentityResult><Arn>arn:aws:iam::{_ACCOUNT}:user/ann</Arn>"
        f"<UserId>ann</UserId><Account>{_ACCOUNT}</Account></GetCallerIdentityResult>"
        "</GetCallerIdentityResponse>"
    )


def stack(name: str) -> str:
    """The generator stack, whoever asks for which."""
    known = load_template(GENERATOR.template).parameters
    values = {key: one.default or "" for key, one in known.items()}
    values |= {"EmailRecipient": "bob@example.com", "EmailSender": "links@example.com"}
    outputs = {
        "FileExchangeBucketName": BUCKET,
        "DeliveriesLedgerName": TABLE,
        "LinkGeneratorName": FUNCTION,
    }
    return (
        '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">'
        f"<DescribeStacksResult><Stacks><member><StackName>{name}</StackName>"
        f"<StackId>arn:aws:cloudformation:eu-west-1:{_ACCOUNT}:stack/{name}/1</StackId>"
        "<CreationTime>2026-11-01T00:00:00Z</CreationTime>"
        "<StackStatus>CREATE_COMPLETE</StackStatus>"
        f"<Parameters>{_members('Parameter', values)}</Parameters>"
        f"<Outputs>{_members('Output', outputs)}</Outputs>"
        "</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
    )


def _members(kind: str, values: dict[str, str]) -> str:
    return "".join(
        f"<member><{kind}Key>{key}</{kind}Key><{kind}Value>{value}</{kind}Value></member>"
        for key, value in values.items()
    )


def function() -> str:
    """The function is there; nobody asks for more."""
    return json.dumps({"FunctionName": FUNCTION})


def begun_upload(key: str) -> str:
    return (
        f"<InitiateMultipartUploadResult><Bucket>{BUCKET}</Bucket><Key>{key}</Key>"
        f"<UploadId>{uuid4().hex}</UploadId></InitiateMultipartUploadResult>"
    )


def whole_upload(key: str) -> str:
    return (
        f"<CompleteMultipartUploadResult><Bucket>{BUCKET}</Bucket><Key>{key}</Key>"
        '<ETag>"0"</ETag></CompleteMultipartUploadResult>'
    )


def page_of_ledger(query: dict[str, Any], rows: int) -> str:
    """A page of one part of this year; each part has an eighth of the rows, others have none."""
    values = query["ExpressionAttributeValues"]
    year, _, part = values[":part"]["S"].partition("-")
    now = datetime.now(UTC)
    of_part = rows // _PARTS if int(year) == now.year else 0
    start = int(query.get("ExclusiveStartKey", {}).get("Number", {}).get("N", 0))
    end = min(of_part, start + min(ROWS_A_PAGE, query.get("Limit", ROWS_A_PAGE)))
    items = [_row(number, part, now) for number in range(start, end)]
    more = {"LastEvaluatedKey": {"Number": {"N": str(end)}}} if end < of_part else {}
    return json.dumps({"Items": items, "Count": len(items), **more})


def _row(number: int, part: str, now: datetime) -> dict[str, Any]:
    received = now - timedelta(seconds=30 * number)
    row = {
        "DeliveryId": f"{number:028x}{int(part):04x}",
        "YearPart": f"{received.year}-{part}",
        "ReceivedAt": f"{received:%Y-%m-%dT%H:%M:%S}.000Z",
        "MailedAt": f"{received:%Y-%m-%dT%H:%M:%S}.500Z",
        "LinkExpiresAt": f"{received:%Y-%m-%dT%H:%M:%S}.000Z",
        "File": f"reports/2026/a longer name of a report {number}.pdf",
        "Version": "aVersionOfS3HasThirtyTwoLetters0",
        "Recipient": f"recipient-{number % 997}@example.com",
        "MessageId": "0102018f00000000-00000000-0000-0000-0000-000000000000-000000",
        "Fate": "Delivered",
    }
    return {name: {"S": value} for name, value in row.items()} | {"Attempts": {"N": "1"}}
