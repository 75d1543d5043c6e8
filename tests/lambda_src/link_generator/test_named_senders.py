"""Files that somebody shares by name: what their mails say, who gets answers, and who may not."""

from __future__ import annotations

import pytest
from files.metadata import header_text
from mail.named_senders import InvalidSender, SenderError, UnauthorizedSender

from tests.lambda_src.fakes import PORTAL, World, arrival_of

ANN = "Ann Example <ann@example.com>"


def announce(world: World, sender: str, **parameters: str) -> None:
    world.bucket.put("report.pdf", metadata={"sender": sender, "recipients": "bob@example.com"})
    world.announce(arrival_of("report.pdf"), **{"AuthorizedSenders": "@example.com", **parameters})


@pytest.mark.parametrize("portal", [{}, PORTAL], ids=["direct links", "portal"])
def test_the_mail_says_who_shares_the_file(world: World, portal: dict[str, str]) -> None:
    """By name in the subject, with the address everywhere else."""
    announce(world, ANN, **portal)

    [mail] = world.post_office.mails
    assert mail.data["senderName"] == "Ann Example"
    assert mail.data["sender"] == mail.data["senderHtml"] == "Ann Example (ann@example.com)"


@pytest.mark.parametrize("usual", ["", "team@example.com"])
def test_answers_go_to_whoever_shares_the_file(world: World, usual: str) -> None:
    """Before ReplyTo, which all other files keep."""
    announce(world, ANN, ReplyTo=usual)
    world.bucket.put("other.pdf")
    world.announce(arrival_of("other.pdf"), ReplyTo=usual, request="request-2")

    first, second = world.post_office.mails
    assert first.reply_to == ("ann@example.com",)
    assert second.reply_to == ((usual,) if usual else ())


def test_an_address_alone_is_its_own_name(world: World) -> None:
    """The subject has to call them something."""
    announce(world, "ann@example.com")

    [mail] = world.post_office.mails
    assert (mail.data["senderName"], mail.data["sender"]) == ("ann@example.com",) * 2


def test_markup_and_links_in_a_name_are_text(world: World) -> None:
    """No mail program makes a link of a part of it."""
    announce(world, header_text("Ann & https://evil.example 'Ü' <ann@example.com>"))

    [mail] = world.post_office.mails
    assert mail.data["sender"] == "Ann & https[:]//evil[.]example 'Ü' (ann@example.com)"
    assert mail.data["senderHtml"] == (
        "Ann &amp; https[:]//evil[.]example &#x27;Ü&#x27; (ann@example.com)"
    )


@pytest.mark.parametrize(
    ("sender", "error"),
    [
        ("Ann <eve@evil.example>", UnauthorizedSender),
        ("bob@evil.example <ann@example.com>", InvalidSender),
        ("=?utf-8?q?Ann=0ABcc:_eve_=3Cann=40example.com=3E?=", InvalidSender),
    ],
)
def test_who_may_not_be_named_stops_the_mail(
    world: World, sender: str, error: type[SenderError]
) -> None:
    """To everybody, and before anything is written down: a redrive begins anew."""
    with pytest.raises(error):
        announce(world, sender, **PORTAL)

    assert world.post_office.mails == []
    assert world.table.rows == []
    assert world.links_table.rows == []


def test_nobody_may_be_named_until_somebody_is_listed(world: World) -> None:
    """The list is empty at first."""
    with pytest.raises(UnauthorizedSender, match=r"not on AuthorizedSenders: ann@example\.com"):
        announce(world, ANN, AuthorizedSenders="")


def test_once_they_are_listed_the_same_event_is_mailed(world: World) -> None:
    """What a redrive does after the deploy."""
    with pytest.raises(UnauthorizedSender):
        announce(world, ANN, AuthorizedSenders="")

    announce(world, ANN)

    assert world.post_office.recipients == ["bob@example.com"]
