"""What a role must be allowed for each call: with exactly that it works, with less it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from deploy.local.server import EmbeddedAws
from tests.local.account import Account, allowing
from tests.local.iam.permissions import (
    BULK,
    BY_DAY,
    CALLS,
    ITEM,
    PUT,
    QUERY,
    QUEUE,
    ROLE,
    ROW,
    SES,
    TABLE,
    TEMPLATE,
    UPDATED,
)

# A policy has at least one statement.
NOTHING = allowing("none:Nothing")
TRUST = """{"Version": "2012-10-17", "Statement": {
    "Effect": "Allow",
    "Principal": {"Service": ["cloudformation.amazonaws.com", "scheduler.amazonaws.com"]},
    "Action": "sts:AssumeRole"
}}"""
BOARD = '{"widgets": []}'
CODES = {"403", "AccessDenied", "AccessDeniedException", "AuthorizationError"}


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """One account with something of each kind."""
    with EmbeddedAws(retry_delays=(0.05,)) as aws:
        account = Account(aws)
        _fill(account)
        yield account


def _fill(account: Account) -> None:
    account.create_bucket()
    for key in ("a b/ü.pdf", "old ü", "new"):
        account.client("s3").put_object(Bucket="exchange", Key=key, Body=b"x")
    ses = account.client("ses")
    ses.verify_email_identity(EmailAddress="files@example.com")
    ses.verify_domain_identity(Domain="example.org")
    ses.create_template(
        Template={"TemplateName": "announcement", "SubjectPart": "x", "TextPart": "x"}
    )
    ses.create_configuration_set(ConfigurationSet={"Name": "mails"})
    _create_table(account.client("dynamodb"))
    account.client("sqs").create_queue(QueueName="letters")
    account.client("sns").create_topic(Name="alarms")
    account.create_function("def handle(event, context): pass")
    account.client("apigatewayv2").create_domain_name(
        DomainName="files.example.com", DomainNameConfigurations=[{"EndpointType": "REGIONAL"}]
    )
    logs = account.client("logs")
    logs.create_log_group(logGroupName="log")
    logs.create_log_stream(logGroupName="log", logStreamName="stream")
    account.client("iam").create_role(RoleName="maker", AssumeRolePolicyDocument=TRUST)
    account.client("cloudwatch").put_dashboard(DashboardName="board", DashboardBody=BOARD)
    account.client("scheduler").create_schedule(
        Name="daily",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": QUEUE, "RoleArn": ROLE},
    )
    account.client("cloudformation").create_stack(
        StackName="stack", TemplateBody=TEMPLATE.replace("SNS::Topic", "SQS::Queue")
    )


def _create_table(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName="rows",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("Id", "Moment")
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-day",
                "KeySchema": [{"AttributeName": "Moment", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    dynamodb.put_item(TableName="rows", Item={"Id": {"S": "4"}})


def _caller(account: Account, service: str, call: str, given: dict[str, Any]) -> Callable[[], Any]:
    if given.get("VersionId") == "?":
        head = account.client("s3").head_object(Bucket=given["Bucket"], Key=given["Key"])
        given = {**given, "VersionId": head["VersionId"]}
    client = account.worker(service)
    return lambda: getattr(client, call)(**given)


@pytest.mark.parametrize(("service", "call", "given", "needed"), CALLS)
def test_a_call_needs_exactly_this(
    account: Account, service: str, call: str, given: dict[str, Any], needed: list[tuple[str, str]]
) -> None:
    """With all of it the call works; without one of it the refusal names that one."""
    do = _caller(account, service, call, given)

    account.allow(*(allowing(action, resource) for action, resource in needed), NOTHING)
    do()

    for action, resource in needed:
        left = [allowing(*each) for each in needed if each != (action, resource)]
        account.allow(*left, NOTHING)
        with pytest.raises(ClientError) as refused:
            do()
        assert refused.value.response["Error"]["Code"] in CODES
        if call.startswith("head_"):
            continue  # there is no body to say it in
        assert f" is not authorized to perform: {action} on resource: " in str(refused.value)
        assert resource in str(refused.value)


def test_certificates_and_zones_are_named(account: Account) -> None:
    """By the names that AWS makes up for them."""
    name = "files.example.com"
    made = account.client("acm").request_certificate(DomainName=name)
    created = account.client("route53").create_hosted_zone(Name="example.com", CallerReference="1")
    certificate, zone = made["CertificateArn"], created["HostedZone"]["Id"].rpartition("/")[2]
    arn = f"arn:aws:route53:::hostedzone/{zone}"
    calls = [
        ("acm", "DescribeCertificate", {"CertificateArn": certificate}, certificate),
        ("route53", "GetHostedZone", {"Id": zone}, arn),
        ("route53", "ListResourceRecordSets", {"HostedZoneId": zone}, arn),
    ]

    for service, action, given, resource in calls:
        client = account.worker(service)
        do = getattr(client, xform_name(action))
        account.allow(allowing(f"{service}:{action}", resource))
        do(**given)
        account.allow(NOTHING)
        with pytest.raises(ClientError, match=f"{service}:{action} on resource: {resource}"):
            do(**given)


LEADING_KEYS = [
    ("get_item", ROW),
    ("put_item", PUT),
    ("update_item", UPDATED),
    ("query", {"TableName": "rows", **QUERY}),
    ("batch_get_item", {"RequestItems": {"rows": {"Keys": [ITEM]}}}),
    ("batch_write_item", {"RequestItems": {"rows": [{"DeleteRequest": {"Key": ITEM}}]}}),
    ("transact_get_items", {"TransactItems": [{"Get": ROW}]}),
]


@pytest.mark.parametrize(("call", "given"), LEADING_KEYS)
def test_rows_can_be_allowed_one_by_one(account: Account, call: str, given: dict[str, Any]) -> None:
    """dynamodb:LeadingKeys are the partitions that a call names."""
    do = _caller(account, "dynamodb", call, given)

    for key, works in (("1", True), ("2", False)):
        keys = {"dynamodb:LeadingKeys": [key]}
        account.allow(allowing("dynamodb:*", TABLE, **{"ForAllValues:StringEquals": keys}))
        if works:
            do()
        else:
            with pytest.raises(ClientError, match="AccessDeniedException"):
                do()


SETTING = {"UpdateExpression": "SET A = :v", "ExpressionAttributeValues": {":v": {"S": "1"}}}
CHECKING = {
    "ConditionExpression": "attribute_not_exists(#a) OR size (B) < :n AND NOT C.Id[0] = :n",
    "ExpressionAttributeNames": {"#a": "A"},
    "ExpressionAttributeValues": {":n": {"N": "5"}},
}
OF_OLD = {"AttributeUpdates": {"A": {"Value": {"S": "1"}}}, "Expected": {"B": {"Exists": False}}}
# The call, and the attributes that it names beside the key.
ATTRIBUTES: dict[str, tuple[str, dict[str, Any], str]] = {
    "set": ("update_item", {**ROW, **SETTING}, "A"),
    "set by a number": (
        *(
            "update_item",
            {
                **ROW,
                **SETTING,
                "UpdateExpression": "SET #1 = :v",
                "ExpressionAttributeNames": {"#1": "A"},
            },
        ),
        "A",
    ),
    "remove": ("update_item", {**ROW, "UpdateExpression": "REMOVE A, B"}, "A B"),
    "of a condition": ("delete_item", {**ROW, **CHECKING}, "A B C"),
    "of old": ("update_item", {**ROW, **OF_OLD}, "A B"),
    "of an item": ("put_item", {"TableName": "rows", "Item": {**ITEM, "A": {"S": "1"}}}, "A"),
    "read": ("get_item", {**ROW, "ProjectionExpression": "A, B.C"}, "A B"),
    "queried": ("query", {"TableName": "rows", **QUERY, "ProjectionExpression": "A"}, "A"),
    "in a transaction": (
        *("transact_write_items", {"TransactItems": [{"Update": {**ROW, **SETTING}}]}),
        "A",
    ),
    "in a batch": (
        "batch_get_item",
        {"RequestItems": {"rows": {"Keys": [ITEM], "ProjectionExpression": "A"}}},
        "A",
    ),
}


@pytest.mark.parametrize("kind", ATTRIBUTES)
def test_attributes_can_be_allowed_one_by_one(account: Account, kind: str) -> None:
    """dynamodb:Attributes are those that a call names, those of the key among them."""
    call, given, named = ATTRIBUTES[kind]
    do = _caller(account, "dynamodb", call, given)
    whole = ["Id", *named.split()]

    for left_out in (None, *whole):
        names = {"dynamodb:Attributes": [name for name in whole if name != left_out] or ["-"]}
        account.allow(
            allowing(
                *("dynamodb:*", TABLE),
                **{
                    "ForAllValues:StringEquals": names,
                    "Null": {"dynamodb:Attributes": "false"},
                },
            )
        )
        assert _is_refused(do) == (left_out is not None), left_out


SELECTS: list[tuple[str, dict[str, Any], str]] = [
    ("get_item", ROW, "ALL_ATTRIBUTES"),
    ("get_item", {**ROW, "ProjectionExpression": "A"}, "SPECIFIC_ATTRIBUTES"),
    ("scan", {"TableName": "rows", "Select": "COUNT"}, "COUNT"),
    ("query", {"TableName": "rows", **BY_DAY}, "ALL_PROJECTED_ATTRIBUTES"),
]


@pytest.mark.parametrize(("call", "given", "select"), SELECTS)
def test_what_is_read_can_be_limited(
    account: Account, call: str, given: dict[str, Any], select: str
) -> None:
    """dynamodb:Select is what a read asks for, said or unsaid."""
    do = _caller(account, "dynamodb", call, given)

    for allowed, refused in ((select, False), ("another", True)):
        condition = {"StringEquals": {"dynamodb:Select": allowed}}
        account.allow(allowing("dynamodb:*", "*", **condition))
        assert _is_refused(do) == refused


def test_what_a_write_gives_back_can_be_limited(account: Account) -> None:
    """dynamodb:ReturnValues is there when the call says it."""
    none = {"StringEqualsIfExists": {"dynamodb:ReturnValues": "NONE"}}
    account.allow(allowing("dynamodb:*", TABLE, **none))

    for more, refused in (
        ({}, False),
        ({"ReturnValues": "NONE"}, False),
        ({"ReturnValues": "ALL_NEW"}, True),
    ):
        do = _caller(account, "dynamodb", "update_item", {**UPDATED, **more})
        assert _is_refused(do) == refused


def _is_refused(do: Callable[[], Any]) -> bool:
    """Another error than a refusal means that the call was let through."""
    try:
        do()
    except ClientError as exc:
        return exc.response["Error"]["Code"] == "AccessDeniedException"
    return False


def test_a_sender_can_be_one_address(account: Account) -> None:
    """ses:FromAddress is the bare address, whatever name stands before it."""
    ses = account.worker("ses")

    for sender, works in (("FILES@example.com", True), ("x@example.org", False)):
        condition = {"ses:FromAddress": sender}
        account.allow(allowing("ses:*", "*", StringEqualsIgnoreCaseIfExists=condition))
        if works:
            ses.send_bulk_templated_email(**BULK)
        else:
            with pytest.raises(ClientError, match="AccessDenied"):
                ses.send_bulk_templated_email(**BULK)


def test_a_sender_uses_the_nearest_identity_above_it(account: Account) -> None:
    """A verified domain stands for all below it."""
    account.allow(NOTHING)

    with pytest.raises(ClientError) as refused:
        account.worker("ses").send_bulk_templated_email(**{**BULK, "Source": "x@a.example.org"})

    assert f"on resource: {SES}:identity/example.org because" in str(refused.value)


def test_user_pools_can_be_allowed_by_their_tags(account: Account) -> None:
    """Their ids are Cognito's own; a pool without the tag is like one with another value."""
    cognito = account.client("cognito-idp")
    ours, theirs, nobodys = (
        cognito.create_user_pool(PoolName="members", UserPoolTags=tags)["UserPool"]["Id"]
        for tags in ({"Team": "files"}, {"Team": "games"}, {})
    )
    of_files = {"aws:ResourceTag/Team": "files"}
    account.allow(allowing("cognito-idp:DescribeUserPool", StringEquals=of_files))
    worker = account.worker("cognito-idp")

    assert worker.describe_user_pool(UserPoolId=ours)["UserPool"]["Id"] == ours
    for pool in (theirs, nobodys):
        with pytest.raises(ClientError, match="AccessDeniedException"):
            worker.describe_user_pool(UserPoolId=pool)


def test_user_pools_can_be_allowed_one_by_one(account: Account) -> None:
    """Who may look people up in one pool may do so in no other, and may do nothing else there."""
    cognito, arns = account.client("cognito-idp"), []
    for name in ("ours", "theirs"):
        pool = cognito.create_user_pool(PoolName=name)["UserPool"]
        cognito.admin_create_user(UserPoolId=pool["Id"], Username="ann")
        arns.append(pool["Arn"])
    ours, theirs = ({"UserPoolId": arn.rpartition("/")[2], "Username": "ann"} for arn in arns)
    account.allow(allowing("cognito-idp:AdminGetUser", arns[0]))
    worker = account.worker("cognito-idp")

    assert worker.admin_get_user(**ours)["Username"] == "ann"
    for call, given, arn in (
        (worker.admin_get_user, theirs, arns[1]),
        (worker.admin_delete_user, ours, arns[0]),
    ):
        with pytest.raises(ClientError) as refused:
            call(**given)
        assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
        assert str(refused.value).count(f"on resource: {arn} ") == 1
