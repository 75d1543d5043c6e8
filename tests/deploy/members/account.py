"""An account with a members area: a pool, a bucket and tables that answer as AWS's do."""

from __future__ import annotations

import json
from typing import Any

from deploy.aws.clients import Clients, connect_with_keys
from deploy.deployment import Deployment
from deploy.members.area import MembersArea, find_area

DEPLOYMENT = Deployment("s3link", "123456789012", "eu-west-1", {})
BUCKET = "artifacts"
SURVEY_TABLE = "survey"
SIGNED_OUT_TABLE = "signed-out"
URL = "https://members.example.com/"
TEMPORARY_DAYS = 7


class MembersAccount:
    """Make it with AWS mocked. `area` is what a command finds of it."""

    def __init__(self) -> None:
        self.clients: Clients = connect_with_keys("key", "secret", "eu-west-1", None)
        self.pool = self._make_pool()
        self._make_bucket()
        self._make_table(SURVEY_TABLE, "Version", "MemberId")
        self._make_table(SIGNED_OUT_TABLE, "Id")
        self._make_stack()

    @property
    def area(self) -> MembersArea:
        return find_area(self.clients, DEPLOYMENT)

    def add_member(self, address: str, *groups: str, signed_in: bool = True) -> str:
        """Somebody who has a password of their own, or only an invitation; gives their id."""
        cognito = self.clients.cognito
        user = cognito.admin_create_user(
            UserPoolId=self.pool,
            Username=address,
            UserAttributes=[
                {"Name": "email", "Value": address},
                {"Name": "email_verified", "Value": "true"},
            ],
        )["User"]
        for group in groups or ("members",):
            cognito.admin_add_user_to_group(UserPoolId=self.pool, Username=address, GroupName=group)
        if signed_in:
            cognito.admin_set_user_password(
                UserPoolId=self.pool,
                Username=address,
                Password="Long-Enough-Passw0rd!",
                Permanent=True,
            )
        return user["Username"]

    def status_of(self, address: str) -> str:
        user = self.clients.cognito.admin_get_user(UserPoolId=self.pool, Username=address)
        return user["UserStatus"]

    def groups_of(self, address: str) -> set[str]:
        answer = self.clients.cognito.admin_list_groups_for_user(
            UserPoolId=self.pool, Username=address
        )
        return {group["GroupName"] for group in answer["Groups"]}

    def signed_out(self) -> list[dict[str, Any]]:
        """The rows that the function looks at."""
        rows = self.clients.dynamodb.scan(TableName=SIGNED_OUT_TABLE)["Items"]
        return [{name: next(iter(value.values())) for name, value in row.items()} for row in rows]

    def put(self, key: str, content: bytes = b"content") -> None:
        self.clients.s3.put_object(Bucket=BUCKET, Key=key, Body=content)

    def contents(self) -> dict[str, bytes]:
        """What is in the bucket now, for whoever does not ask for old versions."""
        listed = self.clients.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {
            one["Key"]: self.clients.s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read()
            for one in listed
        }

    def answer(self, version: str, member: str, at: int, **answers: Any) -> None:
        """A row as the function writes it."""
        self.clients.dynamodb.put_item(
            TableName=SURVEY_TABLE,
            Item={
                "Version": {"S": version},
                "MemberId": {"S": f"id-of-{member}"},
                "Member": {"S": member},
                "AnsweredAt": {"N": str(at)},
                "Answers": {
                    "M": {
                        question: {"N": str(value)} if isinstance(value, int) else {"S": value}
                        for question, value in answers.items()
                    }
                },
            },
        )

    def _make_pool(self) -> str:
        pool = self.clients.cognito.create_user_pool(
            PoolName="members",
            UsernameAttributes=["email"],
            Policies={
                "PasswordPolicy": {
                    "MinimumLength": 12,
                    "TemporaryPasswordValidityDays": TEMPORARY_DAYS,
                }
            },
            AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
            DeletionProtection="ACTIVE",
        )["UserPool"]["Id"]
        for group in ("members", "admins"):
            self.clients.cognito.create_group(UserPoolId=pool, GroupName=group)
        return pool

    def _make_bucket(self) -> None:
        self.clients.s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        self.clients.s3.put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )

    def _make_table(self, name: str, *keys: str) -> None:
        kinds = ("HASH", "RANGE")
        self.clients.dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": key, "KeyType": kind}  # type: ignore[typeddict-item]
                for key, kind in zip(keys, kinds, strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        )

    def _make_stack(self) -> None:
        outputs = {
            "MembersUrl": URL.rstrip("/"),
            "MembersPoolId": self.pool,
            "MembersClientId": "client",
            "ArtifactsBucketName": BUCKET,
            "SurveyTableName": SURVEY_TABLE,
            "SignedOutTableName": SIGNED_OUT_TABLE,
        }
        template = {
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
            "Outputs": {name: {"Value": value} for name, value in outputs.items()},
        }
        self.clients.cloudformation.create_stack(
            StackName="s3link-members", TemplateBody=json.dumps(template)
        )
