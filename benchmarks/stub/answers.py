"""What the stub says: a deployment of which nothing changes, a bucket, full tables."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from deploy.deployment import GENERATOR, PORTAL
from deploy.stacks.templates import load_template

BUCKET, TABLE, LINKS, FUNCTION = "files", "ledger", "links", "link-generator"
# About a megabyte, which is DynamoDB's page.
ROWS_A_PAGE, LINKS_A_PAGE = 2_500, 1_600
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
    """The portal if that is asked for, else the generator, whose links lead there."""
    kind = PORTAL if name.endswith(f"-{PORTAL.kind}") else GENERATOR
    known = load_template(kind.template).parameters
    values = {key: one.default or "" for key, one in known.items()}
    values |= {"EmailRecipient": "bob@example.com", "EmailSender": "links@example.com"}
    if kind is GENERATOR:
        values["PortalStackName"] = f"{name.removesuffix(GENERATOR.kind)}{PORTAL.kind}"
    outputs = {
        "FileExchangeBucketName": BUCKET,
        "ShareManifestVersion": "1",
        "DeliveriesLedgerName": TABLE,
        "LinkGeneratorName": FUNCTION,
        "LinksTableName": LINKS,
        "LinkMailerName": FUNCTION,
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


def page_of_links(scan: dict[str, Any], rows: int) -> str:
    """A page of the whole table, or of one of the segments that it is read in."""
    segments = scan.get("TotalSegments", 1)
    start = int(scan.get("ExclusiveStartKey", {}).get("Number", {}).get("N", 0))
    end = min(rows // segments, start + min(LINKS_A_PAGE, scan.get("Limit", LINKS_A_PAGE)))
    now = datetime.now(UTC)
    of_segment = scan.get("Segment", 0) * (rows // segments)
    items = [_link(of_segment + number, now) for number in range(start, end)]
    more = {"LastEvaluatedKey": {"Number": {"N": str(end)}}} if end < rows // segments else {}
    return json.dumps({"Items": items, "Count": len(items), **more})


def _link(number: int, now: datetime) -> dict[str, Any]:
    created = now - timedelta(seconds=number * 7919 % 86_400)  # in no order
    ends = str(int((created + timedelta(days=7)).timestamp()))
    times = {key: {"N": ends} for key in ("ExpiresAt", "FileEndsAt")}
    times["ModifiedAt"] = {"N": str(int(created.timestamp()))}
    texts = {
        "LinkId": f"{number:032x}",
        "CreatedAt": f"{created:%Y-%m-%dT%H:%M:%S}.000Z",
        "Bucket": BUCKET,
        "File": f"reports/2026/a longer name of a report {number}.pdf",
        "Version": "aVersionOfS3HasThirtyTwoLetters0",
        "Recipient": f"recipient-{number % 997}@example.com",
    }
    return {
        **{name: {"S": value} for name, value in texts.items()},
        **times,
        "Downloads": {"N": "1"},
    }


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
