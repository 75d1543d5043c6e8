"""Says what is lost with a resource that is gone, and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from deploy.deployment import Deployment
from deploy.stacks.lookup import Missing

# What nobody makes again: of these a deploy makes an empty one only when the operator says so.
LOST_WITH: Mapping[str, str] = {
    "FileExchangeBucket": "every file in it and every link to them",
    "DeliveriesLedger": "the record of who was told of which file",
    "GatheredFiles": "the record of which files wait to be mailed together",
    "LinksTable": "every link that was mailed",
    "PortalApi": "the address that every mailed link begins with",
    "NoncesTable": "every one-time link of programs",
    "ArtifactsBucket": "every version that was published",
    "SurveyTable": "every answer to the survey",
    "MembersPool": "all members and their passwords",
}
_TABLE = "AWS::DynamoDB::Table"
# Without one of these S3's events reach nobody, and are lost after a while.
_ANNOUNCING = frozenset(
    {
        "LinkGenerator",
        "LinkGeneratorRole",
        "FileExchangeBucketMayCallLinkGenerator",
        "DeadLetterQueue",
    }
)
# Without one of these LinkGenerator fails, and its events wait.
_FAILING = frozenset(
    {
        *("DeliveriesLedger", "LinksTable", "LinkTemplate", "ConfigurationSet"),
        *("GatheredFiles", "GatheringScheduleGroup", "GatheringRole"),
    }
)
SUBSCRIPTION = "AdminAlarmEMailSubscription"


def loses_data(missing: Missing) -> bool:
    return missing.logical_id in LOST_WITH


def sentence(missing: Missing) -> str:
    """What is gone, and what with it."""
    if missing.logical_id == SUBSCRIPTION:
        return (
            f"{missing} is gone: somebody has ended it, perhaps by the link that each alarm's mail "
            "carries, so nobody is told of alarms."
        )
    if loses_data(missing):
        return f"{missing} is gone, and with it {LOST_WITH[missing.logical_id]}."
    return f"{missing} is gone: somebody has deleted it outside of CloudFormation."


def next_step(missing: Missing, deployment: Deployment) -> str:
    deploy = f"`{deployment.command('deploy')}`"
    if missing.logical_id == SUBSCRIPTION:
        return f"{deploy} has SNS mail a new confirmation, whose link is to be clicked."
    if not loses_data(missing):
        return f"{deploy} makes it again."
    if missing.logical_id == "PortalApi":
        return f"{deploy} makes another, with another address, after asking."
    if missing.type == _TABLE:
        return (
            f"Restore it under its old name from the backup that DynamoDB keeps for 35 days "
            f"(docs/operations.md says how), or {deploy} makes it again, empty, after asking."
        )
    return f"{deploy} makes it again, empty, after asking."


def question(lost: Iterable[Missing]) -> str:
    """What the operator is asked before anything is made again without what it held."""
    gone = " ".join(sentence(one) for one in lost)
    return f"{gone} A deploy makes that again, but empty or at another address. Go on?"


def refusal(lost: Iterable[Missing], deployment: Deployment) -> str:
    gone = " ".join(sentence(one) for one in lost)
    return (
        f"{gone} `{deployment.command('doctor')}` says what can be restored; "
        f"run `{deployment.command('deploy')} --yes` to make that again, empty or at another "
        "address."
    )


def steps_after(remade: Iterable[Missing], deployment: Deployment) -> list[str]:
    """What is left to the operator once a deploy has made again what was gone."""
    names = {one.logical_id for one in remade}
    steps = []
    if names & _ANNOUNCING:
        steps.append(
            "Files that arrived while nobody could be told of them were not announced, and no "
            "queue has all of them: upload them again."
        )
    if names & _FAILING:
        steps.append(
            f"Events that failed meanwhile wait: {deployment.command('dlq list')}, then "
            f"{deployment.command('dlq redrive --all')}"
        )
    if "PortalApi" in names:
        steps.append(
            "Links that were mailed have the old address; mail them again with the new one: "
            f"{deployment.command('links resend --file NAME')}"
        )
    return steps
