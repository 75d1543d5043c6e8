"""Checks that SES would send the deployment's mails. It only reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from deploy.aws.registry import is_registered
from deploy.aws.ses import Quota, read_quota, verified_among
from deploy.deployment import PORTAL, SENDER, Deployment
from deploy.doctor.findings import Finding
from deploy.stacks.templates import load_template
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

_PRODUCTION = (
    "Ask for production access: "
    "https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html"
)
# Below this part of the daily quota it is worth knowing.
_LITTLE_LEFT = 0.1
# Above this part of it, what people ask for at the portal may keep files from being announced: the
# portal counts by the day, so that around midnight it may send twice as many within 24 hours.
_MUCH = 0.25
_ASKED_FOR = "MaxRequestedMailsPerDay"


def region(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    if clients.endpoint_url is None and not clients.offers("ses"):
        yield Finding(
            "region",
            "error",
            f"SES is not known to be offered in {deployment.region}.",
            "Choose another --region; if AWS has opened SES there, upgrade boto3.",
        )
        return
    read_quota(clients)
    missing = [] if deployment.deployed_parameters else _unregistered_types(clients)
    if missing:
        yield Finding(
            "region",
            "error",
            f"SES answers in {deployment.region}, but CloudFormation cannot make "
            f"{' and '.join(missing)} there.",
            "Choose another --region; docs/regions.md says which have both.",
        )
        return
    yield Finding("region", "ok", f"SES answers in {deployment.region}.")


def _unregistered_types(clients: Clients) -> list[str]:
    """Those of SES that the sender stack needs and that this region's CloudFormation lacks."""
    types = {resource.type for resource in load_template(SENDER.template).resources.values()}
    of_ses = sorted(name for name in types if name.startswith("AWS::SES::"))
    return [name for name in of_ses if not is_registered(clients, name)]


def sender(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    address = deployment.parameters.get("EmailSender")
    if not address:
        return
    if verified_among(clients, [address]):
        yield Finding("sender", "ok", f"{address}, or its domain, is verified.")
    else:
        yield _unverified("sender", deployment, address, "SES sends no mail from it")


def sandbox(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    if not read_quota(clients).is_sandbox:
        yield Finding("sandbox", "ok", "SES sends to any recipient.")
        return
    yield Finding(
        "sandbox",
        "warning",
        "SES keeps this account in its sandbox: it sends to verified recipients only.",
        _PRODUCTION,
    )
    usual = _entries(deployment, "EmailRecipient")
    others = [entry for entry in _others(deployment) if entry not in usual]
    verified = verified_among(clients, [*usual, *others])
    for address in usual:
        if address not in verified:
            yield _unverified("sandbox", deployment, address, "the sandbox sends no mail to it")
    yield from _unverified_others(deployment, (entry for entry in others if entry not in verified))


def _others(deployment: Deployment) -> list[str]:
    """Who else may be mailed: recipients, and those who are told of first downloads."""
    entries = _entries(deployment, "AuthorizedRecipients")
    if deployment.has(PORTAL) and deployment.parameters.get("NotifyOnDownload") == "sender":
        entries = [*entries, *_entries(deployment, "AuthorizedSenders")]
    return list(dict.fromkeys(entries))


def quota(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    now = read_quota(clients)
    if now.left_today < _LITTLE_LEFT * now.per_day:
        yield Finding(
            "quota",
            "warning",
            f"{counted(now.left_today, 'mail')} left today: {now.describe()}.",
            "Wait until the 24 hours are over, or ask for more in the Service Quotas console.",
        )
    else:
        yield Finding("quota", "ok", f"{now.describe()}.")
    if deployment.has(PORTAL) and now.is_limited:
        yield from _asked_for(int(float(deployment.parameters[_ASKED_FOR])), now)


def _asked_for(most: int, now: Quota) -> Iterator[Finding]:
    """Whether what strangers ask for at the portal leaves mails for new files."""
    if most > _MUCH * now.per_day:
        yield Finding(
            "quota",
            "warning",
            f"{_ASKED_FOR} is {counted(most, 'mail')}, of {counted(now.per_day, 'mail')} a day "
            "that SES sends: what people ask for at the portal may leave too few for new files.",
            f"Set {_ASKED_FOR} to {int(_MUCH * now.per_day):,} or less.",
        )


def _unverified_others(deployment: Deployment, entries: Iterable[str]) -> Iterator[Finding]:
    """Those who may be mailed but need not be: no reason not to deploy."""
    for entry in entries:
        if entry.startswith("@"):
            yield Finding(
                "sandbox",
                "warning",
                f"{entry[1:]} is not verified, so that each of its addresses has to be.",
                f"Verify the domain: aws ses verify-domain-dkim --domain {entry[1:]}",
            )
        else:
            yield Finding(
                "sandbox",
                "warning",
                f"{entry} is not verified: the sandbox sends no mail to it.",
                _how_to_verify(deployment, entry),
            )


def _unverified(check: str, deployment: Deployment, address: str, therefore: str) -> Finding:
    return Finding(
        check,
        "error",
        f"{address} is not verified in {deployment.region}: {therefore}.",
        _how_to_verify(deployment, address),
    )


def _how_to_verify(deployment: Deployment, address: str) -> str:
    return f"Run `{deployment.command('doctor')} --verify {address}` and click the link it gets."


def _entries(deployment: Deployment, parameter: str) -> list[str]:
    value = deployment.parameters.get(parameter, "")
    return list(dict.fromkeys(entry.strip() for entry in value.split(",") if entry.strip()))
