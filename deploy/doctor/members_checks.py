"""Checks that members could be invited and would sign in. It only reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from deploy.aws.ses import is_own_identity, read_quota
from deploy.deployment import MEMBERS, Deployment
from deploy.doctor.findings import Finding
from deploy.doctor.stack_checks import Existing
from deploy.members.area import area_of
from deploy.stacks.lookup import StackState

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

# What members see with each plan, and what each says of a code beside the password.
_PAGES = {"ESSENTIALS": "today's pages", "LITE": "the classic pages, the only ones of plan LITE"}
_CODES = {
    "off": "a password",
    "optional": "a password, and a code of an authenticator app where they set that up",
    "on": "a password and a code of an authenticator app; who loses the app is removed and "
    "invited again",
}


def sign_in(clients: Clients, deployment: Deployment, existing: Existing) -> Iterator[Finding]:
    """Whether the sign-in page can have its address, and what members meet there."""
    if not deployment.has(MEMBERS):
        return
    if clients.endpoint_url is None and not clients.offers("cognito-idp"):
        yield Finding(
            "sign-in",
            "error",
            f"Cognito's user pools are not known to be offered in {deployment.region}.",
            "Choose another --region; if AWS has opened them there, upgrade boto3.",
        )
        return
    yield from _domain(clients, deployment, existing[MEMBERS.kind])
    pages = _PAGES[deployment.parameters["MembersPlan"]]
    codes = _CODES[deployment.parameters["MembersMfa"]]
    yield Finding("sign-in", "ok", f"Members sign in on {pages}, with {codes}.")


def invitations(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """Whether Cognito may mail as EmailSender, and to whom; the rest of it is the sender check."""
    address = deployment.parameters.get("EmailSender")
    if not deployment.has(MEMBERS) or not address:
        return
    domain = address.rpartition("@")[2]
    is_named, is_sandbox = is_own_identity(clients, address), read_quota(clients).is_sandbox
    if not is_named:
        yield Finding(
            "invitations",
            "warning",
            f"Neither {address} nor {domain} itself is verified: Cognito may not take the address "
            "for its mails, though SES does where a parent domain is verified.",
            f"Run `{deployment.command('doctor')} --verify {address}` and click the link it gets.",
        )
    if is_sandbox:
        yield Finding(
            "invitations",
            "warning",
            "Invitations reach verified addresses only, for SES keeps this account in its sandbox.",
            f"Verify each with `{deployment.command('doctor')} --verify ADDRESS`, or ask for "
            "production access.",
        )
    if is_named and not is_sandbox:
        yield Finding("invitations", "ok", f"Members are invited by {address}.")


def callback(clients: Clients, deployment: Deployment, existing: Existing) -> Iterator[Finding]:
    """Whether the pool sends members back to the page; somebody may have changed that by hand."""
    state = existing[MEMBERS.kind]
    if not deployment.has(MEMBERS) or state is None or not state.outputs:
        return
    area = area_of(clients, deployment, state)
    client = clients.cognito.describe_user_pool_client(
        UserPoolId=area.pool, ClientId=state.outputs["MembersClientId"]
    )["UserPoolClient"]
    if area.url in client.get("CallbackURLs", []):
        yield Finding("callback", "ok", f"Who has signed in comes back to {area.url}")
    else:
        yield Finding(
            "callback",
            "error",
            f"Nobody can sign in: {area.url} is not a callback address of the pool's app client.",
            f"Add {area.url} to the allowed callback URLs of client {client['ClientId']} in the "
            "Cognito console.",
        )


def _domain(
    clients: Clients, deployment: Deployment, state: StackState | None
) -> Iterator[Finding]:
    prefix = deployment.parameters.get("MembersDomainPrefix", "")
    if state is not None and not state.is_dead:
        yield from _kept(state, prefix, deployment.parameters["MembersPlan"])
        return
    if not prefix:
        yield Finding("sign-in", "ok", "The sign-in page gets an address that nobody else has.")
        return
    found = clients.cognito.describe_user_pool_domain(Domain=prefix)["DomainDescription"]
    if found.get("Domain"):
        yield Finding(
            "sign-in",
            "error",
            f"The domain prefix {prefix} belongs to user pool {found.get('UserPoolId', '?')} "
            "already.",
            "Choose another with --set MembersDomainPrefix=…, or leave it out.",
        )
    else:
        yield Finding(
            "sign-in", "ok", f"The domain prefix {prefix} is free, as far as one can see."
        )


def _kept(state: StackState, prefix: str, plan: str) -> Iterator[Finding]:
    """A pool has one domain, and another cannot be made before that is gone; nor can a plan end
    before what it alone has, for CloudFormation changes the pool first."""
    before = state.parameters.get("MembersDomainPrefix", "")
    if before != prefix:
        named = f'"{before}"' if before else "the one made from the stack's id"
        yield Finding(
            "sign-in",
            "error",
            f'MembersDomainPrefix cannot become "{prefix}" while {state.name} has {named}.',
            "Leave MembersDomainPrefix as it was.",
        )
    if (state.parameters.get("MembersPlan"), plan) == ("ESSENTIALS", "LITE"):
        yield Finding(
            "sign-in",
            "error",
            f"MembersPlan cannot become LITE while {state.name} uses what only ESSENTIALS has: "
            "today's pages, and refresh tokens that work once.",
            "Leave MembersPlan at ESSENTIALS.",
        )
