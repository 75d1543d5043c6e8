"""Replays one message: its function is invoked with the original event, as Lambda would again.

The message is deleted only when the function has ended well. Whoever was mailed already is not
mailed again, because the function asks the ledger: so to repeat or to stop this is always safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain, is_throttled
from deploy.aws.invoke import invoke_function
from deploy.aws.polling import Poll
from deploy.dlq.letters import DeadLetter, LetterKind
from deploy.errors import AccessError, DeadLetterError, FunctionError
from deploy.interruption import deferring_interrupts
from deploy.lambda_packages import Outcome, quoted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.dlq.holding import HeldInQueues
    from deploy.dlq.sources import Sources

# Lambda lets no function run longer than 15 minutes; the rest is for the way.
RUN_SECONDS = 15 * 60 + 60


class NotReplayedError(DeadLetterError):
    """Why a message stays in the queue."""


@dataclass(frozen=True)
class Replayer:
    """What a replay needs; `poll` waits while Lambda has no place for one more run."""

    clients: Clients
    sources: Sources
    held: HeldInQueues
    poll: Poll

    def replay(self, letter: DeadLetter) -> str:
        """What the function said of it, in a few words. Raises NotReplayedError."""
        if letter.kind is LetterKind.UNREADABLE:
            raise NotReplayedError(f"it {letter.about}; it is left alone")
        function = self.sources.function_of(letter.kind)
        if function is None:
            stack = self.sources.stack_of(letter.kind) or self.sources.generator
            raise NotReplayedError(
                f"stack {stack.name} has no function for it; deploy, and try again"
            )

        def attempt() -> str:
            self.held.hold_longer(RUN_SECONDS)
            if letter.id not in self.held:
                raise NotReplayedError("somebody else has it, perhaps another redrive")
            with deferring_interrupts():
                outcome = self._run(function, letter)
                self.held.delete(letter.id)
            return outcome

        return self.poll.until(attempt)

    def _run(self, function: str, letter: DeadLetter) -> str:
        """Invoke and wait. Only what Lambda has not begun is left to be tried again."""
        try:
            payload = invoke_function(self.clients, function, letter.body)
        except FunctionError as exc:
            raise NotReplayedError(str(exc)) from exc
        except (ClientError, BotoCoreError) as exc:
            explained = explain(exc)
            # What is refused once is refused for every message; a crowd passes.
            if isinstance(explained, AccessError) or (
                isinstance(exc, ClientError) and is_throttled(exc)
            ):
                raise
            raise NotReplayedError(str(explained or exc)) from exc
        return _outcome(payload, letter)


def _outcome(payload: Any, letter: DeadLetter) -> str:
    uploads = payload.get("uploads") if isinstance(payload, Mapping) else None
    if not uploads:
        return letter.title
    busy = [quoted(one["file"]) for one in uploads if one["outcome"] == Outcome.IN_PROGRESS]
    if busy:
        raise NotReplayedError(
            f"{', '.join(busy)} is being announced at this moment; replay it in a minute"
        )
    return ", ".join(f"{quoted(one['file'])} ({one['outcome']})" for one in uploads)
