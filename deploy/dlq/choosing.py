"""Finds the messages that an operator means by the beginnings of their ids."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.deployment import Deployment
from deploy.dlq.holding import HeldInQueues
from deploy.dlq.letters import DeadLetter, in_order_of_arrival, read_letter
from deploy.errors import DeadLetterError
from deploy.wording import counted

# SQS: a message's id is a UUID.
_WHOLE_ID = 36  # characters


def hold_chosen(
    held: HeldInQueues, bucket: str, ids: Sequence[str], participle: str, deployment: Deployment
) -> list[DeadLetter]:
    """The messages that are meant, each once, in order of arrival; all others are given back.

    Raises DeadLetterError, which says that nothing was `participle`, for an id that no message has
    or several could have.
    """
    held_by_others = held.held_by_others()
    letters = in_order_of_arrival(read_letter(one, bucket) for one in held.receive_all())
    search = _Search(letters, held_by_others, held.unread(), participle, deployment)
    meant = {search.find(given) for given in ids}
    held.give_back({letter.id for letter in letters} - meant)
    return [letter for letter in letters if letter.id in meant]


class _Search:
    """Among the messages that were read; `unread` more could not be."""

    def __init__(
        self,
        letters: Sequence[DeadLetter],
        held_by_others: int,
        unread: int,
        participle: str,
        deployment: Deployment,
    ) -> None:
        self._letters = letters
        self._held_by_others = held_by_others
        self._unread = unread
        self._participle = participle
        self._list = deployment.command("dlq list")

    def find(self, given: str) -> str:
        found = [one.id for one in self._letters if one.id.startswith(given.lower())]
        if len(found) > 1:
            raise self._nothing_done(
                f'"{given}" could be any of {", ".join(found)}; type more of the id.'
            )
        if not found:
            raise self._nothing_done(
                f'no message in the dead-letter queue has the id "{given}"{self._others()}; '
                f"see `{self._list}`."
            )
        if self._unread and len(given) < _WHOLE_ID:
            raise self._nothing_done(
                f"about {counted(self._unread, 'more message')} could not be read, and "
                f'"{given}" could be one of them, too; type the whole id.'
            )
        return found[0]

    def _others(self) -> str:
        why = []
        if self._held_by_others:
            hidden = counted(self._held_by_others, "message")
            why.append(f"{hidden} cannot be seen now: somebody works on them")
        if self._unread:
            why.append(f"about {counted(self._unread, 'message')} could not be read")
        return f" ({'; '.join(why)})" if why else ""

    def _nothing_done(self, why: str) -> DeadLetterError:
        return DeadLetterError(f"Nothing was {self._participle}: {why}")
