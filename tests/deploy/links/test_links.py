"""The portal's links: which are listed and chosen, and what may be done with each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws

from deploy.errors import LinkError, S3LinkError
from deploy.lambda_packages import Link, moment_text
from deploy.links import changing, resending
from deploy.links.changing import Extension, LinkChange, revoke
from deploy.links.portal import PortalLinks, find_portal_links
from deploy.links.prolonging import Prolonging
from deploy.links.reading import LinkFilter, count_usable, links_by_ids, list_links, read_links
from deploy.links.wording import document, row, title, validity
from tests.deploy.links.account import DAY, DEPLOYMENT, NOW, TABLE, LinksAccount

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def account() -> Iterator[LinksAccount]:
    with mock_aws():
        yield LinksAccount()


def files(account: LinksAccount, **wanted: str) -> list[str]:
    return [link.key for link in read_links(account.portal, LinkFilter(**wanted), NOW)]


def the_link(account: LinksAccount, link_id: str) -> Link:
    link = account.store.of_id(link_id)
    assert link
    return link


def extend(portal: PortalLinks, link: Link, extension: Extension, now: datetime) -> LinkChange:
    """Where no file is prolonged, as the portal has no MaxExtension."""
    return changing.extend(portal, link, extension, now, Prolonging(portal, now, print))


def test_links_are_listed_newest_first(account: LinksAccount) -> None:
    """The table has no order; at most so many as are asked for."""
    for number in (2, 1, 3):
        account.add(f"{number}.pdf", age=timedelta(hours=number))

    assert files(account) == ["1.pdf", "2.pdf", "3.pdf"]
    assert [link.key for link in read_links(account.portal, LinkFilter(), NOW, limit=1)] == [
        "1.pdf"
    ]


def test_links_are_found_by_file_recipient_and_state(account: LinksAccount) -> None:
    """Case does not count in an address; each * of a file's name stands for any characters.

    The name is the key, or the one that the mails said.
    """
    account.add("7f3e1c9a", "dave@example.com", name="Q3 report.pdf")
    account.add("reports/a.pdf", "Bob@Example.com")
    account.add("reports/b.pdf", "carol@example.com")
    account.add("offer.pdf", "bob@example.com", expires=-DAY)
    account.add("tool.zip", recipient="tool@example.com")

    assert sorted(files(account, file="reports/*")) == ["reports/a.pdf", "reports/b.pdf"]
    assert files(account, file="Q3*") == files(account, file="7f3e1c9a") == ["7f3e1c9a"]
    assert sorted(files(account, recipient="bob@example.com")) == ["offer.pdf", "reports/a.pdf"]
    assert files(account, state="Expired") == ["offer.pdf"]
    assert files(account, file="*.pdf", recipient="carol@example.com", state="Expired") == []


def test_a_large_table_is_read_in_parts(account: LinksAccount) -> None:
    """Each link once, and the newest first; of those that are asked for."""
    ids = [f"{number:032x}" for number in range(1_200)]
    for start in range(0, len(ids), 25):
        requests: Any = [
            {"PutRequest": {"Item": link_row(one, age=timedelta(minutes=number))}}
            for number, one in enumerate(ids[start : start + 25], start)
        ]
        account.dynamodb.batch_write_item(RequestItems={TABLE: requests})

    every = read_links(account.portal, LinkFilter(), NOW)
    listed = list_links(account.portal, LinkFilter(), NOW)
    newest = read_links(account.portal, LinkFilter(file="*7.pdf"), NOW, limit=3)

    assert [link.id for link in every] == [link.id for link in listed.links] == ids
    assert listed.is_sorted
    assert [link.id for link in newest] == [ids[7], ids[17], ids[27]]


class Scanned:
    """A table of ten pages in each of four parts, which notes how many were read."""

    def __init__(self) -> None:
        self.pages = 0

    def get_paginator(self, _: str) -> Scanned:
        return self

    def paginate(self, Segment: int = 0, **_: Any) -> Iterator[dict[str, Any]]:  # noqa: N803 - AWS's
        for page in range(10):
            self.pages += 1
            numbers = range(500 * page, 500 * (page + 1))
            rows = [link_row(f"{Segment}{number:031x}", timedelta(number)) for number in numbers]
            yield {"Items": rows, "LastEvaluatedKey": {}}


def test_the_first_of_very_many_links_come_at_once(account: LinksAccount) -> None:
    """They are not sorted then; each is listed once."""
    table = Scanned()
    clients: Any = SimpleNamespace(dynamodb=table)

    listed = list_links(replace(account.portal, clients=clients), LinkFilter(), NOW)
    first = [next(listed.links) for _ in range(2_001)]

    assert not listed.is_sorted
    assert table.pages < 4 * 10 / 2
    assert len({link.id for link in chain(first, listed.links)}) == 4 * 10 * 500


def link_row(link_id: str, age: timedelta) -> dict[str, Any]:
    ends = {"N": str(int((NOW + DAY).timestamp()))}
    texts = {
        "LinkId": link_id,
        "CreatedAt": moment_text(NOW - age),
        "Bucket": "files",
        "File": f"{int(link_id, 16)}.pdf",
        "Recipient": "bob@example.com",
        "RecipientId": "bob",
    }
    return {name: {"S": value} for name, value in texts.items()} | {
        "ExpiresAt": ends,
        "FileEndsAt": ends,
    }


def test_a_row_that_is_no_link_hides_none(account: LinksAccount) -> None:
    """Whoever may update rows, as FateRecorder may, can make one out of nothing."""
    account.add("report.pdf")
    account.dynamodb.update_item(
        TableName=TABLE,
        Key={"LinkId": {"S": "f" * 32}},
        UpdateExpression="SET Reminder = :r",
        ExpressionAttributeValues={":r": {"S": "pending"}},
    )

    assert files(account) == ["report.pdf"]
    with pytest.raises(LinkError, match="no link has the id"):
        links_by_ids(account.portal, ["f" * 32], NOW)


@pytest.mark.parametrize(
    ("given", "cells", "colour"),
    [
        ({}, ("Usable", "report.pdf", "0", "until {tomorrow}"), None),
        (
            {"max_downloads": 1, "downloads": 1},
            ("UsedUp", "report.pdf", "1 of 1", "until {tomorrow}"),
            "red",
        ),
        (
            {"expires": -DAY, "downloads": 2},
            ("Expired", "report.pdf", "2", "ended {yesterday}"),
            "red",
        ),
        (
            {"max_downloads": 1, "downloads": 1, "grace": timedelta(minutes=10)},
            ("Retryable", "report.pdf", "1 of 1", "may be tried again until {soon}"),
            "yellow",
        ),
    ],
)
def test_a_link_reads_as_one_row(
    account: LinksAccount, given: dict[str, Any], cells: tuple[str, ...], colour: str | None
) -> None:
    """With the portal's own word for its state."""
    link = the_link(account, account.add(link_id="0f" * 16, **given))

    shown = row(link, account.portal.state(link, NOW), account.portal.usual_downloads)

    form = "%Y-%m-%d %H:%M UTC"
    state, key, used, works = cells
    term = works.format(
        tomorrow=(NOW + DAY).strftime(form),
        soon=(NOW + timedelta(minutes=10)).strftime(form),
        yesterday=(NOW - DAY).strftime(form),
    )
    created = (NOW - timedelta(hours=1)).strftime(form)
    assert shown.cells == ("0f" * 16, created, state, "bob@example.com", key, used, term)
    assert shown.colour == colour


def test_nothing_that_opens_a_link_is_shown(account: LinksAccount) -> None:
    """Not even the hash of a token."""
    made = account.add()
    key = {"LinkId": {"S": made}}
    row = account.dynamodb.get_item(TableName=TABLE, Key=key)["Item"]
    [token_hash] = row["TokenHashes"]["SS"]

    link = the_link(account, made)

    assert token_hash not in str(document(link, "Usable", 0))
    assert token_hash not in str(link)


def test_the_portals_own_limit_holds_for_links_without_one() -> None:
    """As it does at the click."""
    with mock_aws():
        account = LinksAccount(usual_downloads=1)
        account.add("once.pdf", downloads=1)
        account.add("often.pdf", downloads=1, max_downloads=0)

        assert files(account, state="UsedUp") == ["once.pdf"]
        assert count_usable(account.portal, NOW) == 1


def test_without_a_portal_there_are_no_links(account: LinksAccount) -> None:
    """The sentence says how to get one; where nothing is deployed, that is what it says."""
    account.has_portal = False
    clients: Any = account

    with pytest.raises(S3LinkError) as failure:
        find_portal_links(clients, DEPLOYMENT)

    assert str(failure.value) == (
        "Stack s3link-generator has no portal; its mails carry links to S3, which nobody can "
        "list or change. `s3link deploy --with portal` adds one."
    )


def test_a_link_is_meant_by_the_beginning_of_its_id(account: LinksAccount) -> None:
    """Whoever names it twice means it once."""
    one, other = account.add(link_id="ab12cd" + "0" * 26), account.add(link_id="ab12ce" + "0" * 26)

    chosen = links_by_ids(account.portal, ["ab12ce", other, one, "ab12cd00"], NOW)

    assert [link.id for link in chosen] == [other, one]


@pytest.mark.parametrize("given", ["ffffff", "f" * 32])
def test_an_id_of_nobody_is_refused(account: LinksAccount, given: str) -> None:
    """Before anything is done about the others."""
    known = account.add()

    with pytest.raises(LinkError) as failure:
        links_by_ids(account.portal, [known, given], NOW)

    assert str(failure.value) == (
        f'Nothing was done: no link has the id "{given}"; see `s3link links list`.'
    )


def test_an_id_that_could_be_several_is_refused(account: LinksAccount) -> None:
    """They are named, so that one can be picked."""
    ids = sorted(account.add(link_id=f"ab12cd{digit}" + "0" * 25) for digit in "12")

    with pytest.raises(LinkError) as failure:
        links_by_ids(account.portal, ["ab12cd"], NOW)

    said = str(failure.value)
    assert said.startswith('Nothing was done: "ab12cd" could be any of ')
    assert all(one in said for one in ids)


def test_a_revoked_link_stays_revoked(account: LinksAccount) -> None:
    """The first time is the one that counts, and nothing makes it work again."""
    link_id = account.add()
    revoked = revoke(account.portal, the_link(account, link_id), NOW)
    again = revoke(account.portal, the_link(account, link_id), LATER)
    extended = extend(account.portal, the_link(account, link_id), Extension(by=DAY), LATER)

    assert account.portal.state(revoked.link, NOW) == "Revoked"
    assert (again.problem, again.is_done) == ("", True)
    assert again.link.revoked_at == revoked.link.revoked_at
    assert extended.problem == "it is revoked, and that cannot be undone; send the file again"
    assert the_link(account, link_id).expires_at == NOW + DAY


def test_a_link_revoked_meanwhile_is_not_extended(account: LinksAccount) -> None:
    """Another operator was quicker; what they did holds."""
    link_id = account.add()
    seen = the_link(account, link_id)
    account.store.revoke(link_id, NOW)

    changed = extend(account.portal, seen, Extension(by=timedelta(hours=1)), NOW)

    assert changed.problem == "it is revoked, and that cannot be undone; send the file again"
    assert the_link(account, link_id).revoked_at


@pytest.mark.parametrize(
    ("usual", "given", "more", "most"),
    [
        (0, {"max_downloads": 5}, 1, 6),
        (0, {"max_downloads": 1, "downloads": 1}, 1, 2),
        (3, {}, 1, 4),
        (1, {"downloads": 4}, 1, 5),  # the portal's limit was lowered
        (3, {}, 0, 0),
        (0, {"max_downloads": 0}, 2, 0),
    ],
)
def test_more_downloads_are_more(
    account: LinksAccount, usual: int, given: dict[str, Any], more: int, most: int
) -> None:
    """Whatever was left is left; what knows no limit gets none."""
    account.usual_downloads = usual
    link_id = account.add(**given)

    extend(account.portal, the_link(account, link_id), Extension(downloads=more), NOW)

    assert the_link(account, link_id).most_downloads(usual) == most


def test_a_file_that_stays_longer_now_lets_its_links_be_extended(account: LinksAccount) -> None:
    """ExchangableObjectsTTL was raised after the link was made: the file tells its own end."""
    account.modified_at = NOW
    link = the_link(account, account.add(file_ends=DAY))

    changed = extend(account.portal, link, Extension(until=NOW + 2 * DAY), NOW)

    assert changed.problem == ""
    assert changed.link.expires_at == changed.link.file_ends_at == NOW + 2 * DAY


def test_a_link_whose_row_is_gone_is_said_to_be_gone(account: LinksAccount) -> None:
    """DynamoDB removes rows when their time is over."""
    link_id = account.add()
    seen = the_link(account, link_id)
    account.dynamodb.delete_item(TableName="links", Key={"LinkId": {"S": link_id}})

    assert revoke(account.portal, seen, NOW).problem == "its row is gone from the table"
    assert extend(account.portal, seen, Extension(downloads=0), NOW).problem == (
        "its row is gone from the table"
    )


@pytest.mark.parametrize(
    ("given", "extension", "end"),
    [
        ({}, Extension(by=timedelta(hours=5)), DAY + timedelta(hours=5)),
        ({"expires": -DAY}, Extension(by=timedelta(hours=5)), timedelta(hours=5)),
        ({}, Extension(until=NOW + 2 * DAY), 2 * DAY),
        ({"max_downloads": 1}, Extension(downloads=3), DAY),
        ({}, Extension(downloads=0), DAY),
        ({}, Extension(by=timedelta(hours=5), downloads=3), DAY + timedelta(hours=5)),
    ],
)
def test_a_link_is_extended(
    account: LinksAccount, given: dict[str, Any], extension: Extension, end: timedelta
) -> None:
    """From its end, or from now if it has ended; at most to the end of its file."""
    link = the_link(account, account.add(**given))

    changed = extend(account.portal, link, extension, NOW)

    assert (changed.problem, changed.link.expires_at) == ("", NOW + end)


@pytest.mark.parametrize(
    ("given", "extension", "is_done"),
    [
        ({}, Extension(by=2 * DAY), False),
        ({}, Extension(until=NOW + 9 * DAY), False),
        ({"expires": -DAY}, Extension(by=9 * DAY), False),
        ({"expires": 2 * DAY}, Extension(by=DAY), True),
        ({"expires": 2 * DAY, "max_downloads": 1}, Extension(by=DAY, downloads=1), False),
    ],
)
def test_no_link_outlives_its_file(
    account: LinksAccount, given: dict[str, Any], extension: Extension, is_done: bool
) -> None:
    """It gets what there is, and whoever asked for more is told; downloads are given anyway."""
    link = the_link(account, account.add(**given))

    changed = extend(account.portal, link, extension, NOW)

    assert (changed.problem, changed.is_done, changed.ends_with_file) == ("", is_done, True)
    assert the_link(account, link.id).expires_at == NOW + 2 * DAY
    assert the_link(account, link.id).max_downloads == (2 if extension.downloads else None)


@pytest.mark.parametrize(
    ("more", "state", "most"), [(1, "Usable", 3), (0, "Usable", 0), (None, "UsedUp", 2)]
)
def test_more_downloads_count_from_now_on(
    account: LinksAccount, more: int | None, state: str, most: int
) -> None:
    """A link that was used twice and may be used once more is one for three downloads."""
    link = the_link(account, account.add(max_downloads=2, downloads=2))

    changed = extend(account.portal, link, Extension(by=timedelta(hours=1), downloads=more), NOW)

    assert account.portal.state(changed.link, NOW) == state
    assert changed.link.max_downloads == most


@pytest.mark.parametrize(
    ("given", "extension", "problem"),
    [
        (
            {"key": "gone.pdf", "expires": -2 * DAY, "file_ends": -DAY},
            Extension(downloads=1),
            "its file is gone; send the file again",
        ),
        (
            {"expires": DAY},
            Extension(until=LATER),
            "it works until {expires} already, which is later",
        ),
    ],
)
def test_what_would_be_a_false_promise_is_refused(
    account: LinksAccount, given: dict[str, Any], extension: Extension, problem: str
) -> None:
    """The link stays as it is, and the sentence says when its file goes."""
    account.gone.add("gone.pdf")
    link = the_link(account, account.add(**given))

    changed = extend(account.portal, link, extension, NOW)

    assert changed.problem == problem.format(
        end=link.file_ends_at.strftime("%Y-%m-%d %H:%M UTC"),
        expires=link.expires_at.strftime("%Y-%m-%d %H:%M UTC"),
    )
    assert the_link(account, link.id) == link


def test_link_mailer_mails_again_what_works(account: LinksAccount) -> None:
    """Of each link that does not it is said why; LinkMailer's own sentence counts as well."""
    able, refused = account.add(), account.add("b.pdf")
    expired = account.add("c.pdf", expires=-DAY)
    account.refuses[refused] = "SES refused eve@example.com\x1b[2J."
    links = [the_link(account, one) for one in (able, refused, expired)]

    done = {one.link.id: one.problem for one in resending.resend(account.portal, links, NOW)}

    assert done == {
        able: "",
        refused: "SES refused eve@example.com\\x1b[2J",
        expired: "it has expired; extend it first, or send the file again",
    }
    assert account.events == [("LinkMailer", {"task": "resend", "linkIds": [able, refused]})]


def test_many_links_are_mailed_in_turns(account: LinksAccount) -> None:
    """So that something is told while the rest goes on."""
    link = the_link(account, account.add())

    done = list(resending.resend(account.portal, [link] * 120, NOW))

    assert len(done) == 120
    assert [len(event["linkIds"]) for _, event in account.events] == [50, 50, 20]


def test_a_link_mailer_that_fails_is_told(account: LinksAccount) -> None:
    """Nobody knows then what it had mailed, and nobody says so."""
    account.failure = "SES is away."
    link = the_link(account, account.add())

    with pytest.raises(LinkError) as failure:
        list(resending.resend(account.portal, [link], NOW))

    assert str(failure.value) == (
        "LinkMailer failed: SES is away; what it had mailed by then is not known, so see "
        "`s3link logs --portal` before you repeat this."
    )


def test_a_table_that_is_gone_is_told_in_a_sentence(account: LinksAccount) -> None:
    """Somebody deleted it by hand."""
    link = the_link(account, account.add())
    account.dynamodb.delete_table(TableName="links")

    with pytest.raises(S3LinkError) as failure:
        revoke(account.portal, link, NOW)

    assert str(failure.value) == (
        "The portal's links could not be read or changed (ResourceNotFoundException); run the "
        "command again."
    )


@pytest.mark.parametrize("typed", ["gr\u00fc\u00dfe.pdf", "gru\u0308\u00dfe.pdf", "gr\u00fc*"])
def test_a_file_is_found_in_either_spelling(account: LinksAccount, typed: str) -> None:
    """macOS decomposes what everybody types."""
    account.add("gru\u0308\u00dfe.pdf")
    account.add("gruesse.pdf")

    assert files(account, file=typed) == ["gru\u0308\u00dfe.pdf"]


SHARE = ".s3link/shares/20261130-9f86d081884c7d65.json"
TITLE = "report.pdf and 11 more files"


def a_share(account: LinksAccount, **given: Any) -> Link:
    return the_link(account, account.add(SHARE, name=TITLE, file_count=12, **given))


def test_a_share_reads_as_people_know_it(account: LinksAccount) -> None:
    """By its title; a limit counts for each of its files."""
    link = a_share(account, max_downloads=2, downloads=3)

    cells = row(link, "Usable", 0).cells
    told = document(link, "Usable", 0)

    assert title(link) == f'{link.id[:12]} ("{TITLE}" for bob@example.com)'
    assert (TITLE in cells, SHARE in cells, "3 of 24" in cells) == (True, False, True)
    assert validity(link, "Usable", 0).endswith(", 3 of 24 downloads")
    assert (told["file"], told["name"], told["files"]) == (SHARE, TITLE, 12)
    assert (told["share"], told["max_downloads"]) == ("20261130-9f86d081884c7d65", 2)


@pytest.mark.parametrize(
    "file", [TITLE, "report.pdf*", "20261130-9f86d081884c7d65", "20261130-*", SHARE]
)
def test_a_share_is_found_by_its_title_or_its_id(account: LinksAccount, file: str) -> None:
    """As lists show them."""
    account.add("offer.pdf")
    a_share(account)

    assert files(account, file=file) == [SHARE]
    assert files(account, file="offer.pdf") == ["offer.pdf"]


def test_more_downloads_of_a_share_are_so_many_of_each_file(account: LinksAccount) -> None:
    """The row says how often all were downloaded, which says nothing of any one."""
    link = a_share(account, max_downloads=1, downloads=12)

    changed = extend(account.portal, link, Extension(downloads=1), NOW)

    assert (changed.problem, changed.link.max_downloads) == ("", 2)


def test_a_share_is_extended_up_to_the_end_of_its_first_file(account: LinksAccount) -> None:
    """Not to that of its manifest, which came last."""
    account.modified_at = NOW
    link = a_share(account, expires=DAY, file_ends=DAY + timedelta(hours=1))

    changed = extend(account.portal, link, Extension(until=NOW + 2 * DAY), NOW)

    assert (changed.problem, changed.ends_with_file) == ("", True)
    assert changed.link.expires_at == NOW + DAY + timedelta(hours=1)
