"""Every role of a deployment with all its stacks may do its work, and nothing beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from deploy.console import Console
from deploy.local.iam.credentials import assume
from deploy.local.run import deploy_locally, operator_clients
from deploy.local.server import EmbeddedAws
from deploy.local.sns.backend import service_may_publish
from tests.local.account import Account, client_with
from tests.local.iam.deployed_roles import ROLES as ROLES_OF_THE_GENERATOR
from tests.local.iam.file_grants import (
    ENCRYPTED_FILE,
    FILE,
    OTHER_FILE,
    OTHERWISE_ENCRYPTED_FILE,
)
from tests.local.iam.grants import Call, Grant
from tests.local.iam.members_roles import ROLES as ROLES_OF_MEMBERS
from tests.local.iam.portal_roles import ROLES as ROLES_OF_THE_PORTAL
from tests.local.iam.programs_roles import ROLES as ROLES_OF_PROGRAMS
from tests.templates.reading import GENERATOR, MEMBERS, PORTAL, PROGRAMS, Template
from tests.waiting import until

pytestmark = pytest.mark.slow

OTHER = "somebody-elses"
STACKS = (GENERATOR, PORTAL, PROGRAMS, MEMBERS)
BUCKETS = ("FileExchangeBucket", "ArtifactsBucket")
LOG_GROUPS = [name for stack in STACKS for name in stack.of_type("AWS::Logs::LogGroup")]
REFUSED = {"403", "AccessDenied", "AccessDeniedException", "AuthorizationError"}
ROLES = {**ROLES_OF_THE_GENERATOR, **ROLES_OF_THE_PORTAL, **ROLES_OF_PROGRAMS, **ROLES_OF_MEMBERS}
GRANTS = [(role, grant) for role, grants in ROLES.items() for grant in grants]
NEIGHBOURS = [
    pytest.param(role, call, id=f"{role}-{what}")
    for role, grant in GRANTS
    for what, call in grant.neighbours.items()
]

each_grant = pytest.mark.parametrize(
    ("role", "grant"), GRANTS, ids=[f"{role}-{grant.sid}" for role, grant in GRANTS]
)


class Deployment:
    """A deployed s3link, and sessions of its roles."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.account = Account(aws)
        # The rows about programs need a place that is theirs.
        self.key = self._new_key()
        parameters = {
            "ProgramsKeys": "programs/*",
            "FileKeyArns": self.key,
            "GatherPeriod": "60",
        }
        optional_kinds = frozenset({"portal", "programs", "members"})
        deploy_locally(aws, "s3link", parameters, Console("json"), optional_kinds)
        self.names = {"Other": OTHER}
        for kind in ("sender", "portal", "generator", "programs", "members"):
            resources = operator_clients(aws).cloudformation.describe_stack_resources(
                StackName=f"s3link-{kind}"
            )["StackResources"]
            self.names |= {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources}
        self._make_neighbours()
        # One client per role and service.
        self.client = cache(self._client)

    def _new_key(self) -> str:
        arn: str = self.account.client("kms").create_key()["KeyMetadata"]["Arn"]
        return arn

    def _make_neighbours(self) -> None:
        """What a role could reach for, so that only its policies keep it away."""
        account, names = self.account, self.names
        s3, logs, ses = (account.client(name) for name in ("s3", "logs", "ses"))
        account.create_bucket(OTHER)
        logs_of_buckets = (names[f"{bucket}Logs"] for bucket in BUCKETS)
        for name in (OTHER, *logs_of_buckets, *(names[bucket] for bucket in BUCKETS)):
            s3.put_object(Bucket=name, Key=OTHER_FILE, Body=b"x")
            s3.put_object(Bucket=name, Key=FILE, Body=b"x")
        for bucket in BUCKETS:
            head = s3.head_object(Bucket=names[bucket], Key=FILE)
            names[f"{bucket}Version"] = head["VersionId"]
        for file, key in ((ENCRYPTED_FILE, self.key), (OTHERWISE_ENCRYPTED_FILE, self._new_key())):
            self.put_encrypted(file, key)
        pools = account.client("cognito-idp")
        names["OtherPool"] = pools.create_user_pool(PoolName=OTHER)["UserPool"]["Id"]
        names["OtherQueue"] = account.client("sqs").create_queue(QueueName=OTHER)["QueueUrl"]
        names["OtherTopic"] = account.client("sns").create_topic(Name=OTHER)["TopicArn"]
        account.client("dynamodb").create_table(
            TableName=OTHER,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "DeliveryId", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "DeliveryId", "AttributeType": "S"}],
        )
        logs.create_log_group(logGroupName=OTHER)
        for group in (OTHER, *(names[name] for name in LOG_GROUPS)):
            logs.create_log_stream(logGroupName=group, logStreamName="one")
        ses.verify_email_identity(EmailAddress="ceo@example.com")
        ses.create_configuration_set(ConfigurationSet={"Name": OTHER})
        ses.create_template(Template={"TemplateName": OTHER, "SubjectPart": "x", "TextPart": "x"})

    def put_encrypted(self, file: str, key: str) -> None:
        self.account.client("s3").put_object(
            **{"Bucket": self.names["FileExchangeBucket"], "Key": file, "Body": b"x"},
            **{"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key},
            Metadata={"announce": "now"},
        )

    def try_as(self, role: str, call: Call) -> str:
        """The code of the refusal; empty when the role may do it.

        Another error than a refusal means that the role was let through.
        """
        names = {**self.names, "Fresh": uuid4().hex}
        try:
            getattr(self.client(role, call.service), call.operation)(**call.with_names(names))
        except ClientError as exc:
            code = str(exc.response["Error"]["Code"])
            return code if code in REFUSED else ""
        return ""

    @contextmanager
    def without(self, role: str, sid: str) -> Iterator[None]:
        """Inside the block the role lacks one statement."""
        iam, name = self.account.client("iam"), self.names[role]
        [policy] = iam.list_role_policies(RoleName=name)["PolicyNames"]
        whole = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        left = [one for one in whole["Statement"] if one["Sid"] != sid]
        assert len(left) == len(whole["Statement"]) - 1
        put = partial(iam.put_role_policy, RoleName=name, PolicyName=policy)
        if left:
            put(PolicyDocument=json.dumps({**whole, "Statement": left}))
        else:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        try:
            yield
        finally:
            put(PolicyDocument=json.dumps(whole))

    def _client(self, role: str, service: str) -> Any:
        arn = self.account.client("iam").get_role(RoleName=self.names[role])["Role"]["Arn"]
        keys = assume(arn, role, self.account.aws.region)
        return client_with(self.account, service, keys)


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with EmbeddedAws(retry_delays=(0.05,)) as aws:
        yield Deployment(aws)


@pytest.mark.parametrize(
    ("template", "role"),
    [
        pytest.param(template, role, id=role)
        for template in STACKS
        for role in template.of_type("AWS::IAM::Role")
    ],
)
def test_every_statement_is_tried(template: Template, role: str) -> None:
    """A new statement, or a new role, gets its rows in a module of roles beside this one."""
    owners = {role, f"{role}Policy"}  # a policy may stand apart
    sids = {s.sid for s in template.statements if s.owner in owners and s.resources}

    assert {grant.sid for grant in ROLES[role] if grant.own and grant.neighbours} == sids


@each_grant
def test_a_statement_allows_what_it_is_for(deployment: Deployment, role: str, grant: Grant) -> None:
    """Exactly with the template's policies, conditions included."""
    assert [deployment.try_as(role, call) for call in grant.own] == [""] * len(grant.own)


@each_grant
def test_no_statement_is_there_for_nothing(deployment: Deployment, role: str, grant: Grant) -> None:
    """Without it, what it is for is refused."""
    with deployment.without(role, grant.sid):
        assert all(deployment.try_as(role, call) for call in grant.own)


@pytest.mark.parametrize(("role", "call"), NEIGHBOURS)
def test_what_lies_beside_it_is_refused(deployment: Deployment, role: str, call: Call) -> None:
    """Another bucket, address, template, queue or log, and other deeds on its own ones."""
    assert deployment.try_as(role, call) in REFUSED


def test_only_ses_publishes_mail_events(deployment: Deployment) -> None:
    """Who may publish to every topic of the account cannot make up a fate; the operator neither."""
    account, topic = deployment.account, deployment.names["MailEventsTopic"]
    region = topic.removeprefix("arn:aws:sns:").rpartition(":")[0]
    of_the_set = f"arn:aws:ses:{region}:configuration-set/{deployment.names['ConfigurationSet']}"
    publisher = account.worker("sns")  # which may do everything

    for sns in (publisher, account.client("sns")):
        for call in (
            partial(sns.publish, Message="x"),
            partial(sns.publish_batch, PublishBatchRequestEntries=[{"Id": "1", "Message": "x"}]),
        ):
            with pytest.raises(ClientError, match="with an explicit deny in a resource-based"):
                call(TopicArn=topic)
        sns.publish(TopicArn=deployment.names["OtherTopic"], Message="x")
    assert service_may_publish("ses.amazonaws.com", of_the_set, topic)
    for service, source in (
        ("ses.amazonaws.com", of_the_set + "-of-somebody-else"),
        ("cloudwatch.amazonaws.com", of_the_set),
        ("events.amazonaws.com", f"arn:aws:events:{region}:rule/x"),
    ):
        assert not service_may_publish(service, source, topic)


@pytest.mark.parametrize(
    ("sid", "sentence"),
    [
        (
            "ReadFilesAndSignLinksToThem",
            "S3 does not let LinkGenerator's role read it; allow s3:GetObject, "
            "s3:GetObjectVersion and s3:ListBucket.",
        ),
        (
            "DecryptFilesUnderTheseKeys",
            "(AccessDenied); add the key to FileKeyArns and deploy, or upload the file again "
            "without it.",
        ),
        (
            "MakeLinksOfThePortal",
            "was not announced, because the portal's table did not take its links "
            "(AccessDeniedException). Deploy again: the portal stack has the table, the generator "
            "stack its use.",
        ),
        (
            "SendMailsFromOneTemplateOnly",
            "AccessDenied for bob@example.com. LinkGenerator's role needs "
            "ses:SendBulkTemplatedEmail on the sender's identity, the template and the "
            "configuration set; deploy the generator stack.",
        ),
    ],
)
def test_link_generator_says_what_it_may_not_do(
    deployment: Deployment, sid: str, sentence: str
) -> None:
    """Its sentence ends in DeadLetterQueue, beside the event."""
    account, names = deployment.account, deployment.names
    found: list[str] = []

    def has_arrived() -> bool:
        answer = account.client("sqs").receive_message(
            QueueUrl=names["DeadLetterQueue"],
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
        )
        found.extend(
            letter["MessageAttributes"]["ErrorMessage"]["StringValue"]
            for letter in answer.get("Messages", [])
            if sid in letter["Body"]
        )
        return bool(found)

    with deployment.without("LinkGeneratorRole", sid):
        deployment.put_encrypted(sid, deployment.key)
        until(has_arrived)

    assert found[0].endswith(sentence), found
