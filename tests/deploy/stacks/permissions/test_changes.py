"""What changes in permissions, read from a resource's properties and said in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deploy.deployment import STACKS
from deploy.stacks.permissions.changes import permission_changes, with_known_values
from deploy.stacks.permissions.statements import permits
from deploy.stacks.permissions.wording import permission_lines
from deploy.stacks.templates import load_template

ROLE, BUCKET_POLICY = "AWS::IAM::Role", "AWS::S3::BucketPolicy"
UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"
READ = {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:b/*"}
SEND = {
    "Sid": "SendFromOneAddress",
    "Effect": "Allow",
    "Action": ["ses:SendEmail", "ses:SendRawEmail"],
    "Resource": "*",
    "Condition": {"StringEquals": {"ses:FromAddress": ["a@example.com", "b@example.com"]}},
}
TRUST = {
    "Statement": [
        {
            "Sid": "LambdaMayAssumeThisRole",
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ]
}


def role(*statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    policy = {"PolicyName": "work", "PolicyDocument": {"Statement": list(statements)}}
    return {"AssumeRolePolicyDocument": TRUST, "Policies": [policy], **more}


def said(type_name: str, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    changes = permission_changes(type_name, before, after)
    return [line for change in changes for line in permission_lines(change)]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (
            role(READ),
            role(READ, SEND),
            [
                "+ work, SendFromOneAddress: Allow ses:SendEmail, ses:SendRawEmail on * if "
                "StringEquals ses:FromAddress = a@example.com, b@example.com"
            ],
        ),
        (role(READ, SEND), role(SEND), ["- work, Read: Allow s3:GetObject on arn:b/*"]),
        (
            role(READ),
            role({**READ, "Action": ["s3:PutObject", "s3:DeleteObject"], "Resource": "*"}),
            [
                "~ work, Read: Allow s3:PutObject, s3:DeleteObject on *",
                "    + Action: s3:PutObject, s3:DeleteObject",
                "    - Action: s3:GetObject",
                "    + Resource: *",
                "    - Resource: arn:b/*",
            ],
        ),
        (
            role(SEND),
            role({key: SEND[key] for key in SEND if key != "Condition"}),
            [
                "~ work, SendFromOneAddress: Allow ses:SendEmail, ses:SendRawEmail on *",
                "    - StringEquals ses:FromAddress: a@example.com, b@example.com",
            ],
        ),
        (
            role(READ, PermissionsBoundary="arn:boundary"),
            role(READ),
            ["- PermissionsBoundary: arn:boundary"],
        ),
        (
            role(READ, ManagedPolicyArns=["arn:a"]),
            role(READ, ManagedPolicyArns=["arn:a", "arn:admin"]),
            ["~ ManagedPolicyArns: arn:a, arn:admin", "    + ManagedPolicyArns: arn:admin"],
        ),
        (
            role(),
            {**role(), "AssumeRolePolicyDocument": {"Statement": {"Effect": "Deny"}}},
            [
                "+ trust policy, statement 1: Deny",
                "- trust policy, LambdaMayAssumeThisRole: Allow sts:AssumeRole for Service "
                "lambda.amazonaws.com",
            ],
        ),
        (
            {},
            {"PolicyDocument": {"Statement": [{"Effect": "Deny", "NotAction": "s3:Get*"}]}},
            ["+ statement 1: Deny everything but s3:Get*"],
        ),
        (
            role(READ),
            role({**READ, "Resource": UNKNOWN}),
            [
                "~ work, Read: Allow s3:GetObject on (known afterwards)",
                "    + Resource: (known afterwards)",
                "    - Resource: arn:b/*",
            ],
        ),
        (role(READ), role(READ, UNKNOWN), ["+ work, statement 2: (known afterwards)"]),
    ],
)
def test_each_statement_is_said_whole(
    before: dict[str, Any], after: dict[str, Any], lines: list[str]
) -> None:
    """What comes, what goes, and of one that stays what is other in it."""
    assert said(ROLE, before, after) == lines


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (role(READ), role(READ)),
        (role(READ), role({**READ, "Action": "s3:GetObject"})),
        (role(READ, SEND), role(SEND, READ)),
        (role(SEND), role({**SEND, "Action": ["ses:SendRawEmail", "ses:SendEmail"]})),
        (role(Tags=[{"Key": "a", "Value": "b"}], Description="x"), role()),
    ],
)
def test_what_permits_the_same_is_no_change(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Another order or spelling, tags and descriptions."""
    assert said(ROLE, before, after) == []


def test_who_may_invoke_a_function_reads_as_a_statement() -> None:
    """Lambda keeps it as one, in the function's own policy."""
    before = {
        "FunctionName": "LinkGenerator",
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceArn": "arn:aws:s3:::files",
        "SourceAccount": "123456789012",
    }
    after = {key: before[key] for key in before if key != "SourceAccount"}

    assert said("AWS::Lambda::Permission", before, after) == [
        "~ Allow lambda:InvokeFunction on LinkGenerator for s3.amazonaws.com if SourceArn = "
        "arn:aws:s3:::files",
        "    - SourceAccount: 123456789012",
    ]


def test_the_policy_of_a_bucket_says_for_whom() -> None:
    """Each principal with its kind, and what the policy is on."""
    policy = {"Sid": "Deny", "Effect": "Deny", "Principal": {"AWS": ["arn:ann", "arn:bob"]}}
    after = {"Bucket": "files", "PolicyDocument": {"Statement": [{**policy, "Action": "s3:*"}]}}

    assert said(BUCKET_POLICY, {}, after) == [
        "+ Bucket: files",
        "+ Deny: Deny s3:* for AWS arn:ann, AWS arn:bob",
    ]


def test_an_unknown_value_of_a_text_that_stays_is_the_old_one() -> None:
    """CloudFormation calls it unknown whenever the resource behind it changes at all."""
    before = role({**READ, "Resource": ["arn:b", "arn:c"]})
    after = role({**READ, "Resource": ["arn:b", UNKNOWN]}, Description="new")

    known = with_known_values(before, after)

    assert known == {**before, "Description": "new"}


def test_an_unknown_value_without_an_old_one_stays_unknown() -> None:
    """Lists that differ in length have no pairs."""
    before, after = role(READ), role(READ, {**READ, "Sid": "More", "Resource": UNKNOWN})

    assert with_known_values(before, after)["Policies"] == after["Policies"]


def policies_in(value: Any) -> Iterator[str]:
    """The keys of all policy documents, however deep."""
    if isinstance(value, dict):
        yield from (key for key in value if key.endswith(("PolicyDocument", "ResourcePolicy")))
        for each in value.values():
            yield from policies_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from policies_in(each)


def test_every_policy_of_the_templates_is_read() -> None:
    """A resource with a policy that is none of these types would change unseen."""
    unread = {
        declared["Type"]
        for stack in STACKS
        for declared in load_template(stack.template).document["Resources"].values()
        if any(policies_in(declared.get("Properties", {}))) and not permits(declared["Type"])
    }

    assert unread == set()
