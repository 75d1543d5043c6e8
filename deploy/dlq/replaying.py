"""Replays one message: its function is invoked with the original event, as Lambda would again.

The message is deleted only when the function has ended well. Whoever was mailed already is not
mailed again, because the function asks the ledger: so to repeat or to stop this is always safe.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws_errors import explain, is_throttled
from deploy.dlq.letters import DeadLetter, Kind
from deploy.errors import AccessError, DeadLetterError
from deploy.interruption import in_one_piece
from deploy.polling import Poll
from deploy.shared import IN_PROGRESS, quoted

if TYPE_CHECKING:
    from deploy.clients import Clients
    from deploy.dlq.holding import HeldMessages
    from deploy.stacks import StackState

# Lambda lets no function run longer than 15 minutes; the rest is for the way.
RUN_SECONDS = 15 * 60 + 60

_FUNCTION_OUTPUTS = {Kind.UPLOAD: "LinkGeneratorName", Kind.MAIL_EVENT: "FateRecorderName"}


class NotReplayedError(DeadLetterError):
    """Why a message stays in the queue."""


@dataclass(frozen=True)
class Replayer:
    """What a replay needs; `poll` waits while Lambda has no place for one more run."""

    clients: Clients
    generator: StackState
    held: HeldMessages
    poll: Poll

    def replay(self, letter: DeadLetter) -> str:
        """What the function said of it, in a few words. Raises NotReplayedError."""
        if letter.kind is Kind.UNREADABLE:
            raise NotReplayedError(f"it {letter.about}; it is left alone")
        function = self.generator.outputs.get(_FUNCTION_OUTPUTS[letter.kind])
        if function is None:
            raise NotReplayedError(
                f"stack {self.generator.name} has no function for it; deploy, and try again"
            )

        def once() -> str:
            self.held.keep(RUN_SECONDS)
            if letter.id not in self.held:
                raise NotReplayedError("somebody else has it, perhaps another redrive")
            with in_one_piece():
                told = self._run(function, letter)
                self.held.delete(letter.id)
            return told

        return self.poll.until(once)

    def _run(self, function: str, letter: DeadLetter) -> str:
        """Invoke and wait. Only what Lambda has not begun is left to be tried again."""
        try:
            answer = self.clients.waiting_lambda.invoke(
                FunctionName=function,
                InvocationType="RequestResponse",
                Payload=letter.body.encode(),
            )
            payload = _json(answer["Payload"].read())
        except (ClientError, BotoCoreError) as exc:
            explained = explain(exc)
            # What is refused once is refused for every message; a crowd passes.
            if isinstance(explained, AccessError) or (
                isinstance(exc, ClientError) and is_throttled(exc)
            ):
                raise
            raise NotReplayedError(str(explained or exc)) from exc
        if "FunctionError" in answer:
            raise NotReplayedError(_failure(payload))
        return _outcome(payload, letter)


def _json(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return None


def _failure(payload: Any) -> str:
    """The function's own sentence, which names the file and what to do."""
    said = payload if isinstance(payload, Mapping) else {}
    message = said.get("errorMessage") or said.get("errorType") or "the function failed"
    return quoted(str(message))[1:-1]


def _outcome(payload: Any, letter: DeadLetter) -> str:
    uploads = payload.get("uploads") if isinstance(payload, Mapping) else None
    if not uploads:
        return letter.title
    busy = [quoted(one["file"]) for one in uploads if one["outcome"] == IN_PROGRESS]
    if busy:
        raise NotReplayedError(
            f"{', '.join(busy)} is being announced at this moment; replay it in a minute"
        )
    return ", ".join(f"{quoted(one['file'])} ({one['outcome']})" for one in uploads)
