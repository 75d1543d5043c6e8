"""What an administrator does with people: the mails, and what the calls refuse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.cognito.area import MEMBER, PASSWORD, Area, app_code, between, mails

pytestmark = pytest.mark.slow


def refusal(call: Any, **parameters: Any) -> tuple[str, str]:
    """Code and message of the error that a call ends in."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_an_invitation(bare_area: Area) -> None:
    """It comes in the pool's words, from its sender."""
    bare_area.deploy()

    password = bare_area.invite()

    [mail] = mails()
    assert (mail.sender, mail.subject) == ("Files <files@example.com>", "Come in")
    assert mail.html == f"<p>{MEMBER}: <b>{password}</b></p>"
    assert len(password) == 12


@pytest.mark.parametrize("options", [{"MessageAction": "SUPPRESS"}, {"DesiredDeliveryMediums": []}])
def test_no_mail_unless_it_is_wanted(bare_area: Area, options: dict[str, Any]) -> None:
    """Without a medium Cognito sends a text message."""
    bare_area.deploy()
    given = {"Username": MEMBER, "DesiredDeliveryMediums": ["EMAIL"], **options}

    bare_area.api.admin_create_user(UserPoolId=bare_area.pool_id, **given)

    assert mails() == []


def test_inviting_again(bare_area: Area) -> None:
    """The same person gets another password; who has come already is not invited."""
    bare_area.deploy()
    first = bare_area.invite()
    person = {"UserPoolId": bare_area.pool_id, "Username": MEMBER}
    before = bare_area.api.admin_get_user(**person)["Username"]
    invited_at = bare_area.clock()
    bare_area.clock.ahead += timedelta(hours=3)

    second = bare_area.invite(MessageAction="RESEND", UserAttributes=[])

    assert second != first
    users = bare_area.api.list_users(UserPoolId=bare_area.pool_id)["Users"]
    assert [user["Username"] for user in users] == [before]
    assert users[0]["UserLastModifiedDate"] > invited_at + timedelta(hours=2)
    code, _ = refusal(bare_area.api.admin_create_user, **person)
    assert code == "UsernameExistsException"
    bare_area.api.admin_set_user_password(**person, Password=PASSWORD, Permanent=True)
    code, _ = refusal(bare_area.api.admin_create_user, **person, MessageAction="RESEND")
    assert code == "UnsupportedUserStateException"


def test_a_sender_that_ses_refuses(bare_area: Area) -> None:
    """The call fails; the person is there and can be invited again."""
    bare_area.deploy()
    bare_area.account.client("ses").delete_identity(Identity="files@example.com")
    given = {
        "UserPoolId": bare_area.pool_id,
        "Username": MEMBER,
        "DesiredDeliveryMediums": ["EMAIL"],
    }

    code, message = refusal(bare_area.api.admin_create_user, **given)

    assert code == "CodeDeliveryFailureException"
    assert "Email address is not verified" in message
    bare_area.account.client("ses").verify_email_identity(EmailAddress="files@example.com")
    bare_area.api.admin_create_user(**given, MessageAction="RESEND")
    assert len(mails()) == 1


def test_ses_is_stopped(bare_area: Area) -> None:
    """Nothing of it is mailed, and whoever invites is told."""
    bare_area.deploy()
    bare_area.account.aws.services.stop("ses")

    code, message = refusal(
        bare_area.api.admin_create_user,
        UserPoolId=bare_area.pool_id,
        Username=MEMBER,
        DesiredDeliveryMediums=["EMAIL"],
    )

    assert code == "CodeDeliveryFailureException"
    assert "SES is stopped" in message
    assert mails() == []


def test_cognitos_own_sender(bare_area: Area) -> None:
    """A pool that names no identity uses Cognito's address, and Cognito's words."""
    bare_area.deploy(
        EmailConfiguration={"EmailSendingAccount": "COGNITO_DEFAULT"},
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
    )

    bare_area.api.admin_create_user(
        UserPoolId=bare_area.pool_id, Username=MEMBER, DesiredDeliveryMediums=["EMAIL"]
    )

    assert mails()[0].sender == "no-reply@verificationemail.com"
    assert mails()[0].html.startswith(f"Your username is {MEMBER} and temporary password is ")


def test_a_temporary_password_of_ones_own(bare_area: Area) -> None:
    """The policy holds for it as well."""
    bare_area.deploy()

    code, _ = refusal(
        bare_area.api.admin_create_user,
        UserPoolId=bare_area.pool_id,
        Username=MEMBER,
        TemporaryPassword="short",
    )

    assert code == "InvalidPasswordException"


def test_a_reset(area: Area) -> None:
    """A code comes by mail; without it there is no new password."""
    area.api.admin_reset_user_password(UserPoolId=area.pool_id, Username=MEMBER)
    code = between("<b>", "</b>", mails()[-1].html)
    given = {"ClientId": area.client_id, "Username": MEMBER, "Password": PASSWORD}

    wrong = refusal(area.api.confirm_forgot_password, **given, ConfirmationCode="x")
    area.api.confirm_forgot_password(**given, ConfirmationCode=code)

    assert wrong[0] == "CodeMismatchException"
    user = area.api.admin_get_user(UserPoolId=area.pool_id, Username=MEMBER)
    assert user["UserStatus"] == "CONFIRMED"


def test_forgetting_by_api(area: Area) -> None:
    """The answers are alike for whoever it is, and the code is in the mail only."""
    known = area.api.forgot_password(ClientId=area.client_id, Username=MEMBER)
    unknown = area.api.forgot_password(ClientId=area.client_id, Username="al@example.com")

    assert known["CodeDeliveryDetails"] == unknown["CodeDeliveryDetails"]
    code = between("<b>", "</b>", mails()[-1].html)
    assert code not in str(known)
    area.clock.ahead += timedelta(hours=1)
    given = {"ClientId": area.client_id, "Password": PASSWORD, "ConfirmationCode": code}
    late = refusal(area.api.confirm_forgot_password, **given, Username=MEMBER)
    nobody = refusal(area.api.confirm_forgot_password, **given, Username="al@example.com")
    assert late == nobody
    assert late[0] == "ExpiredCodeException"


def test_a_thousand_people(bare_area: Area) -> None:
    """They are found page by page, and one by one by any of their names."""
    bare_area.deploy()
    pool = bare_area.pool()
    for number in range(1000):
        pool.backend.admin_create_user(
            *(pool.id, f"n{number}@example.com", "SUPPRESS", None),
            [{"Name": "email_verified", "Value": "true"}],
        )

    pages = bare_area.api.get_paginator("list_users").paginate(UserPoolId=pool.id)

    assert sum(len(page["Users"]) for page in pages) == 1000
    found = bare_area.api.admin_get_user(UserPoolId=pool.id, Username="N999@example.com")
    assert bare_area.api.admin_get_user(UserPoolId=pool.id, Username=found["Username"])


def test_flows_that_a_client_has_not(area: Area) -> None:
    """A client without password flows gives nobody tokens by an API call."""
    person = {"USERNAME": MEMBER, "PASSWORD": PASSWORD}
    client = {"ClientId": area.client_id}

    for call, flow, more in (
        (area.api.initiate_auth, "USER_PASSWORD_AUTH", {}),
        (area.api.admin_initiate_auth, "ADMIN_USER_PASSWORD_AUTH", {"UserPoolId": area.pool_id}),
        (area.api.initiate_auth, "REFRESH_TOKEN_AUTH", {}),
    ):
        code, message = refusal(call, **client, AuthFlow=flow, AuthParameters=person, **more)
        assert code == "InvalidParameterException"
        assert message == f"{flow} flow not enabled for this client"
    code, _ = refusal(
        area.api.initiate_auth,
        **client,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": MEMBER, "SRP_A": "1"},
    )
    assert code == "NotAuthorizedException"


def password_client(area: Area) -> str:
    """A client that may send passwords."""
    made = area.api.create_user_pool_client(
        UserPoolId=area.pool_id,
        ClientName="passwords",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
    )
    return str(made["UserPoolClient"]["ClientId"])


def test_tokens_of_a_flow_without_pages(area: Area) -> None:
    """They are the same issuer's, and have no scope that an API could ask for."""
    tokens = area.api.initiate_auth(
        ClientId=password_client(area),
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": MEMBER, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]

    claims = area.claims(tokens["AccessToken"])
    assert (claims["iss"], claims["scope"]) == (area.issuer, "aws.cognito.signin.user.admin")
    area.api.global_sign_out(AccessToken=tokens["AccessToken"])
    code, _ = refusal(area.api.get_user, AccessToken=tokens["AccessToken"])
    assert code == "NotAuthorizedException"


def test_an_app_by_api(area: Area) -> None:
    """Everybody has a secret of their own, and only its codes count."""
    token = area.api.initiate_auth(
        ClientId=password_client(area),
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": MEMBER, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]["AccessToken"]

    secret = area.api.associate_software_token(AccessToken=token)["SecretCode"]
    wrong = refusal(area.api.verify_software_token, AccessToken=token, UserCode="000000")
    code = app_code(secret, area.clock().timestamp())
    area.api.verify_software_token(AccessToken=token, UserCode=code)

    assert wrong[0] == "CodeMismatchException"
    assert secret != area.api.associate_software_token(AccessToken=token)["SecretCode"]


def test_a_challenge_of_somebody_else(area: Area) -> None:
    """Whoever is asked for a new password sets no other person's."""
    given = {"UserPoolId": area.pool_id, "Username": "eve@example.com"}
    area.invite("eve@example.com")
    area.api.admin_set_user_password(**given, Password=PASSWORD, Permanent=False)
    client = {"ClientId": password_client(area)}
    challenge = area.api.initiate_auth(
        **client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "eve@example.com", "PASSWORD": PASSWORD},
    )

    code, _ = refusal(
        area.api.respond_to_auth_challenge,
        **client,
        ChallengeName=challenge["ChallengeName"],
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": MEMBER, "NEW_PASSWORD": "the password of eve"},
    )

    assert code == "NotAuthorizedException"
