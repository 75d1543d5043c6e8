"""Sessions of roles on the embedded AWS may do what their role's policies allow."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from deploy.local.iam.credentials import Keys, assume
from tests.local.account import Account, allowing, client_with
from tests.local.links import CONTENT, KEY, fetch, signed_with

BUCKET = "arn:aws:s3:::exchange"
READ = allowing("s3:GetObject", f"{BUCKET}/*")
READ_VERSIONS = allowing("s3:GetObjectVersion", f"{BUCKET}/*")
LIST = allowing("s3:ListBucket", BUCKET)
LIST_VERSIONS = allowing("s3:ListBucketVersions", BUCKET)
NOTHING = allowing("none:Nothing")
SESSION = "arn:aws:sts::123456789012:assumed-role/worker/function"

# How each protocol says it: service, call, what is given, code, status, the words on the resource.
REFUSALS: list[tuple[str, str, dict[str, Any], str, int, str]] = [
    (
        *("s3", "get_object", {"Bucket": "exchange", "Key": "a"}, "AccessDenied", 403),
        f's3:GetObject on resource: "{BUCKET}/a"',
    ),
    (
        *("ses", "send_email"),
        {
            "Source": "a@example.com",
            "Destination": {"ToAddresses": ["b@example.com"]},
            "Message": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}},
        },
        *("AccessDenied", 403),
        "ses:SendEmail on resource: arn:aws:ses:eu-west-1:123456789012:identity/a@example.com",
    ),
    (
        *("dynamodb", "get_item", {"TableName": "t", "Key": {"Id": {"S": "1"}}}),
        *("AccessDeniedException", 400),
        "dynamodb:GetItem on resource: arn:aws:dynamodb:eu-west-1:123456789012:table/t",
    ),
    (
        *("sns", "publish"),
        {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:t", "Message": "x"},
        *("AuthorizationError", 403),
        "sns:Publish on resource: arn:aws:sns:eu-west-1:123456789012:t",
    ),
    (
        *("sqs", "send_message"),
        {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/q", "MessageBody": "x"},
        *("AccessDenied", 400),
        "sqs:SendMessage on resource: arn:aws:sqs:eu-west-1:123456789012:q",
    ),
    (
        *("lambda", "invoke", {"FunctionName": "f"}, "AccessDeniedException", 403),
        "lambda:InvokeFunction on resource: arn:aws:lambda:eu-west-1:123456789012:function:f",
    ),
]


def test_a_file_under_a_customers_key_needs_that_key(stored: Account) -> None:
    """To read it, not to ask about it; S3 decrypts in the name of whoever asks, or has signed."""
    key = stored.client("kms").create_key()["KeyMetadata"]["Arn"]
    stored.client("s3").put_object(
        **{"Bucket": "exchange", "Key": KEY, "Body": CONTENT},
        **{"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key},
    )
    worker, asked = stored.worker("s3"), {"Bucket": "exchange", "Key": KEY}
    through_s3 = {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    elsewhere = {"StringEquals": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}}
    stored.allow(READ, allowing("kms:Decrypt", key) | {"Condition": elsewhere})

    assert worker.head_object(**asked)["SSEKMSKeyId"] == key
    with pytest.raises(ClientError, match=f'kms:Decrypt on resource: "{key}" because no ident'):
        worker.get_object(**asked)

    stored.allow(READ, allowing("kms:Decrypt", key) | {"Condition": through_s3})
    assert worker.get_object(**asked)["Body"].read() == CONTENT


def test_s3s_own_key_needs_no_permission(stored: Account) -> None:
    """Its policy lets the whole account use it through S3."""
    stored.client("s3").put_object(
        Bucket="exchange", Key=KEY, Body=CONTENT, ServerSideEncryption="aws:kms"
    )
    worker = stored.worker("s3")
    stored.allow(READ)

    assert worker.get_object(Bucket="exchange", Key=KEY)["Body"].read() == CONTENT


@pytest.mark.parametrize(("service", "call", "given", "code", "status", "words"), REFUSALS)
def test_a_refusal_is_in_the_words_of_the_service(
    stored: Account,
    service: str,
    call: str,
    given: dict[str, Any],
    code: str,
    status: int,
    words: str,
) -> None:
    """boto3 reads it as it reads AWS's own."""
    client = stored.worker(service)
    stored.allow(NOTHING)

    with pytest.raises(ClientError) as refused:
        getattr(client, call)(**given)

    error, action = refused.value.response["Error"], words.split(" ")[0]
    assert error["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert error.get("Message", error.get("message")) == (
        f"User: {SESSION} is not authorized to perform: {words} "
        f"because no identity-based policy allows the {action} action"
    )


@pytest.mark.parametrize(
    ("statements", "of_key", "of_version"),
    [
        ((READ, READ_VERSIONS), 403, 403),
        ((READ, READ_VERSIONS, LIST), 404, 403),
        ((READ, READ_VERSIONS, LIST_VERSIONS), 403, 403),
        ((READ, READ_VERSIONS, LIST, LIST_VERSIONS), 404, 404),
    ],
)
def test_only_who_may_list_learns_that_a_file_is_gone(
    stored: Account, statements: tuple[dict[str, Any], ...], of_key: int, of_version: int
) -> None:
    """For the others S3 says "access denied" of a missing file as of a secret one."""
    s3 = stored.client("s3")
    version = s3.put_object(Bucket="exchange", Key="gone", Body=b"x")["VersionId"]
    s3.delete_object(Bucket="exchange", Key="gone", VersionId=version)
    worker = stored.worker("s3")
    stored.allow(*statements)

    assert worker.get_object(Bucket="exchange", Key=KEY)["Body"].read() == CONTENT
    for call in (worker.get_object, worker.head_object):
        assert status_of(call, Key="gone") == of_key
        assert status_of(call, Key="gone", VersionId=version) == of_version


def status_of(call: Any, **given: Any) -> int:
    with pytest.raises(ClientError) as refused:
        call(Bucket="exchange", **given)
    return int(refused.value.response["ResponseMetadata"]["HTTPStatusCode"])


def test_a_missing_bucket_is_no_secret(stored: Account) -> None:
    """S3 looks for the bucket before it looks at permissions."""
    worker = stored.worker("s3")
    stored.allow(NOTHING)

    with pytest.raises(ClientError, match="NoSuchBucket"):
        worker.get_object(Bucket="no-such-bucket", Key="a")


def test_a_link_ends_when_the_role_loses_its_permission(stored: Account) -> None:
    """What counts is what the signer may do at the moment of the click."""
    url = signed_with(stored, assume(stored.role, "function", "eu-west-1"))
    stored.allow(READ)
    assert fetch(url).status == 200

    stored.allow(READ_VERSIONS)
    answer = fetch(url)

    assert (answer.status, answer.error["Code"]) == (403, "AccessDenied")
    assert answer.error["Message"] == (
        f'User: {SESSION} is not authorized to perform: s3:GetObject on resource: "{BUCKET}/{KEY}" '
        "because no identity-based policy allows the s3:GetObject action"
    )


def test_a_link_ends_with_its_role(stored: Account) -> None:
    """A role that is gone may do nothing any more."""
    url = signed_with(stored, assume(stored.role, "function", "eu-west-1"))
    iam = stored.client("iam")

    iam.delete_role_policy(RoleName="worker", PolicyName="work")
    iam.delete_role(RoleName="worker")

    assert fetch(url).status == 403


def test_attached_policies_count(stored: Account) -> None:
    """In their default version, beside the inline ones; a denial in either counts first."""
    worker, iam = stored.worker("s3"), stored.client("iam")
    stored.allow(NOTHING)
    attached = iam.create_policy(PolicyName="read", PolicyDocument=document(READ))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="worker", PolicyArn=attached)
    worker.get_object(Bucket="exchange", Key=KEY)

    iam.create_policy_version(
        PolicyArn=attached, PolicyDocument=document({**READ, "Effect": "Deny"}), SetAsDefault=True
    )
    stored.allow(READ)

    with pytest.raises(ClientError, match="with an explicit deny in an identity-based policy"):
        worker.get_object(Bucket="exchange", Key=KEY)


def test_a_session_can_be_narrower_than_its_role(stored: Account) -> None:
    """Both the session's own policy and the role's have to allow a call."""
    answer = stored.client("sts").assume_role(
        RoleArn=stored.role, RoleSessionName="narrow", Policy=document(READ)
    )["Credentials"]
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    narrow = client_with(stored, "s3", Keys(*(answer[name] for name in names)))

    narrow.get_object(Bucket="exchange", Key=KEY)
    with pytest.raises(ClientError, match="assumed-role/worker/narrow is not authorized"):
        narrow.put_object(Bucket="exchange", Key=KEY)


def test_a_boundary_bounds_what_the_roles_policies_allow(stored: Account) -> None:
    """It gives nothing itself; without the policy that it names, nothing is allowed."""
    iam, worker = stored.client("iam"), stored.worker("s3")
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=document(READ))
    arn = boundary["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="worker", PermissionsBoundary=arn)
    stored.allow(NOTHING)
    with pytest.raises(ClientError, match="s3:GetObject"):
        worker.get_object(Bucket="exchange", Key=KEY)
    stored.allow(READ)
    worker.get_object(Bucket="exchange", Key=KEY)

    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(LIST), SetAsDefault=True)
    with pytest.raises(ClientError, match="s3:GetObject"):
        worker.get_object(Bucket="exchange", Key=KEY)

    iam.delete_role_permissions_boundary(RoleName="worker")
    worker.get_object(Bucket="exchange", Key=KEY)


def test_a_policy_that_cannot_be_read_is_told(stored: Account) -> None:
    """Of a role as of a bucket."""
    worker = stored.worker("sqs")
    stored.allow(allowing("sqs:*", "*", DateLessThan={"aws:CurrentTime": "2030-01-01"}))

    with pytest.raises(ClientError, match="does not know the condition DateLessThan"):
        worker.list_queues()


def test_a_region_that_is_not_there_is_told(stored: Account) -> None:
    """To a role as to the operator."""
    keys = assume(stored.role, "function", "eu-west-1")

    with pytest.raises(ClientError, match='The embedded AWS has no region "eu-nowhere-1"'):
        client_with(stored, "dynamodb", keys, "eu-nowhere-1").scan(TableName="rows")


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@mock_aws
def test_moto_still_asks_nobody() -> None:
    """Once moto enforces policies by itself, see what authorization.py is still needed for."""
    iam, sts = (boto3.client(name, region_name="eu-west-1") for name in ("iam", "sts"))
    role = iam.create_role(RoleName="worker", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    keys = sts.assume_role(RoleArn=role, RoleSessionName="function")["Credentials"]
    worker = boto3.client(
        "sqs",
        region_name="eu-west-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )

    assert worker.create_queue(QueueName="anything")["QueueUrl"]
