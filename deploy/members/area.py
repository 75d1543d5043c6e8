"""Where everything of a deployment's members area is, and AWS's errors there in words. It reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import error_code, error_message, explain, explain_missing
from deploy.errors import MembersError
from deploy.lambda_packages import quoted
from deploy.stacks.lookup import require_members

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.deployment import Deployment
    from deploy.stacks.lookup import StackState


@dataclass(frozen=True)
class MembersArea:
    """The pool, bucket and tables of a deployment's members area, and the page's address."""

    clients: Clients
    deployment: Deployment
    pool: str
    bucket: str
    survey_table: str
    signed_out_table: str
    url: str


def find_area(clients: Clients, deployment: Deployment) -> MembersArea:
    """Raises StackError without such a stack."""
    return area_of(clients, deployment, require_members(clients, deployment))


def area_of(clients: Clients, deployment: Deployment, state: StackState) -> MembersArea:
    """The area of a members stack."""
    return MembersArea(
        clients,
        deployment,
        pool=state.outputs["MembersPoolId"],
        bucket=state.outputs["ArtifactsBucketName"],
        survey_table=state.outputs["SurveyTableName"],
        signed_out_table=state.outputs["SignedOutTableName"],
        url=f"{state.outputs['MembersUrl']}/",
    )


@contextmanager
def explained_errors(failed: str, next_step: str = "run the command again") -> Iterator[None]:
    """What AWS refuses inside the block, as a sentence that begins with what failed by it."""
    try:
        yield
    except (ClientError, BotoCoreError) as exc:
        explained = explain(exc) or explain_missing(exc)
        if explained:
            raise type(explained)(f"{failed}: {explained}") from exc
        raise MembersError(f"{failed} ({reason(exc)}); {next_step}.") from exc


def reason(exc: ClientError | BotoCoreError) -> str:
    """AWS's own words, harmless on a terminal and ready to stand within a sentence."""
    words = str(exc)
    if isinstance(exc, ClientError):
        words = f"{error_code(exc)}: {error_message(exc)}"
    return quoted(" ".join(words.split()).rstrip("."))[1:-1]
