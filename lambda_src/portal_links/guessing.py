"""Guesses at a link's recipient, where ConfirmRecipient asks for the address: five, then a rest.

A guess is taken before it is compared, by one conditional update, so that of any number of guesses
at the same moment only so many are compared. The last one locks the link as it is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tables.service import NotWritten, Update

from portal_links import rows
from portal_links.links import Link
from portal_links.store import KNOWN, Links, seconds

# Five guesses at the recipient's address, then a rest: 480 a day at most.
GUESSES_ALLOWED = 5
LOCK_LASTS = timedelta(minutes=15)

NOT_LOCKED = f"(attribute_not_exists(#{rows.LOCKED_UNTIL}) OR #{rows.LOCKED_UNTIL} <= :now)"
_MORE_THAN_ONE_LEFT = (
    f"(attribute_not_exists(#{rows.WRONG_ANSWERS}) OR #{rows.WRONG_ANSWERS} < :last)"
)
_ONE_LEFT = f"#{rows.WRONG_ANSWERS} >= :last"
_LAST = GUESSES_ALLOWED - 1  # wrong answers before the last guess


@dataclass(frozen=True)
class Guess:
    """A guess that may be compared with the recipient's address, and the link as it is now.

    `locked_until` is set by the last one: the link rests unless it is given back.
    """

    link: Link
    locked_until: int | None = None


@dataclass(frozen=True)
class NoGuess:
    """No guess is left for now, and the link as it is."""

    link: Link


def take_guess(links: Links, link_id: str, now: datetime) -> Guess | NoGuess | None:
    """Count a guess as a wrong one, until it is given back; None when the link is gone.

    Raises TableError.
    """
    moment = {"now": seconds(now), "last": _LAST}
    taken = links.table.write(
        Update(
            link_id,
            counted=rows.WRONG_ANSWERS,
            condition=f"{KNOWN} AND {NOT_LOCKED} AND {_MORE_THAN_ONE_LEFT}",
            operands=moment,
        )
    )
    if not isinstance(taken, NotWritten):
        return Guess(Link.of_row(taken))
    locked_until = seconds(now + LOCK_LASTS)
    taken = links.table.write(
        Update(
            link_id,
            set={rows.LOCKED_UNTIL: locked_until},
            removed=(rows.WRONG_ANSWERS,),
            condition=f"{KNOWN} AND {NOT_LOCKED} AND {_ONE_LEFT}",
            operands=moment,
        )
    )
    if not isinstance(taken, NotWritten):
        return Guess(Link.of_row(taken), locked_until)
    return NoGuess(Link.of_row(taken.row)) if taken.row else None


def give_back(links: Links, guess: Guess) -> None:
    """It was right: as if it had not been made. Raises TableError."""
    if guess.locked_until is None:
        # Where somebody's last guess has locked the link meanwhile, there is nothing to give back.
        update = Update(
            guess.link.id,
            added={rows.WRONG_ANSWERS: -1},
            condition=f"#{rows.WRONG_ANSWERS} > :zero",
            operands={"zero": 0},
        )
    else:
        update = Update(
            guess.link.id,
            set={rows.WRONG_ANSWERS: _LAST},
            removed=(rows.LOCKED_UNTIL,),
            condition=f"#{rows.LOCKED_UNTIL} = :{rows.LOCKED_UNTIL}",
            operands={rows.LOCKED_UNTIL: guess.locked_until},
        )
    links.table.write(update)
