"""What moto's own IAM does not do; a test here fails once moto has closed the gap."""

from __future__ import annotations

from tests.local.plain_moto import TRUSTS_LAMBDA, MotoStack


def test_role(moto_stack: MotoStack) -> None:
    """moto stores inline policies so that nobody can read them. Gap of Role."""
    document = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    moto_stack.create(
        "AWS::IAM::Role",
        {
            "RoleName": "subject",
            "AssumeRolePolicyDocument": TRUSTS_LAMBDA,
            "Policies": [{"PolicyName": "read", "PolicyDocument": document}],
        },
    )

    given = moto_stack.client("iam").get_role_policy(RoleName="subject", PolicyName="read")

    assert given["PolicyDocument"] != document
