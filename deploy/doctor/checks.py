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
from deploy.deployment import Deployment
from deploy.doctor import (
    concurrency_checks,
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


Check = Callable[["Clients", Deployment], Iterable[Finding]]
# Where "region" says that there is no SES to be asked, these would only say so again.
_ASK_SES: Mapping[str, Check] = {
    "sender": mail_checks.sender,
    "sandbox": mail_checks.sandbox,
    "quota": mail_checks.quota,
    "invitations": members_checks.invitations,
}


def run_checks(clients: Clients, deployment: Deployment) -> list[Finding]:
    """Everything found, in the order in which it is best put right."""
    as_given = optional.with_existing_stacks(deployment, find_stacks(clients, deployment))
    effective = replace(as_given, parameters=_effective_parameters(as_given))
    checks: Mapping[str, Check] = {
        "credentials": _account,
        "parameters": partial(parameter_checks.parameters, as_given=as_given),
        "recipients": parameter_checks.recipients,
        "lists": environment_checks.environments,
        "region": mail_checks.region,
        **_ASK_SES,
        "expiry": partial(parameter_checks.expiry, as_given=as_given),
        "links": parameter_checks.links,
        "downloads": parameter_checks.downloads,
        "concurrency": concurrency_checks.concurrency,
        "sign-in": members_checks.sign_in,
        "callback": members_checks.callback,
        "bucket": stack_checks.bucket,
        "stacks": stack_checks.stacks,
        "names": stack_checks.names,
    }
    found: list[Finding] = []
    for name, check in checks.items():
        without_ses = any(each.check == "region" and each.level == "error" for each in found)
        if not (without_ses and name in _ASK_SES):
            found += _findings_of(name, check, clients, effective)
    return found


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
) -> Iterable[Finding]:
    """The findings of one check; that it could not be made is a finding too."""
    try:
        return list(check(clients, deployment))
    except (ClientError, BotoCoreError) as exc:
        reason = explain(exc) or explain_missing(exc)
        if reason is None:
            raise
        # What may not be looked at may be fine; what does not answer will not answer a deploy.
        level: Level = "error" if isinstance(reason, ConnectionFailedError) else "warning"
        return [Finding(name, level, f"This could not be checked: {reason}")]


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
