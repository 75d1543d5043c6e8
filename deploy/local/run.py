"""Runs a deployment on the embedded AWS: the real deployer, the real templates, the real zip.

This module plays the operator: it verifies the addresses, has a certificate issued, deploys,
invites a member and says where things are.
It may use everything in `deploy`; nothing in `deploy` outside `deploy/local` may use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from deploy.aws.clients import Clients, connect_with_keys
from deploy.brand.brand import NO_BRAND, Brand
from deploy.console import Console
from deploy.deployment import Deployment
from deploy.errors import LocalError
from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.domain import with_domain
from deploy.local.server import EmbeddedAws
from deploy.members.area import find_area
from deploy.members.changing import invite
from deploy.pipeline import deploy

# For a first look, nothing has to be configured.
_EXAMPLES = {
    "AdminAlarmEMail": "admin@example.com",
    "EmailSender": "links@example.com",
}
# Whoever names a recipient says by that who may get files; see AuthorizedRecipients.
_EXAMPLE_RECIPIENTS = {"EmailRecipient": "bob@example.com", "AuthorizedRecipients": "@example.com"}
_ADDRESS_PARAMETERS = ("EmailSender", "EmailRecipient", "AuthorizedRecipients")
# Who is invited to a members area.
MEMBER = "member@example.com"


@dataclass(frozen=True)
class LocalDeployment:
    """Where a deployment on the embedded AWS is found: URLs, and the bucket to upload to."""

    endpoint: str
    inbox: str
    bucket: str
    region: str
    deployment: str
    portal: str | None = None
    programs: str | None = None
    members: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        return asdict(self)


def with_examples(parameters: Mapping[str, str]) -> dict[str, str]:
    """What is given, and examples for what has to be."""
    recipients = {} if "EmailRecipient" in parameters else _EXAMPLE_RECIPIENTS
    return {**_EXAMPLES, **recipients, **parameters}


def operator_clients(aws: EmbeddedAws) -> Clients:
    """Clients with the keys of the embedded AWS's operator; the person's own keys stay unused."""
    return connect_with_keys(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY, aws.region, aws.endpoint)


def deploy_locally(
    aws: EmbeddedAws,
    name: str,
    parameters: Mapping[str, str],
    console: Console,
    optional_kinds: frozenset[str] = frozenset(),
    brand: Brand = NO_BRAND,
) -> LocalDeployment:
    """Deploy to the embedded AWS, with these optional stacks, and announce it there."""
    clients = operator_clients(aws)
    given = with_domain(clients, with_examples(parameters))
    deployment = Deployment(
        name,
        clients.account,
        aws.region,
        given,
        optional_kinds=optional_kinds,
        brand=brand,
    )
    _verify_identities(clients, deployment)
    outcome = deploy(clients, deployment, console)
    local = LocalDeployment(
        endpoint=aws.endpoint,
        inbox=f"{aws.endpoint}/_s3link/inbox",
        bucket=outcome.outputs["FileExchangeBucketName"],
        region=aws.region,
        deployment=name,
        portal=outcome.outputs.get("PortalUrl"),
        programs=outcome.outputs.get("ProgramsApiUrl"),
        members=outcome.outputs.get("MembersUrl"),
    )
    if local.members:
        _invite_a_member(clients, deployment)
    aws.deployed = local.as_dict()
    return local


def _verify_identities(clients: Clients, deployment: Deployment) -> None:
    """SES sends from verified senders only, and a new account (as here) to verified recipients.

    The sender's domain has DKIM, as it should on AWS.
    """
    sender = deployment.parameters.get("EmailSender", "")
    clients.ses.verify_domain_dkim(Domain=sender.rpartition("@")[2])
    for parameter in _ADDRESS_PARAMETERS:
        for entry in deployment.parameters.get(parameter, "").split(","):
            identity = entry.strip()
            if identity.startswith("@"):
                clients.ses.verify_domain_identity(Domain=identity[1:])
            elif identity:
                clients.ses.verify_email_identity(EmailAddress=identity)


def _invite_a_member(clients: Clients, deployment: Deployment) -> None:
    """Raises LocalError when the mail was not taken, as by a sender that SES does not know."""
    clients.ses.verify_email_identity(EmailAddress=MEMBER)
    for invited in invite(find_area(clients, deployment), [MEMBER], admin=False):
        if invited.problem:
            raise LocalError(f"{MEMBER} was not invited to the members area: {invited.problem}.")
