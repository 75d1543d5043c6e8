"""The artifacts bucket when a deployment goes: who else uses it, and its removal with the last one.

All deployments of an account and region share it, so it goes only when the operator says so and
no other stack takes its code from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.deployment import STACKS, Deployment
from deploy.errors import CheckError, PackageError
from deploy.package import bucket
from deploy.removal.buckets import BucketContents, bucket_contents, empty_bucket
from deploy.stacks.lookup import DEPLOYMENT_TAG, all_stacks
from deploy.wording import enumerated

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console


@dataclass(frozen=True)
class ArtifactsBucket:
    """The bucket as it is; `used_by` are other deployments, or stacks that belong to none."""

    contents: BucketContents
    used_by: tuple[str, ...]


def find_artifacts_bucket(clients: Clients, deployment: Deployment) -> ArtifactsBucket | None:
    """The bucket and who beside this deployment uses it; None when there is no such bucket."""
    name = bucket.name_of(clients)
    contents = bucket_contents(clients, name)
    if contents is None:
        return None
    own = {deployment.stack_name(stack) for stack in STACKS}
    others = (state for state in all_stacks(clients) if state.name not in own)
    used_by = {
        state.tags.get(DEPLOYMENT_TAG, state.name)
        for state in others
        if DEPLOYMENT_TAG in state.tags or state.parameters.get("CodeBucketName") == name
    }
    return ArtifactsBucket(contents, tuple(sorted(used_by)))


def removable_artifacts(clients: Clients, deployment: Deployment) -> BucketContents | None:
    """What would go with the bucket. Raises CheckError while others use it."""
    found = find_artifacts_bucket(clients, deployment)
    if found and found.used_by:
        raise CheckError(
            f"Nothing was destroyed: {enumerated(found.used_by)} "
            f"{'takes' if len(found.used_by) == 1 else 'take'} code from the artifacts bucket "
            f"{found.contents.name}, too; run `{deployment.command('destroy')}` without "
            "--artifacts-bucket."
        )
    return found.contents if found else None


def remove_artifacts_bucket(clients: Clients, console: Console, contents: BucketContents) -> None:
    """Empty and delete it. Raises PackageError when somebody stores something meanwhile."""
    with console.bar(f"Emptying {contents.name}", contents.versions) as removed:
        empty_bucket(clients, contents.name, removed)
    if not bucket.remove_if_empty(clients, contents.name):
        raise PackageError(
            f"The artifacts bucket {contents.name} stays: somebody has stored something there "
            "meanwhile, so it is in use again."
        )


def how_it_goes(clients: Clients, deployment: Deployment) -> str:
    """A sentence on the bucket that stays; it must not spoil a destroy that is done."""
    try:
        found = find_artifacts_bucket(clients, deployment)
    except (ClientError, BotoCoreError):
        return "The artifacts bucket stays, as other deployments may use it."
    if found is None:
        return ""
    name = found.contents.name
    if found.used_by:
        verb = "uses" if len(found.used_by) == 1 else "use"
        return f"The artifacts bucket {name} stays, as {enumerated(found.used_by)} {verb} it."
    return (
        f"The artifacts bucket {name} stays, though no other deployment uses it; "
        f"`{deployment.command('destroy')} --artifacts-bucket` removes it."
    )
