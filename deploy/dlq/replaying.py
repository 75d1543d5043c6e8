"""Replays one message: its function is invoked with the original event, as Lambda would again.

The message is deleted only when the function has ended well. Whoever was mailed already is not
mailed again, because LinkGenerator asks the ledger, and LinkMailer knows a task by its id: so to
stop this, or to run it again, is always safe. Still a function runs once where that is possible:
what Lambda may have begun is not invoked again, and a deletion that failed is tried on its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain, http_status
from deploy.aws.invoke import invoke_function, is_not_begun
from deploy.aws.polling import Poll
from deploy.dlq.letters import DeadLetter, LetterKind
from deploy.errors import AccessError, DeadLetterError, FunctionError
from deploy.interruption import deferring_interrupts
from deploy.lambda_packages import Outcome, quoted
from deploy.wording import enumerated

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.dlq.holding import HeldInQueues
    from deploy.dlq.sources import Sources

# Lambda lets no function run longer than 15 minutes; the rest is for the way.
RUN_SECONDS = 15 * 60 + 60


class NotReplayedError(DeadLetterError):
    """Why a message stays in the queue."""


class NotDeletedError(DeadLetterError):
    """Why a message stays in the queue although its function has done its work."""


@dataclass(frozen=True)
class Replayer:
    """What a replay needs; `poll` waits while Lambda has no place for one more run."""

    clients: Clients
    sources: Sources
    held: HeldInQueues
    poll: Poll

    def replay(self, letter: DeadLetter) -> str:
        """What the function said of it, in a few words.

        Raises NotReplayedError or NotDeletedError; an error of AWS when there is no use in going
        on.
        """
        if letter.kind is LetterKind.UNREADABLE:
            raise NotReplayedError(f"it {letter.about}; it is left alone")
        function = self.sources.function_of(letter.kind)
        if function is None:
            stack = self.sources.stack_of(letter.kind) or self.sources.generator
            raise NotReplayedError(
                f"stack {stack.name} has no function for it; deploy, and try again"
            )

        def attempt() -> str:
            self.held.hold_longer([letter.id], RUN_SECONDS)
            if letter.id not in self.held:
                raise NotReplayedError("somebody else has it, perhaps another redrive")
            with deferring_interrupts():
                outcome = self._run(function, letter)
                self._delete(letter)
            return outcome

        return self.poll.retry(attempt)

    def _run(self, function: str, letter: DeadLetter) -> str:
        """Invoke and wait. Only what Lambda has not begun is left to be tried again."""
        try:
            payload = invoke_function(self.clients, function, letter.event)
        except FunctionError as exc:
            raise NotReplayedError(str(exc)) from exc
        except (ClientError, BotoCoreError) as exc:
            explained = explain(exc)
            # What is refused once is refused for every message; a crowd passes.
            if isinstance(explained, AccessError) or is_not_begun(exc):
                raise
            why = str(explained or exc).rstrip(".")
            if isinstance(exc, ClientError) and http_status(exc) < 500:
                raise NotReplayedError(why) from exc
            raise NotReplayedError(
                f"whether {function} has done it is not known, for its answer was lost: {why}. "
                "Replay it again in a quarter of an hour: what was mailed is not mailed again"
            ) from exc
        return _outcome(payload, letter)

    def _delete(self, letter: DeadLetter) -> None:
        try:
            self.poll.retry(lambda: self.held.delete(letter.id))
        except (ClientError, BotoCoreError) as exc:
            why = str(explain(exc) or exc).rstrip(".")
            raise NotDeletedError(
                f"its function has done it, but SQS did not delete the message: {why}. Replay it "
                "again: what was mailed is not mailed again"
            ) from exc


def _outcome(payload: Any, letter: DeadLetter) -> str:
    if isinstance(payload, Mapping) and (why := payload.get("notYet")):
        raise NotReplayedError(f"nothing was mailed, for {quoted(str(why))[1:-1]}; replay it later")
    uploads = payload.get("uploads") if isinstance(payload, Mapping) else None
    if not uploads:
        return letter.title
    busy = [quoted(one["file"]) for one in uploads if one["outcome"] == Outcome.IN_PROGRESS]
    if busy:
        verb = "is" if len(busy) == 1 else "are"
        raise NotReplayedError(
            f"{enumerated(busy)} {verb} being announced at this moment; replay it in a minute"
        )
    return ", ".join(f"{quoted(one['file'])} ({_in_words(one)})" for one in uploads)


def _in_words(upload: Mapping[str, Any]) -> str:
    """How it ended with one upload. A function from before this version names nobody."""
    revoked = [quoted(address)[1:-1] for address in upload.get("revoked", [])]
    if not revoked:
        return str(upload["outcome"])
    links = "link is" if len(revoked) == 1 else "links are"
    return f"{upload['outcome']}; not to {', '.join(revoked)}, whose {links} revoked"
