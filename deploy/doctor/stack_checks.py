"""Checks that the stacks can be changed, and that names are free or may change. It only reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.aws.explain import http_status
from deploy.deployment import GENERATOR, PORTAL, PROGRAMS, SENDER, Deployment
from deploy.doctor.findings import Finding
from deploy.stacks.lookup import STUCK, StackState, resources_of_type
from deploy.stacks.outcome import advice_on_imported_name, how_to_remove_bucket
from deploy.stacks.recovery import lost_with_stack, why_not_recreated

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

# How names end in the namespace that S3 has given each account in a region since March 2026, and
# only there. The template makes buckets in the global one; one from before stays its stack's own.
_ACCOUNT_REGIONAL = "-an"
# The stacks that there are, by kind; None for what does not exist.
Existing = Mapping[str, StackState | None]

# The sender's parameters that end up in exports which the others import.
_IMPORTED = ("ConfigSetName", "LinkDownloadTemplateName")


def bucket(clients: Clients, deployment: Deployment, existing: Existing) -> Iterator[Finding]:
    name, stack = deployment.bucket_name, deployment.stack_name(GENERATOR)
    rename = "Choose another name with --set FileExchangeBucketName=…"
    state = existing[GENERATOR.kind]
    if state and name in resources_of_type(clients, state.stack_id, "AWS::S3::Bucket"):
        yield Finding("bucket", "ok", f"Bucket {name} is this deployment's own.")
        return
    if name.endswith(_ACCOUNT_REGIONAL):
        sentence = f"S3 keeps names such as {name}, ending in {_ACCOUNT_REGIONAL}, for itself."
        yield Finding("bucket", "error", sentence, rename)
        return
    try:
        clients.s3.head_bucket(Bucket=name, ExpectedBucketOwner=deployment.account)
    except ClientError as exc:
        status = http_status(exc)
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


def names(clients: Clients, deployment: Deployment, existing: Existing) -> Iterator[Finding]:
    """What others import cannot change for as long as they do; AWS would roll back."""
    yield from _bucket_name(deployment, existing)
    given = {name: value for name in _IMPORTED if (value := deployment.parameters.get(name))}
    if not given:
        return
    sender = existing[SENDER.kind]
    using = [
        state.name
        for stack in (GENERATOR, PORTAL)
        if (state := existing[stack.kind]) and not state.is_dead
    ]
    if not sender or not using:
        return
    advice = advice_on_imported_name(deployment)
    for name, after in given.items():
        before = sender.outputs.get(name)
        if before and before != after:
            yield Finding(
                "names",
                "error",
                f'{name} cannot become "{after}" instead of "{before}" while {using[0]} uses it.',
                f"{advice[0].upper()}{advice[1:]}.",
            )


def _bucket_name(deployment: Deployment, existing: Existing) -> Iterator[Finding]:
    """The bucket cannot be replaced while the API for programs takes its name."""
    programs, generator = existing[PROGRAMS.kind], existing[GENERATOR.kind]
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


def stacks(clients: Clients, deployment: Deployment, existing: Existing) -> Iterator[Finding]:
    for stack in deployment.stacks:
        name = deployment.stack_name(stack)
        state = existing[stack.kind]
        if state is None:
            yield Finding("stacks", "ok", f"Stack {name} is not deployed yet.")
        elif state.status == STUCK:
            yield Finding(
                "stacks",
                "error",
                f"Stack {name} is {state.status}: an update failed and could not be undone.",
                f"Put the cause right, then run "
                f"`aws cloudformation continue-update-rollback --stack-name {name}`.",
            )
        elif state.is_dead and (why_not := why_not_recreated(clients, deployment, state)):
            yield Finding("stacks", "error", why_not)
        elif state.is_dead:
            lost = lost_with_stack(clients, state)
            yield Finding(
                "stacks",
                "warning",
                f"Stack {name} is {state.status} and can only be deleted and created again. "
                f"{lost}".rstrip(),
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
