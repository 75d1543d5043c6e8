"""Whose dead letters there are: the queues of a deployment, and the function behind each event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.dlq.letters import LetterKind
from deploy.stacks.lookup import StackState, find_portal, require_generator

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.deployment import Deployment

_FUNCTION_OUTPUTS = {
    LetterKind.UPLOAD: "LinkGeneratorName",
    LetterKind.GATHERING: "LinkGeneratorName",
    LetterKind.MAIL_EVENT: "FateRecorderName",
    LetterKind.PORTAL: "LinkMailerName",
}


@dataclass(frozen=True)
class Sources:
    """The stacks whose functions may fail for good; `portal` is None without one."""

    generator: StackState
    portal: StackState | None

    @property
    def bucket(self) -> str:
        return self.generator.outputs["FileExchangeBucketName"]

    @property
    def queue_urls(self) -> list[str]:
        urls = [self.generator.outputs["DeadLetterQueueUrl"]]
        if self.portal and "PortalDeadLetterQueueUrl" in self.portal.outputs:
            urls.append(self.portal.outputs["PortalDeadLetterQueueUrl"])
        return urls

    def stack_of(self, kind: LetterKind) -> StackState | None:
        return self.portal if kind is LetterKind.PORTAL else self.generator

    def function_of(self, kind: LetterKind) -> str | None:
        """The name of the function whose event it is; None where there is no such function."""
        stack = self.stack_of(kind)
        return stack.outputs.get(_FUNCTION_OUTPUTS[kind]) if stack else None


def find_sources(clients: Clients, deployment: Deployment) -> Sources:
    """Raises StackError when nothing is deployed."""
    return Sources(require_generator(clients, deployment), find_portal(clients, deployment))
