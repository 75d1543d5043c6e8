"""A deployment with a members area, as its members and its operator see it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from deploy.local import LOCAL_ACCOUNT
from tests.faults.deployed import Deployed
from tests.signing_in import Login, Visit
from tests.waiting import until

MEMBER, PASSWORD = "ann@example.com", "correct horse battery"
VERSION = "1.4.0"


@dataclass(frozen=True)
class WithMembers(Deployed):
    """One deployment with a members area."""

    def add_member(self) -> None:
        """Somebody who was invited and has chosen a password."""
        person = {"UserPoolId": self.outputs["MembersPoolId"], "Username": MEMBER}
        verified = [{"Name": "email_verified", "Value": "true"}]
        cognito = self.clients.cognito
        cognito.admin_create_user(
            **person,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email", "Value": MEMBER}, *verified],
        )
        cognito.admin_set_user_password(**person, Password=PASSWORD, Permanent=True)
        cognito.admin_add_user_to_group(**person, GroupName="members")

    def publish(self, version: str = VERSION, file: str = "game.zip") -> None:
        self.clients.s3.put_object(
            Bucket=self.outputs["ArtifactsBucketName"],
            Key=f"{version}/{file}",
            Body=f"The bytes of {version}".encode(),
        )

    def withdraw(self, version: str = VERSION, file: str = "game.zip") -> None:
        """As the tool does, by a delete marker; once more changes nothing."""
        self.clients.s3.delete_object(
            Bucket=self.outputs["ArtifactsBucketName"], Key=f"{version}/{file}"
        )

    def forget(self) -> None:
        """Nothing has gone wrong yet, as far as alarms know."""
        self.faults.end()
        cloudwatch_backends[LOCAL_ACCOUNT][self.aws.region].metric_data.clear()
        until(lambda: self.alarms() == set())

    @property
    def login(self) -> Login:
        answer = self.clients.awslambda.get_function_configuration(FunctionName=self.function)
        return Login.of(answer["Environment"]["Variables"])

    def visit(self) -> Visit:
        """What the member sees who has just signed in."""
        # A sign-out is one of all that this member signed in during the same second.
        second = int(time.time())
        until(lambda: int(time.time()) > second)
        login = self.login
        return Visit(login.area, login.sign_in(MEMBER, PASSWORD).access)

    @property
    def function(self) -> str:
        """The name of Members."""
        found = self.clients.cloudformation.describe_stack_resources(
            StackName="s3link-members", LogicalResourceId="Members"
        )["StackResources"]
        return str(found[0]["PhysicalResourceId"])

    def rows_of_answers(self) -> list[dict[str, Any]]:
        """As DynamoDB has them."""
        answer = self.clients.dynamodb.scan(TableName=self.outputs["SurveyTableName"])
        return list(answer["Items"])
