"""What moto's own Cognito does not do, or does wrong; a test here fails once moto has mended it.

Then delete what the test names, and the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from joserfc import jws
from moto import mock_aws
from moto.ses.models import ses_backends

pytestmark = pytest.mark.slow

PERSON, PASSWORD = "ann@example.com", "Correct horse 1!"


class PlainCognito:
    """moto's own, with one pool, one client and one person."""

    def __init__(self) -> None:
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        self.api: Any = boto3.client("cognito-idp", region_name="eu-west-1", **keys)
        made = self.api.create_user_pool(
            PoolName="pool", UsernameAttributes=["email"], DeletionProtection="ACTIVE"
        )
        self.pool = {"UserPoolId": made["UserPool"]["Id"]}
        self.person = {**self.pool, "Username": PERSON}
        self.client = {"ClientId": self.create_client(ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])}
        self.api.admin_create_user(
            **self.person, UserAttributes=[{"Name": "email_verified", "Value": "true"}]
        )
        self.api.admin_set_user_password(**self.person, Password=PASSWORD, Permanent=True)

    def create_client(self, **settings: Any) -> str:
        made = self.api.create_user_pool_client(**self.pool, ClientName="client", **settings)
        return str(made["UserPoolClient"]["ClientId"])

    def sign_in(self) -> dict[str, Any]:
        """By a flow that the client has not."""
        return dict(
            self.api.initiate_auth(
                **self.client,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": PERSON, "PASSWORD": PASSWORD},
            )
        )

    def sent_mails(self) -> list[Any]:
        return list(ses_backends["123456789012"]["eu-west-1"].sent_messages)


@pytest.fixture
def plain() -> Iterator[PlainCognito]:
    with mock_aws():
        yield PlainCognito()


def test_explicit_auth_flows(plain: PlainCognito) -> None:
    """Every client may send passwords. Gap of challenges.check_flow."""
    assert "AuthenticationResult" in plain.sign_in()


def test_srp(plain: PlainCognito) -> None:
    """Any password will do. Gap of challenges.check_flow."""
    challenge = plain.api.initiate_auth(
        **plain.client,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": PERSON, "SRP_A": "1"},
    )
    answered = plain.api.respond_to_auth_challenge(
        **plain.client,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses={
            "USERNAME": PERSON,
            "PASSWORD_CLAIM_SIGNATURE": "wrong",
            "PASSWORD_CLAIM_SECRET_BLOCK": challenge["ChallengeParameters"]["SECRET_BLOCK"],
            "TIMESTAMP": "now",
        },
    )

    assert "AuthenticationResult" in answered


def test_authenticator_apps(plain: PlainCognito) -> None:
    """Any code will do, and all have one secret. Gap of totp.py and challenges.py."""
    token = plain.sign_in()["AuthenticationResult"]["AccessToken"]

    secret = plain.api.associate_software_token(AccessToken=token)["SecretCode"]
    verified = plain.api.verify_software_token(AccessToken=token, UserCode="000000")

    assert secret == "asdfasdfasdf"
    assert verified["Status"] == "SUCCESS"


def test_challenges(plain: PlainCognito) -> None:
    """One person's session sets another one's password. Gap of challenges.check_answer."""
    eve = {**plain.pool, "Username": "eve@example.com"}
    plain.api.admin_create_user(**eve)
    plain.api.admin_set_user_password(**eve, Password=PASSWORD, Permanent=False)
    challenge = plain.api.initiate_auth(
        **plain.client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "eve@example.com", "PASSWORD": PASSWORD},
    )

    answered = plain.api.respond_to_auth_challenge(
        **plain.client,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": PERSON, "NEW_PASSWORD": "Password 2!"},
    )

    assert "AuthenticationResult" in answered


def test_invitations(plain: PlainCognito) -> None:
    """No mail leaves, and inviting again makes a second person. Gap of people.invite."""
    plain.api.admin_create_user(
        **plain.person, MessageAction="RESEND", DesiredDeliveryMediums=["EMAIL"]
    )

    assert plain.sent_mails() == []
    assert len(plain.api.list_users(**plain.pool)["Users"]) == 2


def test_mailed_codes(plain: PlainCognito) -> None:
    """None is mailed; any will do; no policy holds. Gap of people.mail_code and set_password."""
    plain.api.admin_reset_user_password(**plain.person)
    answer = plain.api.forgot_password(**plain.client, Username=PERSON)
    plain.api.confirm_forgot_password(
        **plain.client, Username=PERSON, ConfirmationCode="wrong", Password="short1"
    )

    assert plain.sent_mails() == []
    assert "x-moto-forgot-password-confirmation-code" in (answer["ResponseMetadata"]["HTTPHeaders"])


def test_names_in_capitals(plain: PlainCognito) -> None:
    """UsernameConfiguration does not count. Gap of UserPool._get_user."""
    made = plain.api.create_user_pool(
        PoolName="other",
        UsernameAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
    )
    pool = {"UserPoolId": made["UserPool"]["Id"]}
    plain.api.admin_create_user(**pool, Username=PERSON)

    with pytest.raises(ClientError, match="UserNotFoundException"):
        plain.api.admin_get_user(**pool, Username=PERSON.upper())


def test_signing_out(plain: PlainCognito) -> None:
    """It does not reach who has signed in by another name. Gap of UserPool.sign_out."""
    token = plain.sign_in()["AuthenticationResult"]["AccessToken"]
    sub = plain.api.admin_get_user(**plain.person)["Username"]

    plain.api.admin_user_global_sign_out(**plain.pool, Username=sub)

    assert plain.api.get_user(AccessToken=token)["Username"] == sub


def test_keys_of_pools(plain: PlainCognito) -> None:
    """All pools have one key, which everybody has with moto. Gap of UserPool.__init__."""
    token = plain.sign_in()["AuthenticationResult"]["AccessToken"]

    assert jws.extract_compact(token.encode()).headers()["kid"] == "dummy"


def test_updates_of_pools(plain: PlainCognito) -> None:
    """They forget what user names are, and the name. Gap of CognitoBackend.update_user_pool."""
    plain.api.update_user_pool(**plain.pool, PoolName="other")

    pool = plain.api.describe_user_pool(**plain.pool)["UserPool"]
    assert "UsernameAttributes" not in pool
    assert pool["Name"] == "pool"


def test_updates_of_clients(plain: PlainCognito) -> None:
    """What is left out stays. Gap of CognitoBackend.update_user_pool_client."""
    after = plain.api.update_user_pool_client(**plain.pool, **plain.client)

    assert "ExplicitAuthFlows" in after["UserPoolClient"]


def test_what_clients_may_have(plain: PlainCognito) -> None:
    """Scopes of nobody are taken, and so are flows without sense. Gap of Client.problem."""
    assert plain.create_client(
        AllowedOAuthScopes=["none/none"],
        ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
        RefreshTokenRotation={"Feature": "ENABLED"},
    )


def test_deletion(plain: PlainCognito) -> None:
    """Neither protection nor domain keeps a pool. Gap of CognitoBackend.delete_user_pool."""
    plain.api.create_user_pool_domain(**plain.pool, Domain="area")

    plain.api.delete_user_pool(**plain.pool)

    assert plain.api.list_user_pools(MaxResults=10)["UserPools"] == []


def test_domains(plain: PlainCognito) -> None:
    """Any prefix is free, and the login's version is lost. Gap of domains.py."""
    for _ in range(2):
        plain.api.create_user_pool_domain(**plain.pool, Domain="aws-cognito", ManagedLoginVersion=2)

    described = plain.api.describe_user_pool_domain(Domain="aws-cognito")["DomainDescription"]
    assert "ManagedLoginVersion" not in described


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("create_managed_login_branding", {"UserPoolId": "x_y", "ClientId": "x"}),
        ("update_managed_login_branding", {}),
        (
            "describe_managed_login_branding",
            {"UserPoolId": "x_y", "ManagedLoginBrandingId": "x"},
        ),
        (
            "describe_managed_login_branding_by_client",
            {"UserPoolId": "x_y", "ClientId": "x"},
        ),
        (
            "delete_managed_login_branding",
            {"UserPoolId": "x_y", "ManagedLoginBrandingId": "x"},
        ),
        ("revoke_token", {"Token": "x", "ClientId": "x"}),
        (
            "update_resource_server",
            {"UserPoolId": "x_y", "Identifier": "x", "Name": "x"},
        ),
        ("delete_resource_server", {"UserPoolId": "x_y", "Identifier": "x"}),
    ],
)
def test_calls_that_moto_lacks(
    plain: PlainCognito, operation: str, parameters: dict[str, Any]
) -> None:
    """Gap of CognitoResponse's method of this name."""
    with pytest.raises(NotImplementedError):
        getattr(plain.api, operation)(**parameters)
