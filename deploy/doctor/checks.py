"""Checks everything that a deployment needs before anything is changed. It only reads.

`doctor` shows what is found; `deploy` does not start while something stands in the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain, explain_missing
from deploy.aws.side_by_side import side_by_side
from deploy.deployment import Deployment
from deploy.doctor import (
    authentication_checks,
    concurrency_checks,
    domain_checks,
    environment_checks,
    mail_checks,
    members_checks,
    parameter_checks,
    resource_checks,
    stack_checks,
)
from deploy.doctor.findings import Finding, Level
from deploy.errors import CheckError, ConnectionFailedError
from deploy.settings.configuration import default_values
from deploy.stacks import optional
from deploy.stacks.lookup import find_stacks

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.stacks.lookup import StackState


Check = Callable[["Clients", Deployment], Iterable[Finding]]
# Where "region" says that there is no SES to be asked, these would only say so again.
_ASK_SES: Mapping[str, Check] = {
    "sender": mail_checks.sender,
    "authentication": authentication_checks.authentication,
    "dmarc": authentication_checks.dmarc,
    "sandbox": mail_checks.sandbox,
    "quota": mail_checks.quota,
    "invitations": members_checks.invitations,
}


def run_checks(
    clients: Clients,
    deployment: Deployment,
    existing: Mapping[str, StackState | None] | None = None,
) -> list[Finding]:
    """Everything found, in the order in which it is best put right.

    The checks are made side by side, of the `existing` stacks if somebody has just found them.
    """
    stacks = existing or find_stacks(clients, deployment)
    as_given = optional.with_existing_stacks(deployment, stacks)
    effective = replace(as_given, parameters=_effective_parameters(as_given))
    checks: Mapping[str, Check] = {
        "credentials": _account,
        "parameters": partial(parameter_checks.parameters, as_given=as_given),
        "recipients": parameter_checks.recipients,
        "lists": environment_checks.environments,
        "time zone": parameter_checks.time_zone,
        "brand": parameter_checks.brand,
        "region": mail_checks.region,
        **_ASK_SES,
        "expiry": partial(parameter_checks.expiry, as_given=as_given),
        "links": parameter_checks.links,
        "downloads": parameter_checks.downloads,
        "domain": partial(domain_checks.domain, existing=stacks),
        "certificate": domain_checks.certificate,
        "record": partial(domain_checks.record, existing=stacks),
        "concurrency": partial(concurrency_checks.concurrency, existing=stacks),
        "sign-in": partial(members_checks.sign_in, existing=stacks),
        "callback": partial(members_checks.callback, existing=stacks),
        "bucket": partial(stack_checks.bucket, existing=stacks),
        "stacks": partial(stack_checks.stacks, existing=stacks),
        "names": partial(stack_checks.names, existing=stacks),
    }
    offers_ses = clients.endpoint_url is not None or clients.offers("ses")
    wanted = [name for name in checks if offers_ses or name not in _ASK_SES]
    found = side_by_side(
        partial(_findings_of, name, checks[name], clients, effective) for name in wanted
    )
    findings = dict(zip(wanted, found, strict=True))
    if any(finding.level == "error" for finding in findings["region"]):
        findings |= {name: [] for name in _ASK_SES}
    return [finding for name in wanted for finding in findings[name]]


def examine(clients: Clients, deployment: Deployment) -> list[Finding]:
    """What run_checks finds, and what has become of what is deployed already."""
    return [
        *run_checks(clients, deployment),
        *_findings_of("resources", resource_checks.resources, clients, deployment),
        *_findings_of("subscription", resource_checks.subscription, clients, deployment),
    ]


def require_no_errors(findings: Iterable[Finding], deployment: Deployment) -> None:
    """Raise CheckError, with sentence and fix, when something stands in the way of a deploy."""
    errors = [finding for finding in findings if finding.level == "error"]
    if errors:
        doctor = deployment.command("doctor")
        more = f" ({len(errors) - 1} more: see `{doctor}`)" if len(errors) > 1 else ""
        raise CheckError(f"{errors[0].sentence} {errors[0].fix}{more}")


def _findings_of(
    name: str, check: Check, clients: Clients, deployment: Deployment
) -> list[Finding]:
    """The findings of one check; that it could not be made is a finding too."""
    try:
        return list(check(clients, deployment))
    except (ClientError, BotoCoreError) as exc:
        reason = explain(exc) or explain_missing(exc, "somebody has deleted it.")
        if reason is None:
            raise
        # What may not be looked at may be fine; what does not answer will not answer a deploy.
        level: Level = "error" if isinstance(reason, ConnectionFailedError) else "warning"
        return [Finding(name, level, f'"{name}" could not be checked: {reason}')]


def _effective_parameters(deployment: Deployment) -> dict[str, str]:
    """The values a deploy would use: as given, else as deployed, else the template's default."""
    return {**default_values(), **deployment.deployed_parameters, **deployment.parameters}


def _account(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    who = clients.sts.get_caller_identity()["Arn"]
    yield Finding(
        "credentials",
        "ok",
        f"Working as {who} in account {deployment.account}, region {deployment.region}.",
    )
