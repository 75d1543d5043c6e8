"""Guesses at a link's recipient: counted before they are compared, and given back when right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from portal_links import links as states
from portal_links.guessing import (
    GUESSES_ALLOWED,
    LOCK_LASTS,
    Guess,
    NoGuess,
    give_back,
    take_guess,
)
from portal_links.redeeming import Limits, Redeemed, redeem

from tests.lambda_src.fakes import NOW
from tests.lambda_src.portal_world import LINK_ID, PortalWorld

ANY_NUMBER = Limits(0, timedelta(minutes=10))


@pytest.fixture
def portal() -> PortalWorld:
    portal = PortalWorld()
    portal.share()
    return portal


def take(portal: PortalWorld, count: int = 1) -> list[Guess | NoGuess | None]:
    return [take_guess(portal.links, LINK_ID, NOW) for _ in range(count)]


def test_the_last_guess_locks_the_link_before_it_is_compared(portal: PortalWorld) -> None:
    """So many guesses, then a rest; then so many again."""
    guesses = take(portal, GUESSES_ALLOWED + 2)

    assert [isinstance(guess, Guess) for guess in guesses] == [True] * 5 + [False] * 2
    assert portal.link.state(NOW, 0) == states.LOCKED
    assert portal.link.state(NOW + LOCK_LASTS, 0) == states.USABLE
    assert isinstance(take_guess(portal.links, LINK_ID, NOW + LOCK_LASTS), Guess)


def test_guesses_while_it_is_locked_do_not_lock_it_longer(portal: PortalWorld) -> None:
    """Else somebody could keep the recipient out for ever with a guess now and then."""
    take(portal, GUESSES_ALLOWED)
    for minute in range(15):
        take_guess(portal.links, LINK_ID, NOW + timedelta(minutes=minute))

    assert portal.link.state(NOW + LOCK_LASTS, 0) == states.USABLE


@pytest.mark.parametrize("wrong", range(GUESSES_ALLOWED))
def test_a_right_answer_uses_up_no_guess(portal: PortalWorld, wrong: int) -> None:
    """However many wrong ones there were before: as many are left after it."""
    take(portal, wrong)
    for _ in range(10):
        [right] = take(portal)
        assert isinstance(right, Guess)
        give_back(portal.links, right)

    guesses = take(portal, GUESSES_ALLOWED)

    assert [isinstance(guess, Guess) for guess in guesses].count(True) == GUESSES_ALLOWED - wrong


def test_a_right_answer_does_not_open_what_others_have_locked(portal: PortalWorld) -> None:
    """Their guesses were wrong, and the link rests."""
    [right, *_] = take(portal, GUESSES_ALLOWED)
    assert isinstance(right, Guess)

    give_back(portal.links, right)

    assert portal.link.state(NOW, 0) == states.LOCKED
    assert not isinstance(redeem(portal.links, LINK_ID, NOW, ANY_NUMBER), Redeemed)


def test_a_download_forgets_the_wrong_ones(portal: PortalWorld) -> None:
    """Four wrong ones, a download, four wrong ones: not locked."""
    for moment in (NOW, NOW + ANY_NUMBER.grace):
        take(portal, GUESSES_ALLOWED - 1)
        redeem(portal.links, LINK_ID, moment, ANY_NUMBER)

    assert portal.link.state(NOW, 0) == states.USABLE


def test_a_link_that_is_gone_has_no_guesses() -> None:
    """And none makes a row."""
    portal = PortalWorld()

    assert take(portal) == [None]
    assert portal.links_table.rows == []
