"""What `s3link doctor` finds about the members area: its sign-in page, its mails, its callback."""

from __future__ import annotations

import json

import pytest
from botocore.awsrequest import AWSResponse

from deploy.aws.clients import Clients
from deploy.deployment import Deployment
from deploy.doctor.checks import run_checks
from deploy.doctor.findings import Finding

pytestmark = pytest.mark.slow

GIVEN = {
    "AdminAlarmEMail": "admin@example.com",
    "EmailSender": "links@example.com",
    "EmailRecipient": "bob@example.com",
}
URL = "https://members.example.com"
IN_THE_SANDBOX = Finding(
    "invitations",
    "warning",
    "Invitations reach verified addresses only, for SES keeps this account in its sandbox.",
    "Verify each with `s3link doctor --verify ADDRESS`, or ask for production access.",
)


@pytest.fixture
def clients(embedded_clients: Clients) -> Clients:
    return embedded_clients


@pytest.fixture
def in_the_sandbox(clients: Clients) -> None:
    """As every new account is; the answer comes in the place of the embedded AWS's."""
    quota = {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 0.0}
    answer = (AWSResponse("", 200, {}, None), quota)
    clients.ses.meta.events.register("before-call.ses.GetSendQuota", lambda **_: answer)


def found(
    clients: Clients, check: str, kinds: tuple[str, ...] = ("members",), **parameters: str
) -> list[Finding]:
    deployment = Deployment(
        "s3link",
        "123456789012",
        "eu-west-1",
        {**GIVEN, **parameters},
        optional_kinds=frozenset(kinds),
    )
    return [finding for finding in run_checks(clients, deployment) if finding.check == check]


def deploy_area(
    clients: Clients, *callbacks: str, prefix: str = "", plan: str = "ESSENTIALS"
) -> None:
    """A members stack that stands, as far as doctor looks at it."""
    pool = clients.cognito.create_user_pool(PoolName="members")["UserPool"]["Id"]
    client = clients.cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="page", CallbackURLs=list(callbacks)
    )["UserPoolClient"]["ClientId"]
    outputs = {
        "MembersUrl": URL,
        "MembersPoolId": pool,
        "MembersClientId": client,
        "ArtifactsBucketName": "artifacts",
        "SurveyTableName": "survey",
        "SignedOutTableName": "signed-out",
    }
    template = {
        "Parameters": {
            "MembersDomainPrefix": {"Type": "String", "Default": prefix},
            "MembersPlan": {"Type": "String", "Default": plan},
        },
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    clients.cloudformation.create_stack(
        StackName="s3link-members", TemplateBody=json.dumps(template)
    )


def test_without_a_members_area_nothing_is_said(clients: Clients) -> None:
    for check in ("sign-in", "invitations", "callback"):
        assert found(clients, check, kinds=()) == []


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({}, "Members sign in on today's pages, with a password."),
        (
            {"MembersPlan": "LITE", "MembersMfa": "optional"},
            "Members sign in on the classic pages, the only ones of plan LITE, with a password, "
            "and a code of an authenticator app where they set that up.",
        ),
        (
            {"MembersMfa": "on"},
            "Members sign in on today's pages, with a password and a code of an authenticator "
            "app; who loses the app is removed and invited again.",
        ),
    ],
)
def test_what_members_meet_is_said(
    clients: Clients, parameters: dict[str, str], sentence: str
) -> None:
    """Plan and codes are chosen once, and their price shows later."""
    address, pages = found(clients, "sign-in", **parameters)

    assert address == Finding(
        "sign-in", "ok", "The sign-in page gets an address that nobody else has."
    )
    assert pages == Finding("sign-in", "ok", sentence)


def test_a_prefix_that_is_free(clients: Clients) -> None:
    first, _ = found(clients, "sign-in", MembersDomainPrefix="example-com-members")

    assert first == Finding(
        "sign-in", "ok", "The domain prefix example-com-members is free, as far as one can see."
    )


def test_a_prefix_that_is_taken(clients: Clients) -> None:
    """CloudFormation would find out after minutes, and roll all back."""
    pool = clients.cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    clients.cognito.create_user_pool_domain(UserPoolId=pool, Domain="example-com-members")

    first, _ = found(clients, "sign-in", MembersDomainPrefix="example-com-members")

    assert first == Finding(
        "sign-in",
        "error",
        f"The domain prefix example-com-members belongs to user pool {pool} already.",
        "Choose another with --set MembersDomainPrefix=…, or leave it out.",
    )


def test_a_prefix_cannot_change(clients: Clients) -> None:
    """A pool has one prefix; the old one would have to go first, and with it the sign-in."""
    deploy_area(clients, f"{URL}/")

    first, _ = found(clients, "sign-in", MembersDomainPrefix="example-com-members")

    assert first == Finding(
        "sign-in",
        "error",
        'MembersDomainPrefix cannot become "example-com-members" while s3link-members has the one '
        "made from the stack's id.",
        "Leave MembersDomainPrefix as it was.",
    )


def test_a_plan_cannot_become_lite(clients: Clients) -> None:
    """CloudFormation would change the pool before the client, and Cognito would refuse that."""
    deploy_area(clients, f"{URL}/")

    first, _ = found(clients, "sign-in", MembersPlan="LITE")

    assert first == Finding(
        "sign-in",
        "error",
        "MembersPlan cannot become LITE while s3link-members uses what only ESSENTIALS has: "
        "today's pages, and refresh tokens that work once.",
        "Leave MembersPlan at ESSENTIALS.",
    )


def test_a_plan_can_become_essentials(clients: Clients) -> None:
    deploy_area(clients, f"{URL}/", plan="LITE")

    [only] = found(clients, "sign-in", MembersPlan="ESSENTIALS")

    assert only.level == "ok"


def test_a_prefix_that_stays(clients: Clients) -> None:
    """It belongs to this deployment's own pool, which is no reason to complain."""
    deploy_area(clients, f"{URL}/", prefix="example-com-members")

    [only] = found(clients, "sign-in")

    assert only.level == "ok"


@pytest.mark.usefixtures("in_the_sandbox")
def test_invitations_in_the_sandbox(clients: Clients) -> None:
    """Whoever is invited has to be verified, too."""
    assert found(clients, "invitations") == [IN_THE_SANDBOX]


@pytest.mark.usefixtures("in_the_sandbox")
def test_an_address_below_a_verified_domain(clients: Clients) -> None:
    """SES sends for subdomains; Cognito asks for an identity by name."""
    assert found(clients, "invitations", EmailSender="links@mail.example.com") == [
        Finding(
            "invitations",
            "warning",
            "Neither links@mail.example.com nor mail.example.com itself is verified: Cognito may "
            "not take the address for its mails, though SES does where a parent domain is "
            "verified.",
            "Run `s3link doctor --verify links@mail.example.com` and click the link it gets.",
        ),
        IN_THE_SANDBOX,
    ]


def test_members_come_back_to_the_page(clients: Clients) -> None:
    deploy_area(clients, f"{URL}/")

    assert found(clients, "callback") == [
        Finding("callback", "ok", f"Who has signed in comes back to {URL}/")
    ]


def test_a_callback_that_somebody_changed(clients: Clients) -> None:
    """Cognito would show an error page instead of the sign-in, and nothing would tell why."""
    deploy_area(clients, "https://elsewhere.example.com/")

    [finding] = found(clients, "callback")

    assert finding.level == "error"
    assert finding.sentence == (
        f"Nobody can sign in: {URL}/ is not a callback address of the pool's app client."
    )
    assert finding.fix.startswith(f"Add {URL}/ to the allowed callback URLs of client ")
    assert finding.fix.endswith(" in the Cognito console.")
