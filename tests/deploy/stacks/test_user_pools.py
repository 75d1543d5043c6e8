"""A stack with a user pool can be deleted: the pool is unprotected, and stays closed to others."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import Stubber
from moto import mock_aws

from deploy.aws.clients import connect_with_keys
from deploy.stacks import recovery
from deploy.stacks.lookup import find_stack
from deploy.stacks.user_pools import unprotect_user_pools
from tests.deploy.scripted_account import Account

POOL_ID = "eu-west-1_abcdefghi"
# As Cognito describes one, with what it takes back and what it does not.
POOL: dict[str, Any] = {
    "Id": POOL_ID,
    "Name": "s3link-members",
    "Arn": f"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/{POOL_ID}",
    "DeletionProtection": "ACTIVE",
    "EstimatedNumberOfUsers": 5,
    "SchemaAttributes": [{"Name": "email"}],
    "UsernameAttributes": ["email"],
    "AutoVerifiedAttributes": ["email"],
    "Policies": {"PasswordPolicy": {"MinimumLength": 12, "TemporaryPasswordValidityDays": 7}},
    "AdminCreateUserConfig": {
        "AllowAdminCreateUserOnly": True,
        "UnusedAccountValidityDays": 7,
        "InviteMessageTemplate": {"EmailSubject": "Invited"},
    },
    "EmailConfiguration": {"EmailSendingAccount": "DEVELOPER", "From": "links@example.com"},
    "EmailVerificationSubject": "Your code",
    "VerificationMessageTemplate": {"EmailSubject": "Your code"},
    "AccountRecoverySetting": {
        "RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}],
    },
    "MfaConfiguration": "OPTIONAL",
    "UserPoolTags": {"s3link": "yes"},
    "UserPoolTier": "ESSENTIALS",
}


@pytest.fixture
def account() -> Any:
    """A stack with a pool; its Cognito answers as the test says."""
    account = Account()
    account.aws.has_stack("s3link-members", "CREATE_COMPLETE")
    account.aws.has_resource("s3link-members", "AWS::Cognito::UserPool", POOL_ID)
    with mock_aws():
        account.clients.cognito = connect_with_keys("key", "secret", "eu-west-1", None).cognito
    return account


def test_only_the_protection_changes(account: Any) -> None:
    """Whatever is left out falls back to a default, with which anybody could sign up."""
    kept = ("AutoVerifiedAttributes", "Policies", "EmailConfiguration", "AccountRecoverySetting")
    kept += ("UserPoolTags", "UserPoolTier", "VerificationMessageTemplate")
    factors = {
        "MfaConfiguration": "OPTIONAL",
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
    }
    with Stubber(account.clients.cognito) as cognito:
        cognito.add_response("describe_user_pool", {"UserPool": POOL}, {"UserPoolId": POOL_ID})
        cognito.add_response("get_user_pool_mfa_config", factors, {"UserPoolId": POOL_ID})
        cognito.add_response(
            "update_user_pool",
            {},
            {
                "UserPoolId": POOL_ID,
                "PoolName": "s3link-members",
                "DeletionProtection": "INACTIVE",
                "AdminCreateUserConfig": {
                    "AllowAdminCreateUserOnly": True,
                    "InviteMessageTemplate": {"EmailSubject": "Invited"},
                },
                **{name: POOL[name] for name in kept},
            },
        )
        cognito.add_response(
            "set_user_pool_mfa_config", factors, {"UserPoolId": POOL_ID, **factors}
        )

        state = find_stack(account.clients, "s3link-members")
        assert state
        recovery.delete_stack(account.run(), state)

    assert account.aws.deleted == ["s3link-members"]


def test_a_pool_that_is_not_protected_is_left_alone(account: Any) -> None:
    with Stubber(account.clients.cognito) as cognito:
        cognito.add_response("describe_user_pool", {"UserPool": {"DeletionProtection": "INACTIVE"}})

        unprotect_user_pools(account.clients, "s3link-members")


def test_a_pool_that_is_gone_is_no_hindrance(account: Any) -> None:
    """Somebody deleted it by hand, or an earlier try did."""
    with Stubber(account.clients.cognito) as cognito:
        cognito.add_client_error("describe_user_pool", "ResourceNotFoundException")

        unprotect_user_pools(account.clients, "s3link-members")
