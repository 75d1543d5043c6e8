"""`s3link members invite, list, remove, reset` as their user sees them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from deploy.errors import MembersError, S3LinkError
from deploy.members import changing
from deploy.members.people import find_member, read_members
from tests.deploy.members.account import DEPLOYMENT, TEMPORARY_DAYS, MembersAccount
from tests.deploy.operator import Operator

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
BOB, EVE = "bob@example.com", "eve@example.com"


def user(status: str = "CONFIRMED", **more: Any) -> dict[str, Any]:
    """What AdminGetUser says of bob."""
    return {
        "Username": "bobs-id",
        "UserStatus": status,
        "Enabled": True,
        "UserCreateDate": NOW,
        "UserLastModifiedDate": NOW,
        "UserAttributes": [
            {"Name": "sub", "Value": "bobs-id"},
            {"Name": "email", "Value": BOB},
        ],
        **more,
    }


def stub_bob(cognito: Stubber, status: str = "CONFIRMED", **more: Any) -> None:
    """Bob is looked up first, and how long an invitation of the pool is good."""
    cognito.add_response("admin_get_user", user(status, **more))
    cognito.add_response("describe_user_pool", {"UserPool": {}})


def test_people_are_invited(operator: Operator, account: MembersAccount) -> None:
    """Each becomes a member who has yet to sign in; an admin is a member, too."""
    ran = operator.s3link(f"members invite {BOB} Eve@Example.com")
    admin = operator.s3link("members invite --admin carol@example.com,dora@example.com")

    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout == f"{BOB} was invited.\nEve@example.com was invited.\n"
    assert admin.stdout == "carol@example.com was invited.\ndora@example.com was invited.\n"
    assert account.status_of(BOB) == "FORCE_CHANGE_PASSWORD"
    assert account.groups_of(BOB) == {"members"}
    assert account.groups_of("carol@example.com") == {"members", "admins"}


def test_nobody_is_invited_twice(operator: Operator, account: MembersAccount) -> None:
    """Members are said and skipped; whoever lost the invitation gets another in another way."""
    account.add_member(BOB)
    account.add_member(EVE, signed_in=False)

    ran = operator.s3link(f"members invite {BOB} {EVE} dora@example.com dora@example.com")

    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        f"{BOB} is a member already.",
        f"{EVE} is invited already. For a new invitation: s3link members reset {EVE}",
        "dora@example.com was invited.",
    ]


def test_a_member_becomes_an_admin(operator: Operator, account: MembersAccount) -> None:
    """No mail is needed for that."""
    account.add_member(BOB)

    ran = operator.s3link(f"members invite --admin {BOB}")

    assert ran.stdout == f"{BOB} is a member already. Now also an admin.\n"
    assert account.groups_of(BOB) == {"members", "admins"}


def test_an_invitation_that_broke_off_is_completed(
    operator: Operator, account: MembersAccount
) -> None:
    """A user without a group could sign in and would see nothing."""
    account.clients.cognito.admin_create_user(UserPoolId=account.pool, Username=BOB)

    ran = operator.s3link(f"members invite {BOB}")

    assert ran.exit_code == 0, ran.stderr
    assert account.groups_of(BOB) == {"members"}


def test_one_failure_does_not_hide_the_others(account: MembersAccount) -> None:
    """SES may know one address as a bad one; AWS's reason stands in one line."""
    with Stubber(account.clients.cognito) as cognito:
        cognito.add_client_error(
            "admin_create_user",
            "CodeDeliveryFailureException",
            "Email address is not verified.\nThe following identities failed: x\x1b[31m",
        )
        cognito.add_client_error("admin_create_user", "AccessDeniedException", "no")
        cognito.add_response("admin_create_user", {"User": {}})
        cognito.add_response("admin_add_user_to_group", {})
        cognito_area = account.area

        done = list(changing.invite(cognito_area, [BOB, EVE, "dora@example.com"], admin=False))

    assert [(one.address, one.problem) for one in done] == [
        (
            BOB,
            "CodeDeliveryFailureException: Email address is not verified. The following "
            "identities failed: x\\x1b[31m",
        ),
        (
            EVE,
            "AWS denied AdminCreateUser; ask your administrator to allow it, or use another "
            "--profile",
        ),
        ("dora@example.com", ""),
    ]


def test_the_exit_code_tells_of_a_failure(operator: Operator, account: MembersAccount) -> None:
    """The document names it; here the pool is gone."""
    account.clients.cognito.update_user_pool(UserPoolId=account.pool, DeletionProtection="INACTIVE")
    account.clients.cognito.delete_user_pool(UserPoolId=account.pool)

    ran = operator.s3link(f"members invite {BOB} --output json")

    assert ran.exit_code == 1
    assert ran.error == "1 of 1 invitation was not sent."
    [invitation] = ran.document["invitations"]
    assert (invitation["address"], invitation["invited"]) == (BOB, False)
    assert invitation["problem"].startswith("ResourceNotFoundException: ")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "invite bob@example.com,eve",
            "Invalid value for 'ADDRESS...': \"eve\" is not an address: it has no @; use a bare "
            "one such as bob@example.com.",
        ),
        (
            "invite bob@example.com 'Bob <bob@example.com>'",
            "Invalid value for 'ADDRESS...': \"Bob <bob@example.com>\" is not an address: the "
            "part before the @ may have letters a to z, digits and .#$&'*+/=^_`{|}~- only; use a "
            "bare one such as bob@example.com.",
        ),
        ("invite", "Missing argument 'ADDRESS...'."),
        (
            "remove '*'",
            "Invalid value for 'ADDRESS': \"*\" is not an address: it has no @; use a bare one "
            "such as bob@example.com.",
        ),
    ],
)
def test_wrong_usage(operator: Operator, account: MembersAccount, line: str, sentence: str) -> None:
    """One that is no address keeps all from being invited: nothing was asked of AWS."""
    ran = operator.s3link(f"members {line}")

    assert (ran.exit_code, ran.error) == (2, sentence)
    assert read_members(account.area) == []


def test_members_are_listed(operator: Operator, account: MembersAccount) -> None:
    """By address, with their status in plain words."""
    bob = account.add_member(BOB)
    account.add_member("Anna@example.com", "members", "admins", signed_in=False)
    account.add_member(EVE)
    account.clients.cognito.admin_disable_user(UserPoolId=account.pool, Username=EVE)
    account.add_member("rita@example.com")
    account.clients.cognito.admin_reset_user_password(
        UserPoolId=account.pool, Username="rita@example.com"
    )

    text = operator.s3link("members list")
    documents = operator.s3link("members list --output json").document["members"]

    until = documents[0]["status"].removeprefix("invited until ")
    ends = datetime.fromisoformat(until.replace("Z", "+00:00"))
    assert abs(ends - datetime.now(UTC) - timedelta(days=TEMPORARY_DAYS)) < timedelta(minutes=10)
    assert [(one["address"], one["status"], one["groups"]) for one in documents] == [
        ("Anna@example.com", f"invited until {until}", ["admins", "members"]),
        (BOB, "active", ["members"]),
        (EVE, "disabled", ["members"]),
        ("rita@example.com", "reset required", ["members"]),
    ]
    assert documents[1]["id"] == bob
    today = f"{datetime.fromisoformat(documents[1]['since']):%Y-%m-%d}"
    titles, _, row, *_ = text.stdout.splitlines()
    assert titles == "ADDRESS\tSTATUS\tGROUPS\tSINCE\tID"
    assert row == f"{BOB}\tactive\tmembers\t{today}\t{bob}"


def test_an_invitation_ends(account: MembersAccount) -> None:
    """Then it is said so, and since when."""
    account.add_member(BOB, signed_in=False)
    [member] = read_members(account.area)
    assert member.invited_until

    assert member.status(member.invited_until).startswith("invitation ended 20")


def test_nobody_is_an_answer(operator: Operator) -> None:
    ran = operator.s3link("members list")

    assert ran.stdout == "Nobody is a member yet: s3link members invite ADDRESS\n"


def test_a_pool_that_is_gone_is_a_matter_for_doctor(
    operator: Operator, account: MembersAccount
) -> None:
    """To run the command again would help nobody."""
    account.clients.cognito.delete_user_pool(UserPoolId=account.pool)

    said = operator.s3link("members list").error

    assert said.startswith("The members could not be listed: AWS does not find what ")
    assert said.endswith(
        "`s3link doctor`, with the same options, says what was deleted, and what to do."
    )


def test_a_thousand_members_are_listed(account: MembersAccount) -> None:
    """Cognito gives 60 at a time; groups are asked for by group, not by member."""
    for number in range(1000):
        account.clients.cognito.admin_create_user(
            UserPoolId=account.pool, Username=f"m{number:04}@example.com"
        )
    calls: list[str] = []
    account.clients.cognito.meta.events.register(
        "before-call.cognito-identity-provider", lambda model, **_: calls.append(model.name)
    )

    began = time.perf_counter()
    found = read_members(account.area)
    took = time.perf_counter() - began

    assert len(found) == 1000
    assert len(calls) <= 1000 / 60 + 4, took


def test_a_member_is_removed(operator: Operator, account: MembersAccount) -> None:
    """And from that moment no token of theirs is taken, whenever it was issued."""
    bob = account.add_member(BOB)

    ran = operator.s3link(f"members remove {BOB}", answers="y\n")
    again = operator.s3link(f"members remove {BOB} --yes")

    [row] = account.signed_out()
    in_an_hour = datetime.now(UTC).timestamp() + 3600
    assert ran.exit_code == 0, ran.stderr
    assert f"Remove {BOB}, who is signed out at once? [y/N]" in ran.stderr
    assert ran.stdout == f"Removed {BOB}.\n"
    assert read_members(account.area) == []
    assert row["Id"] == f"member#{bob}"
    assert int(row["Before"]) == pytest.approx(in_an_hour, abs=600)
    assert int(row["RemovedAt"]) == pytest.approx(in_an_hour, abs=600)
    assert (again.exit_code, again.error) == (
        1,
        f"{BOB} is no member; see `s3link members list`.",
    )


def test_nobody_is_removed_without_consent(operator: Operator, account: MembersAccount) -> None:
    account.add_member(BOB)

    ran = operator.s3link(f"members remove {BOB}", answers="\n")

    assert (ran.exit_code, ran.error) == (
        1,
        "Nothing was done; agree to the question, or add --yes.",
    )
    assert account.status_of(BOB) == "CONFIRMED"
    assert account.signed_out() == []


@pytest.mark.parametrize(
    ("table_is_gone", "sentence"),
    [
        (True, f"{BOB} was not removed: AWS does not find what PutItem is about (Requested"),
        (
            False,
            f"{BOB} cannot get at anything for an hour, but is still a member "
            "(NotAuthorizedException: not now); run the command again.",
        ),
    ],
)
def test_a_removal_that_fails_says_how_far_it_came(
    account: MembersAccount, table_is_gone: bool, sentence: str
) -> None:
    """The row is written first: what comes after can be done again at leisure."""
    account.add_member(BOB)
    area = account.area
    member = find_member(area, BOB)
    if table_is_gone:
        account.clients.dynamodb.delete_table(TableName=area.signed_out_table)

    with Stubber(account.clients.cognito) as cognito:
        cognito.add_response("admin_user_global_sign_out", {})
        cognito.add_client_error("admin_delete_user", "NotAuthorizedException", "not now")
        with pytest.raises(S3LinkError) as failed:
            changing.remove(area, member, NOW)

    assert str(failed.value).startswith(sentence)
    if not table_is_gone:
        assert len(account.signed_out()) == 1


def test_a_member_gets_a_code_for_a_new_password(
    operator: Operator, account: MembersAccount
) -> None:
    """And is signed out everywhere; who signs in afterwards is let in."""
    bob = account.add_member(BOB)

    ran = operator.s3link(f"members reset {BOB}")

    [row] = account.signed_out()
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout == f"{BOB} gets a code for a new password by mail.\n"
    assert account.status_of(BOB) == "RESET_REQUIRED"
    assert row["Id"] == f"member#{bob}"
    # A sign-in of before gives tokens for an hour by its cookie, which last for a day at most.
    assert int(row["RemovedAt"]) - int(row["Before"]) > (1 + 24) * 3600


def test_who_never_signed_in_gets_a_new_invitation(account: MembersAccount) -> None:
    """There is no session to end."""
    with Stubber(account.clients.cognito) as cognito:
        stub_bob(cognito, "FORCE_CHANGE_PASSWORD")
        cognito.add_response("admin_add_user_to_group", {})
        cognito.add_response(
            "admin_create_user",
            {"User": {}},
            {
                "UserPoolId": account.pool,
                "Username": BOB,
                "MessageAction": "RESEND",
                "DesiredDeliveryMediums": ["EMAIL"],
            },
        )

        mailed = changing.reset(account.area, BOB, NOW)

    assert mailed == "a new invitation"
    assert account.signed_out() == []


def test_a_reset_completes_an_invitation_that_broke_off(account: MembersAccount) -> None:
    """Cognito keeps somebody whom it could not mail, and they are in no group yet."""
    account.clients.cognito.admin_create_user(
        UserPoolId=account.pool,
        Username=BOB,
        UserAttributes=[
            {"Name": "email", "Value": BOB},
            {"Name": "email_verified", "Value": "true"},
        ],
    )

    changing.reset(account.area, BOB, NOW)

    assert account.groups_of(BOB) == {"members"}


def test_a_reset_that_fails_half_way_says_so(account: MembersAccount) -> None:
    """The code is on its way, but old sessions may go on."""
    with Stubber(account.clients.cognito) as cognito:
        stub_bob(cognito)
        cognito.add_response("admin_reset_user_password", {})
        cognito.add_client_error("admin_user_global_sign_out", "InternalErrorException", "oh")
        with pytest.raises(MembersError) as failed:
            changing.reset(account.area, BOB, NOW)

    assert str(failed.value) == (
        f"{BOB} got a code for a new password, but is not signed out everywhere yet "
        "(InternalErrorException: oh); run the command again."
    )


def test_a_mail_that_cannot_be_sent_is_told(account: MembersAccount) -> None:
    with Stubber(account.clients.cognito) as cognito:
        stub_bob(cognito)
        cognito.add_client_error(
            "admin_reset_user_password", "CodeDeliveryFailureException", "SES says no."
        )
        with pytest.raises(MembersError) as failed:
            changing.reset(account.area, BOB, NOW)

    assert str(failed.value) == (
        f"{BOB} was not reset (CodeDeliveryFailureException: SES says no); run the command again."
    )
    assert account.signed_out() == []


def test_who_is_disabled_is_not_reset(account: MembersAccount) -> None:
    with Stubber(account.clients.cognito) as cognito:
        stub_bob(cognito, Enabled=False)
        with pytest.raises(MembersError) as failed:
            changing.reset(account.area, BOB, NOW)

    assert str(failed.value) == (
        f"{BOB} is disabled in the pool; enable it in the Cognito console, or remove it with "
        f"`s3link members remove {BOB}`."
    )


def test_without_a_members_area(operator: Operator, account: MembersAccount) -> None:
    """The sentence names the command that adds one, or that nothing is deployed at all."""
    account.clients.cloudformation.delete_stack(StackName="s3link-members")
    nothing = operator.s3link("members list")
    account.clients.cloudformation.create_stack(
        StackName="s3link-sender",
        TemplateBody='{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}',
    )

    no_area = operator.s3link("members list")

    assert nothing.error.startswith(
        f'Nothing is deployed under the name "{DEPLOYMENT.name}" in eu-west-1 of account '
    )
    assert no_area.error == (
        "Beside stack s3link-sender there is no members area; `s3link deploy --with members` "
        "adds one."
    )
