"""Checks everything that a deployment needs before anything is changed. It only reads.

`doctor` shows what is found; `deploy` does not start while something stands in the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain
from deploy.deployment import GENERATOR, PORTAL, PROGRAMS, SENDER, Deployment
from deploy.doctor import mail_checks
from deploy.doctor.findings import Finding, Level
from deploy.errors import CheckError, ConfigurationError, ConnectionFailedError
from deploy.lambda_packages import DIRECT_LINK_LIMIT_SECONDS, usual_recipients_refused
from deploy.settings.configuration import known_parameters
from deploy.stacks import lookup, optional
from deploy.stacks.deployed import resources_of_type
from deploy.stacks.failures import way_past_import
from deploy.stacks.leftovers import how_to_remove_bucket
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

_SECONDS_PER_DAY = 86_400
# The sender's parameters that end up in exports which the others import.
_IMPORTED = ("ConfigSetName", "LinkDownloadTemplateName")

Check = Callable[["Clients", Deployment], Iterable[Finding]]
# Where "region" says that there is no SES to be asked, these would only say so again.
_ASK_SES: Mapping[str, Check] = {
    "sender": mail_checks.sender,
    "sandbox": mail_checks.sandbox,
    "quota": mail_checks.quota,
}


def run_checks(clients: Clients, deployment: Deployment) -> list[Finding]:
    """Everything found, in the order in which it is best put right."""
    asked = optional.settled(deployment, optional.find_all(clients, deployment))
    wanted = replace(asked, parameters=_effective_parameters(asked))
    checks: Mapping[str, Check] = {
        "credentials": _account,
        "parameters": partial(_parameters, asked=asked),
        "recipients": _recipients,
        "lists": mail_checks.lists,
        "region": mail_checks.region,
        **_ASK_SES,
        "expiry": partial(_expiry, asked=asked),
        "downloads": _downloads,
        "bucket": _bucket,
        "stacks": _stacks,
        "names": _names,
    }
    found: list[Finding] = []
    for name, check in checks.items():
        without_ses = any(each.check == "region" and each.level == "error" for each in found)
        if not (without_ses and name in _ASK_SES):
            found += _made(name, check, clients, wanted)
    return found


def require_no_errors(findings: Iterable[Finding], deployment: Deployment) -> None:
    """Raise CheckError, with sentence and fix, when something stands in the way of a deploy."""
    errors = [finding for finding in findings if finding.level == "error"]
    if errors:
        doctor = deployment.command("doctor")
        more = f" ({len(errors) - 1} more: see `{doctor}`)" if len(errors) > 1 else ""
        raise CheckError(f"{errors[0].sentence} {errors[0].fix}{more}")


def _made(name: str, check: Check, clients: Clients, deployment: Deployment) -> Iterable[Finding]:
    """The findings of one check; that it could not be made is a finding too."""
    try:
        return list(check(clients, deployment))
    except (ClientError, BotoCoreError) as exc:
        reason = explain(exc)
        if reason is None:
            raise
        # What may not be looked at may be fine; what does not answer will not answer a deploy.
        level: Level = "error" if isinstance(reason, ConnectionFailedError) else "warning"
        return [Finding(name, level, f"This could not be checked: {reason}")]


def _effective_parameters(deployment: Deployment) -> dict[str, str]:
    """The values a deploy would use: as given, else as deployed, else the template's default."""
    defaults = {
        name: parameter.default
        for name, parameter in known_parameters().items()
        if parameter.default is not None
    }
    return {**defaults, **deployment.standing, **deployment.parameters}


def _account(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    who = clients.sts.get_caller_identity()["Arn"]
    yield Finding(
        "credentials",
        "ok",
        f"Working as {who} in account {deployment.account}, region {deployment.region}.",
    )


def _parameters(clients: Clients, deployment: Deployment, asked: Deployment) -> Iterator[Finding]:
    unused = list(optional.unused_parameters(asked))
    for name, stack in unused:
        yield Finding("parameters", "error", *optional.why_unused(asked, name, stack))
    known = known_parameters(deployment.stacks)
    missing = [name for name in known if not _has_value(name, deployment)]
    for name in missing:
        yield Finding(
            "parameters",
            "error",
            f"{name} has no value.",
            f"Run `{deployment.command('init')}`, or add --set {name}=…",
        )
    if not missing and not unused:
        yield Finding("parameters", "ok", "Every parameter has a value.")


def _has_value(name: str, deployment: Deployment) -> bool:
    has_default = known_parameters()[name].default is not None
    return has_default or bool(deployment.parameters.get(name))


def _recipients(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """Whether LinkGenerator would start with these addresses, and mail the usual recipients."""
    known = known_parameters(deployment.stacks)
    if not all(_has_value(name, deployment) for name in known):
        return
    try:
        refused = usual_recipients_refused(deployment.parameters, deployment.bucket_name)
    except ConfigurationError as exc:
        yield Finding("recipients", "error", str(exc), "Correct it in s3link.toml.")
        return
    for address in refused:
        yield Finding(
            "recipients",
            "error",
            f"{address} is in EmailRecipient but not on AuthorizedRecipients, so no file would "
            "be announced to it.",
            "Add the address, or its @domain, to AuthorizedRecipients.",
        )
    if not refused:
        yield Finding("recipients", "ok", "EmailRecipient may get links.")


def _expiry(clients: Clients, deployment: Deployment, asked: Deployment) -> Iterator[Finding]:
    if deployment.has(PORTAL):
        yield from _portal_expiry(deployment, asked)
        return
    link = int(float(deployment.parameters["LinkExpirationPeriod"]))
    file = int(float(deployment.parameters["ExchangableObjectsTTL"])) * _SECONDS_PER_DAY
    if link > file:
        yield Finding(
            "expiry",
            "error",
            f"Links would work for {link:,} seconds, but files are removed after {file:,}.",
            "Raise ExchangableObjectsTTL (days) or lower LinkExpirationPeriod (seconds).",
        )
    elif link > DIRECT_LINK_LIMIT_SECONDS:
        yield Finding(
            "expiry",
            "error",
            f"Links would have to work for {link:,} seconds, and direct ones do so for at most "
            f"{DIRECT_LINK_LIMIT_SECONDS:,} (6 hours).",
            f"Set LinkExpirationPeriod={DIRECT_LINK_LIMIT_SECONDS} or less, or deploy --with "
            "portal and leave it out.",
        )
    else:
        yield Finding(
            "expiry", "ok", f"Links work for {link:,} seconds; files stay for {file:,} or longer."
        )


def _portal_expiry(deployment: Deployment, asked: Deployment) -> Iterator[Finding]:
    """With the portal, only the file's own time counts."""
    days = int(float(deployment.parameters["ExchangableObjectsTTL"]))
    if "LinkExpirationPeriod" in asked.parameters:
        yield Finding(
            "expiry",
            "warning",
            "LinkExpirationPeriod concerns direct links only: those of the portal work for as "
            f"long as their file stays, which is {counted(days, 'day')}.",
            "Leave LinkExpirationPeriod out; ExchangableObjectsTTL says how long files stay.",
        )
    else:
        yield Finding(
            "expiry",
            "ok",
            f"Links of the portal work for as long as their file: {counted(days, 'day')}.",
        )


def _downloads(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """Whether a recipient whose line breaks can get the file after all."""
    if not deployment.has(PORTAL):
        return
    most = int(float(deployment.parameters["MaxDownloads"]))
    grace = int(float(deployment.parameters["DownloadGracePeriod"]))
    if not grace:
        yield Finding(
            "downloads",
            "warning",
            "A download that breaks off is counted, and cannot be tried again where none is left.",
            "Set DownloadGracePeriod to some minutes, such as 600 (seconds).",
        )
    elif most:
        yield Finding(
            "downloads",
            "ok",
            f"A link may be used for {counted(most, 'download')}, each of which may be tried again "
            f"for {grace:,} seconds.",
        )
    else:
        yield Finding("downloads", "ok", "A link may be used any number of times.")


def _bucket(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    name, stack = deployment.bucket_name, deployment.stack_name(GENERATOR)
    rename = "Choose another name with --set FileExchangeBucketName=…"
    if lookup.find(clients, stack) and name in resources_of_type(clients, stack, "AWS::S3::Bucket"):
        yield Finding("bucket", "ok", f"Bucket {name} is this deployment's own.")
        return
    try:
        clients.s3.head_bucket(Bucket=name, ExpectedBucketOwner=deployment.account)
    except ClientError as exc:
        status = exc.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == 404:
            yield Finding("bucket", "ok", f"The bucket name {name} is free.")
        elif status == 403:
            # S3 says the same of a bucket of this account that the operator may not list.
            sentence = f"Bucket {name} belongs to somebody else, or you may not see it."
            yield Finding("bucket", "error", sentence, rename)
        else:
            raise
        return
    yield Finding(
        "bucket",
        "error",
        f"Bucket {name} exists in this account, but stack {stack} does not own it.",
        f"{rename}, or if nobody needs it, {how_to_remove_bucket(name)}.",
    )


def _names(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """What others import cannot change for as long as they do; AWS would roll back."""
    yield from _bucket_name(clients, deployment)
    given = {name: value for name in _IMPORTED if (value := deployment.parameters.get(name))}
    if not given:
        return
    sender = lookup.find(clients, deployment.stack_name(SENDER))
    using = [
        state.name
        for stack in (GENERATOR, PORTAL)
        if (state := lookup.find(clients, deployment.stack_name(stack))) and not state.is_dead
    ]
    if not sender or not using:
        return
    way = way_past_import(deployment)
    for name, after in given.items():
        before = sender.outputs.get(name)
        if before and before != after:
            yield Finding(
                "names",
                "error",
                f'{name} cannot become "{after}" instead of "{before}" while {using[0]} uses it.',
                f"{way[0].upper()}{way[1:]}.",
            )


def _bucket_name(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """The bucket cannot be replaced while the API for programs takes its name."""
    programs = lookup.find(clients, deployment.stack_name(PROGRAMS))
    generator = lookup.find(clients, deployment.stack_name(GENERATOR))
    if not generator or not programs or programs.is_dead:
        return
    before, after = generator.outputs.get("FileExchangeBucketName"), deployment.bucket_name
    if before and before != after:
        yield Finding(
            "names",
            "error",
            f"Bucket {before} cannot become {after} while {programs.name} uses it.",
            f"Leave FileExchangeBucketName as it was, or deploy --without {PROGRAMS.kind} first.",
        )


def _stacks(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        name = deployment.stack_name(stack)
        state = lookup.find(clients, name)
        if state is None:
            yield Finding("stacks", "ok", f"Stack {name} is not deployed yet.")
        elif state.status == lookup.STUCK:
            yield Finding(
                "stacks",
                "error",
                f"Stack {name} is {state.status}: an update failed and could not be undone.",
                f"Put the cause right, then run "
                f"`aws cloudformation continue-update-rollback --stack-name {name}`.",
            )
        elif state.is_dead:
            yield Finding(
                "stacks",
                "warning",
                f"Stack {name} is {state.status} and can only be deleted and created again.",
                f"`{deployment.command('deploy')}` does so after asking.",
            )
        elif state.in_progress:
            yield Finding(
                "stacks",
                "warning",
                f"Stack {name} is {state.status}: somebody is working on it.",
                f"Wait, or follow it with `{deployment.command('deploy')}`.",
            )
        else:
            yield Finding("stacks", "ok", f"Stack {name} is {state.status}.")
