"""Counts what goes with a members area: members, versions, answers. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.presence import says_not_there
from deploy.errors import S3LinkError
from deploy.members.area import MembersArea, area_of
from deploy.members.people import count_members
from deploy.members.survey import count_answers
from deploy.members.versions import list_versions
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.deployment import Deployment
    from deploy.stacks.lookup import StackState


@dataclass(frozen=True)
class MembersLosses:
    """How many there are of each; None for what cannot be counted."""

    members: int | None
    versions: int | None
    answers: int | None

    def describe(self) -> str:
        members = _counted(self.members, "member")
        versions = _counted(self.versions, "version")
        answers = _counted(self.answers, "answer")
        return f"{members}, {versions} and {answers} to the survey"


def members_losses(clients: Clients, deployment: Deployment, state: StackState) -> MembersLosses:
    """What a members stack holds; whatever of it is out of order or half made is not counted."""
    if not state.outputs:
        return MembersLosses(None, None, None)
    area = area_of(clients, deployment, state)
    return MembersLosses(
        _count(count_members, area),
        _count(lambda area: len(list_versions(area)), area),
        _count(count_answers, area),
    )


def _count(count: Callable[[MembersArea], int], area: MembersArea) -> int | None:
    try:
        return count(area)
    except (ClientError, BotoCoreError, S3LinkError) as exc:
        cause = exc.__cause__ if isinstance(exc, S3LinkError) else exc
        return 0 if isinstance(cause, ClientError) and says_not_there(cause) else None


def _counted(number: int | None, noun: str) -> str:
    return f"all {noun}s" if number is None else counted(number, noun)
