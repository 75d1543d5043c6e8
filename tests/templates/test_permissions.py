"""Who may do what: rules for every policy of every template."""

from __future__ import annotations

import re
from typing import Any

from tests.templates.reading import Template, as_list, each_template, mentions, written_out

# A resource that is every one of its kind: `*`, `arn:…:kind/*`, `arn:…:kind:*`.
_EVERY_ONE = re.compile(r"\*|.*:[a-z-]+[/:]\*")
# A policy that guards the way to a resource: its type, the property that names what it guards, the
# actions that it must cover, and the resources, with the guarded one's logical ID for `X`.
_GUARDS: dict[str, tuple[str, str, str, list[dict[str, str]]]] = {
    "AWS::S3::Bucket": (
        "AWS::S3::BucketPolicy",
        "Bucket",
        "s3:*",
        [{"Fn::GetAtt": "X.Arn"}, {"Fn::Sub": "${X.Arn}/*"}],
    ),
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues", "sqs:*", [{"Fn::GetAtt": "X.Arn"}]),
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics", "sns:Publish", [{"Ref": "X"}]),
}


def is_one_resource(resources: list[Any]) -> bool:
    """Whether they are one; a bucket and its objects belong together."""
    if len(resources) == 1:
        return True
    bucket, objects = resources
    return mentions(bucket) == mentions(objects) and written_out(objects).endswith("/*")


@each_template
def test_statement_ids_read_as_sentences(template: Template) -> None:
    """A Sid says in at least three words who may do what, once in each policy."""
    sids = [(statement.owner, statement.sid) for statement in template.statements]

    assert [sid for _, sid in sids if not re.fullmatch(r"([A-Z][a-z]*){3,}", sid)] == []
    assert len(sids) == len(set(sids))


@each_template
def test_one_statement_names_one_resource(template: Template) -> None:
    """Each statement is about one resource; a bucket and its objects count as one."""
    statements = [statement for statement in template.statements if statement.resources]

    assert [s.sid for s in statements if not is_one_resource(s.resources)] == []


@each_template
def test_a_star_carries_its_reason(template: Template) -> None:
    """Where every resource of a kind is allowed, the comment above says why."""
    unexplained = [
        statement.sid
        for statement in template.statements
        if statement.content["Effect"] == "Allow"
        and any(_EVERY_ONE.fullmatch(written_out(r)) for r in statement.resources)
        and len(statement.comment.split()) < 5
    ]

    assert unexplained == []


@each_template
def test_actions_are_named_one_by_one(template: Template) -> None:
    """No permission is given by a wildcard in the action."""
    wildcards = [
        statement.sid
        for statement in template.statements
        if statement.content["Effect"] == "Allow"
        and any("*" in action for action in as_list(statement.content["Action"]))
    ]

    assert wildcards == []


@each_template
def test_nobody_unknown_is_allowed_anything(template: Template) -> None:
    """Every principal that is allowed something is one AWS service."""
    principals = [
        statement.content["Principal"]
        for statement in template.statements
        if statement.content["Effect"] == "Allow" and "Principal" in statement.content
    ]

    assert all(set(principal) == {"Service"} for principal in principals)
    assert all(str(p["Service"]).endswith(".amazonaws.com") for p in principals)


@each_template
def test_services_act_for_this_account_only(template: Template) -> None:
    """A service that uses a resource policy does so for this account and one named source."""
    loose = []
    for statement in template.statements:
        service = statement.content.get("Principal", {}) != "*" and "Principal" in statement.content
        if not service or statement.content["Action"] == "sts:AssumeRole":
            continue
        keys = {key for c in statement.content.get("Condition", {}).values() for key in c}
        if not {"aws:SourceAccount", "aws:SourceArn"} <= keys:
            loose.append(statement.sid)

    assert loose == []


@each_template
def test_functions_are_called_for_this_account_only(template: Template) -> None:
    """A permission names the resource that calls, and the account where its ARN does not."""
    for name, resource in template.of_type("AWS::Lambda::Permission").items():
        permission = resource["Properties"]
        wanted = {"SourceArn"}
        if permission["Principal"] == "s3.amazonaws.com":  # a bucket's ARN has no account
            wanted.add("SourceAccount")

        assert wanted <= set(permission), name


@each_template
def test_everything_with_a_policy_wants_encryption_in_transit(template: Template) -> None:
    """Every bucket, queue and topic refuses requests that do not come over TLS."""
    for kind, (policy_type, names, action, resources) in _GUARDS.items():
        for logical_id in template.of_type(kind):
            guards = [
                name
                for name, policy in template.of_type(policy_type).items()
                if mentions(policy["Properties"][names]) == {logical_id}
            ]
            denials = [
                statement
                for statement in template.statements
                if statement.owner in guards
                and statement.content["Effect"] == "Deny"
                and statement.content["Principal"] == "*"
                and statement.content["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            ]

            [denial] = denials
            assert denial.content["Action"] == action, logical_id
            assert denial.resources == [
                {function: name.replace("X", logical_id)}
                for resource in resources
                for function, name in resource.items()
            ]


@each_template
def test_roles_are_written_out(template: Template) -> None:
    """No managed policy: what a role may do stands in the template alone."""
    assert "ManagedPolicyArns" not in template.text


@each_template
def test_policies_are_in_todays_language(template: Template) -> None:
    """Without a version, IAM reads a policy as it did in 2008."""
    documents = template.text.count("PolicyDocument:")

    assert template.text.count('Version: "2012-10-17"') == documents


@each_template
def test_every_role_can_be_bounded(template: Template) -> None:
    """Where an organisation asks for a permissions boundary, one role without it fails a stack."""
    for role in template.of_type("AWS::IAM::Role").values():
        assert role["Properties"]["PermissionsBoundary"] == {
            "Fn::If": [
                "HasPermissionsBoundaryArn",
                {"Ref": "PermissionsBoundaryArn"},
                {"Ref": "AWS::NoValue"},
            ]
        }
