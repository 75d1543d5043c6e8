"""An account with a portal whose links, and whose LinkMailer, a test decides on."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from portal_links.store import Links, NewLink
from portal_links.tokens import new_token

from deploy.aws.clients import Clients, connect_with_keys
from deploy.deployment import Deployment
from deploy.links.portal import PortalLinks

DEPLOYMENT = Deployment("s3link", "123456789012", "eu-west-1", {})
TABLE = "links"
# Links are looked at by the clock of whoever types a command.
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


class LinksAccount:
    """Stands for the clients: a real table, scripted stacks and a scripted LinkMailer."""

    account = DEPLOYMENT.account
    region = DEPLOYMENT.region

    def __init__(self, usual_downloads: int = 0) -> None:
        """Call it with AWS mocked."""
        self.aws: Clients = connect_with_keys("key", "secret", self.region, None)
        self.dynamodb = self.aws.dynamodb
        self.s3 = self
        self.modified_at = NOW - timedelta(hours=1)
        self.gone: set[str] = set()
        self.cloudformation = self.waiting_lambda = self
        self.usual_downloads = usual_downloads
        self.has_portal = True
        self.events: list[Any] = []
        self.refuses: dict[str, str] = {}
        self.failure = ""
        self._make_table()

    @property
    def portal(self) -> PortalLinks:
        clients: Any = self
        return PortalLinks(clients, DEPLOYMENT, TABLE, "LinkMailer", self.usual_downloads)

    @property
    def store(self) -> Links:
        return Links(self.dynamodb, TABLE)

    def add(
        self,
        key: str = "report.pdf",
        recipient: str = "bob@example.com",
        link_id: str = "",
        age: timedelta = timedelta(hours=1),
        expires: timedelta = DAY,
        file_ends: timedelta = 2 * DAY,
        max_downloads: int | None = None,
        downloads: int = 0,
        name: str = "",
        grace: timedelta | None = None,
        file_count: int = 0,
    ) -> str:
        """A link made so long ago, that ends so long from now; gives its id. One with a
        `file_count` leads to a share."""
        made = link_id or os.urandom(16).hex()
        link = NewLink(
            token=new_token(made, os.urandom),
            bucket="files",
            key=key,
            version="v1",
            recipient=recipient,
            expires_at=NOW + expires,
            file_ends_at=NOW + file_ends,
            removed_at=NOW + 90 * DAY,
            modified_at=self.modified_at,
            max_downloads=max_downloads,
            own_name=name,
            file_count=file_count,
        )
        self.store.make([link], NOW - age, pause=lambda tries: False)
        grace_until = int((NOW + grace).timestamp()) if grace else 0
        if downloads:
            self.dynamodb.update_item(
                TableName=TABLE,
                Key={"LinkId": {"S": made}},
                UpdateExpression="SET Downloads = :n, GraceUntil = :end",
                ExpressionAttributeValues={
                    ":n": {"N": str(downloads)},
                    ":end": {"N": str(grace_until)},
                },
            )
        return made

    # What the tool calls.

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - as in the API
        if StackName.endswith("-portal") and not self.has_portal:
            return {"Stacks": [self._stack(StackName, {}, {})]}
        outputs = {"LinksTableName": TABLE, "LinkMailerName": "LinkMailer"}
        parameters = {"MaxDownloads": str(self.usual_downloads), "ExchangableObjectsTTL": "2"}
        return {"Stacks": [self._stack(StackName, outputs, parameters)]}

    def head_object(self, **request: Any) -> dict[str, Any]:
        if request["Key"] in self.gone:
            raise ClientError({"Error": {"Code": "404"}}, "HeadObject")
        return {"LastModified": self.modified_at, "VersionId": "v1", "ContentLength": 5}

    def invoke(self, **request: Any) -> dict[str, Any]:
        event = json.loads(request["Payload"])
        self.events.append((request["FunctionName"], event))
        if self.failure:
            return {
                "FunctionError": "Unhandled",
                "Payload": io.BytesIO(json.dumps({"errorMessage": self.failure}).encode()),
            }
        refused = {one: self.refuses[one] for one in event["linkIds"] if one in self.refuses}
        mailed = [one for one in event["linkIds"] if one not in refused]
        answer = {"mailed": mailed, "notMailed": refused}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    def _stack(
        self, name: str, outputs: dict[str, str], parameters: dict[str, str]
    ) -> dict[str, Any]:
        return {
            "StackName": name,
            "StackId": name,
            "StackStatus": "CREATE_COMPLETE",
            "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
        }

    def _make_table(self) -> None:
        names = ("LinkId", "RecipientId", "CreatedAt")
        index: Any = {
            "IndexName": "LinksByRecipient",
            "KeySchema": [
                {"AttributeName": "RecipientId", "KeyType": "HASH"},
                {"AttributeName": "CreatedAt", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
        self.dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "LinkId", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
            GlobalSecondaryIndexes=[index],
        )
