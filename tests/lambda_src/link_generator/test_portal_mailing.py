"""Mails of a deployment with a portal: what their links are, and what happens when it fails."""

from __future__ import annotations

from datetime import timedelta

import pytest
from files.errors import InvalidMaxDownloads
from files.uploads import Outcome
from link_generator.announcement import Announced
from link_generator.errors import LinksNotMade, SenderNotVerified
from portal_links.links import Link
from portal_links.tokens import parse_token

from tests.lambda_src.fakes import NOW, PORTAL, World, arrival_of, people

PREFIX = f"{PORTAL['PortalUrl']}/d/"
FILE_ENDS = NOW.replace(microsecond=0) + timedelta(days=1) - timedelta(seconds=1)


def announce(
    world: World, key: str = "report.pdf", *, more: dict[str, str] | None = None, **metadata: str
) -> None:
    """Put a file into the bucket and announce it."""
    named = {name.replace("_", "-"): value for name, value in metadata.items()}
    world.bucket.put(key, metadata=named)
    world.announce(arrival_of(key, version="v1"), **{**PORTAL, **(more or {})})


def link_in(world: World, mail: int = 0) -> Link:
    """The link that a mail carries, as the table has it."""
    text = world.post_office.mails[mail].data["link"]
    assert text.startswith(PREFIX)
    token = parse_token(text.removeprefix(PREFIX))
    assert token is not None
    link = world.links.find(token)
    assert link is not None
    return link


def test_the_mail_has_a_link_that_the_portal_knows(world: World) -> None:
    """To this version of this file, for this recipient."""
    announce(world)

    link = link_in(world)
    assert (link.key, link.version, link.recipient) == ("report.pdf", "v1", "team@example.com")


def test_a_link_keeps_the_name_that_its_mail_said(world: World) -> None:
    """By it people ask for the file at the portal; where the key says the same, it says nothing."""
    world.bucket.put("6f1c.bin", disposition='attachment; filename="offer.pdf"')
    world.announce(arrival_of("6f1c.bin", version="v1"), **PORTAL)
    announce(world)

    assert (link_in(world).own_name, link_in(world, 1).own_name) == ("offer.pdf", "")


def test_the_link_fits_on_one_line(world: World) -> None:
    """Mail programs break long ones."""
    announce(world, "x" * 1000)

    assert len(world.post_office.mails[0].data["link"]) < 78


def test_a_link_holds_as_long_as_its_file(world: World) -> None:
    """Not six hours; and the mail says so."""
    announce(world)

    assert link_in(world).expires_at == FILE_ENDS
    assert world.post_office.mails[0].data["expiresAt"] == "Sunday 22 November 2026, 13:05 UTC"


def test_a_period_for_links_to_s3_is_not_looked_at(world: World) -> None:
    """LinkExpirationPeriod is about them only."""
    announce(world, more={"LinkExpirationPeriod": "60"})

    assert link_in(world).expires_at == FILE_ENDS


def test_the_sender_may_end_a_link_earlier(world: World) -> None:
    """With the metadata expires; never later than its file."""
    announce(world, expires="3600")
    announce(world, "long.pdf", expires="999999")

    assert link_in(world).expires_at == NOW.replace(microsecond=0) + timedelta(hours=1)
    assert link_in(world, 1).expires_at == FILE_ENDS


def test_everybody_gets_a_link_of_their_own(world: World) -> None:
    """Also of more than one bulk call."""
    recipients = people(60)
    announce(world, recipients=",".join(recipients))

    links = [link_in(world, number) for number in range(60)]
    assert [link.recipient for link in links] == recipients
    assert len({link.id for link in links}) == 60


def test_the_link_has_the_delivery_s_id(world: World) -> None:
    """So that the ledger, the links and the events of SES speak of the same thing."""
    announce(world)

    assert link_in(world).id == world.post_office.mails[0].tags["s3link-delivery"]
    assert link_in(world).id == world.table.rows[0]["DeliveryId"]


def test_the_link_knows_the_name_that_the_mail_says(world: World) -> None:
    """Where the key does not: so readers who ask for the file by it are understood."""
    world.bucket.put("uploads/7f3e", disposition='attachment; filename="Q3 report.pdf"')

    world.announce(arrival_of("uploads/7f3e"), **PORTAL)

    assert world.post_office.mails[0].data["fileName"] == "Q3 report.pdf"
    assert (link_in(world).own_name, link_in(world).name) == ("Q3 report.pdf", "Q3 report.pdf")


@pytest.mark.parametrize(("value", "most"), [("1", 1), ("0", 0), ("1000000", 1_000_000)])
def test_a_file_may_have_its_own_number_of_downloads(world: World, value: str, most: int) -> None:
    """With the metadata max-downloads."""
    announce(world, max_downloads=value)

    assert link_in(world).max_downloads == most


@pytest.mark.parametrize(
    ("usual", "metadata", "said"),
    [
        ("0", {"max_downloads": "1"}, "The link works once."),
        ("1", {"max_downloads": "5"}, "The link works 5 times."),
        ("1", {"max_downloads": "0"}, ""),
        ("1", {}, "The link works once."),
        ("0", {}, ""),
    ],
)
def test_the_mail_says_how_often_its_link_works(
    world: World, usual: str, metadata: dict[str, str], said: str
) -> None:
    """By its own limit, else by the portal's: who downloads for a look has used a link up."""
    announce(world, more={"MaxDownloads": usual}, **metadata)

    assert world.post_office.mails[0].data["limit"] == said


def test_the_mail_says_where_its_links_can_be_asked_for(world: World) -> None:
    """The portal's page; without a portal there is none."""
    announce(world)
    world.bucket.put("plain.txt")
    world.announce(arrival_of("plain.txt"), request="request-2")

    said = [mail.data["requestUrl"] for mail in world.post_office.mails]
    assert said == [f"{PORTAL['PortalUrl']}/", ""]


def test_without_it_the_portal_decides(world: World) -> None:
    """By MaxDownloads, when the link is used."""
    announce(world)

    assert link_in(world).max_downloads is None


@pytest.mark.parametrize("value", ["", "-1", "1.5", "many", "1000001", "9" * 5000, "١"])
def test_a_wrong_number_of_downloads_mails_nobody(world: World, value: str) -> None:
    """A one-time link that were none would be a promise broken."""
    with pytest.raises(InvalidMaxDownloads, match="upload it again"):
        announce(world, max_downloads=value)

    assert world.post_office.mails == []


def test_without_a_portal_downloads_cannot_be_counted(world: World) -> None:
    """Nobody is mailed a link that promises it, and the sentence names the way out."""
    world.bucket.put("report.pdf", metadata={"max-downloads": "1"})

    with pytest.raises(InvalidMaxDownloads, match="`s3link deploy --with portal --name files`"):
        world.announce(arrival_of("report.pdf"))

    assert world.post_office.mails == []


def test_without_the_table_nobody_is_mailed(world: World) -> None:
    """A link that the portal does not know would open nothing."""
    world.links_table.fails("ResourceNotFoundException")

    with pytest.raises(LinksNotMade, match=r"ResourceNotFound.*Deploy again"):
        announce(world)

    assert world.post_office.mails == []


def test_the_next_try_of_the_event_mails(world: World) -> None:
    """Once the table is there again; the try before has given its claim back."""
    world.links_table.fails("AccessDeniedException")
    with pytest.raises(LinksNotMade):
        announce(world)
    assert world.table.rows[0]["Refusal"] == "LinksNotMade"

    world.announce(arrival_of("report.pdf", version="v1"), **PORTAL)

    assert link_in(world).recipient == "team@example.com"


def refused_by_ses(world: World, **metadata: str) -> list[str]:
    """Announce a file that SES does not take; gives the ids of its links."""
    world.post_office.fails(*["MessageRejected"] * 2)  # one call is for fifty
    with pytest.raises(SenderNotVerified):
        announce(world, **metadata)
    world.post_office.fails()
    assert world.post_office.mails == []
    return [row["LinkId"] for row in world.links_table.rows]


def again(world: World) -> Announced:
    """The same event once more, as Lambda's next try or a redrive brings it."""
    [announced] = world.announce(arrival_of("report.pdf", version="v1"), **PORTAL)
    return announced


def test_a_link_that_was_revoked_is_not_mailed(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither by Lambda's next try nor by a redrive; log, ledger and answer say so."""
    [link_id] = refused_by_ses(world)
    world.links.revoke(link_id, NOW)

    announced = again(world)

    assert world.post_office.mails == []
    assert (announced.outcome, list(map(str, announced.revoked))) == (
        Outcome.SKIPPED,
        ["team@example.com"],
    )
    assert world.table.rows[0]["Refusal"] == "LinkRevoked"
    sentence = 'team@example.com is not mailed "report.pdf": the link was revoked'
    assert sentence in [record.getMessage() for record in caplog.records]


def test_only_those_are_left_out_whose_link_was_revoked(world: World) -> None:
    """The others of the same file are mailed, once."""
    recipients = people(60)
    ids = refused_by_ses(world, recipients=",".join(recipients))
    for link_id in (ids[0], ids[-1]):
        world.links.revoke(link_id, NOW)

    first, second = again(world), again(world)

    assert [mail.to for mail in world.post_office.mails] == recipients[1:-1]
    assert (first.outcome, second.outcome) == (Outcome.MAILED, Outcome.ALREADY_MAILED)
    assert [str(one) for one in first.revoked] == [recipients[0], recipients[-1]]


def test_a_link_that_was_extended_stays_so(world: World) -> None:
    """The mail that leaves at last takes nothing back that an operator gave meanwhile."""
    [link_id] = refused_by_ses(world, expires="3600", max_downloads="1")
    world.links.extend(link_id, NOW, FILE_ENDS, max_downloads=5)

    again(world)

    assert (link_in(world).expires_at, link_in(world).max_downloads) == (FILE_ENDS, 5)


def test_without_both_tables_the_claim_lapses(world: World) -> None:
    """The sentence is about the links, which are what keeps the mail; a minute later it goes."""
    world.links_table.fails("AccessDeniedException")
    world.links_table.while_writing = lambda: world.table.fails("InternalServerError")
    with pytest.raises(LinksNotMade):
        announce(world)
    assert "Refusal" not in world.table.rows[0]

    world.clock.passes(minutes=1)
    world.announce(arrival_of("report.pdf", version="v1"), **PORTAL)

    assert link_in(world).recipient == "team@example.com"


def test_a_slow_table_costs_no_second_mail(world: World) -> None:
    """A claim that grew old while links were made is renewed before SES is asked."""
    world.links_table.while_writing = lambda: world.clock.passes(seconds=40)

    announce(world)

    assert len(world.post_office.mails) == 1
    assert world.table.rows[0]["MessageId"] == "message-1"


def test_waiting_for_ses_makes_no_more_links(world: World) -> None:
    """The links that were made are mailed, once SES has time."""
    world.post_office.fails("Throttling", "Throttling", None)

    announce(world)

    assert world.links_table.calls == 1
    assert link_in(world).recipient == "team@example.com"


def test_links_that_grew_old_while_waiting_are_made_anew(world: World) -> None:
    """Of a link for ten minutes nobody gets only five."""
    world.post_office.fails("Throttling", "Throttling", "Throttling", None)
    world.clock.oversleeps(seconds=90)

    announce(world, expires="600")

    assert link_in(world).expires_at - world.clock.now > timedelta(minutes=9) - timedelta(seconds=2)


def test_no_log_has_the_token(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever reads the log can open nothing."""
    announce(world)

    token = world.post_office.mails[0].data["link"].removeprefix(PREFIX)
    assert caplog.records
    assert all(token not in str(vars(record)) for record in caplog.records)
