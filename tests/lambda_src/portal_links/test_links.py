"""Links of the portal, on the table in memory and on moto's DynamoDB: the same for both."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws
from portal_links import links as states
from portal_links import reminders, rows
from portal_links.links import LINK_ATTRIBUTES, Link
from portal_links.redeeming import Limits, Redeemed, Refused, redeem
from portal_links.store import MOST_TOKENS, Links, NewLink
from portal_links.tokens import Token, new_token
from tables.service import NotWritten, TableError, Update

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.server import EmbeddedAws
from tests.lambda_src.fakes import NOW
from tests.lambda_src.table import Table
from tests.templates.reading import PORTAL

TABLE = "links"
LINK_ID = "b0b" + "0" * 29
LIFE = timedelta(days=4)
GRACE = timedelta(minutes=10)
ANY_NUMBER = Limits(0, GRACE)
ONCE = Limits(1, GRACE)
RANDOM = random.Random(1)  # noqa: S311 - the same links in every run


def random_bytes(count: int) -> bytes:
    return RANDOM.randbytes(count)


def never(tries: int) -> bool:
    """Give up at once."""
    return False


def token_of(link_id: str = LINK_ID) -> Token:
    return new_token(link_id, random_bytes)


def new_link(token: Token, **changes: Any) -> NewLink:
    link = NewLink(
        token=token,
        bucket="files",
        key="a file.pdf",
        version="v1",
        recipient="Bob@example.com",
        expires_at=NOW + LIFE,
        file_ends_at=NOW + LIFE,
        removed_at=NOW + 30 * LIFE,
        modified_at=NOW.replace(microsecond=0) - timedelta(seconds=1),
    )
    return replace(link, **changes)


def created(client: Any) -> Any:
    """The client, after it has made the table as the template has it."""
    properties = PORTAL.properties("LinksTable")
    names = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
    client.create_table(TableName=TABLE, **{name: properties[name] for name in names})
    return client


@pytest.fixture(params=["in memory", pytest.param("moto", marks=pytest.mark.slow)])
def links(request: pytest.FixtureRequest) -> Iterator[Links]:
    if request.param == "in memory":
        yield Links(Table(), TABLE)
        return
    with mock_aws():
        yield Links(created(boto3.client("dynamodb", region_name="eu-west-1")), TABLE)


@pytest.fixture
def token(links: Links) -> Token:
    """The token of a link that was made at NOW."""
    token = token_of()
    links.make([new_link(token)], NOW, never)
    return token


def made(links: Links, **changes: Any) -> Token:
    token = token_of()
    links.make([new_link(token, **changes)], NOW, never)
    return token


def link_of(links: Links, link_id: str = LINK_ID) -> Link:
    link = links.of_id(link_id)
    assert link is not None
    return link


def outcomes(links: Links, limits: Limits, *moments: datetime) -> list[str]:
    """What becomes of clicks at these moments: counted, retry, or the state that refuses."""
    found = []
    for moment in moments:
        result = redeem(links, LINK_ID, moment, limits)
        if isinstance(result, Redeemed):
            found.append("counted" if result.counted else "retry")
        else:
            assert isinstance(result, Refused)
            found.append(result.link.state(moment, limits.usual_downloads))
    return found


def test_a_token_finds_its_link(links: Links, token: Token) -> None:
    """With everything that was said when it was made."""
    link = links.find(token)

    assert link is not None
    assert (link.id, link.bucket, link.key, link.version) == (LINK_ID, "files", "a file.pdf", "v1")
    assert (link.recipient, link.expires_at) == (
        "Bob@example.com",
        NOW.replace(microsecond=0) + LIFE,
    )
    assert link.state(NOW, 0) == states.USABLE


def test_another_token_of_the_same_id_finds_nothing(links: Links, token: Token) -> None:
    """Knowing a link's id, which ledger and logs have, opens nothing."""
    assert links.find(token_of()) is None


def test_an_unknown_id_finds_nothing(links: Links) -> None:
    """There is no such row."""
    assert links.find(token_of()) is None
    assert links.of_id(LINK_ID) is None


def test_no_token_is_stored(links: Links, token: Token) -> None:
    """The table has its SHA-256 and nothing of the secret."""
    row = links.table.read(LINK_ID)

    assert row[rows.TOKEN_HASHES] == {token.hash}
    assert token.text not in str(row)
    assert token.text[22:] not in str(row)


def test_one_link_has_several_tokens(links: Links, token: Token) -> None:
    """Each mail has a token of its own, and all of them open the link."""
    again, by_the_operator = token_of(), token_of()

    links.make([new_link(again)], NOW + timedelta(hours=1), never)
    links.add_token(by_the_operator)

    assert all(links.find(one) for one in (token, again, by_the_operator))
    assert link_of(links).created_at == "2026-11-21T13:05:30.250Z"


def test_no_token_is_added_to_nothing(links: Links) -> None:
    """A link that is gone stays gone."""
    assert links.add_token(token_of()) == NotWritten({})
    links.take_back_token(token_of())
    assert links.of_id(LINK_ID) is None


def test_a_revoked_link_is_not_made_again(links: Links, token: Token) -> None:
    """By the replay of an event whose mail never left; the others of the same write are."""
    links.revoke(LINK_ID, NOW)
    again, other = token_of(), token_of("e" * 32)

    revoked = links.make([new_link(again), new_link(other)], NOW, never)

    assert revoked == {LINK_ID}
    assert (links.find(again), link_of(links).state(NOW, 0)) == (None, states.REVOKED)
    assert list(reminders.due(links, NOW + LIFE)) == ["e" * 32]
    assert links.find(other) is not None


def test_an_extended_link_keeps_what_it_was_given(links: Links) -> None:
    """More time and more downloads than the link that is made once more would have."""
    first = made(links, max_downloads=1)
    links.extend(LINK_ID, NOW, NOW + 2 * LIFE, max_downloads=3, file_ends_at=NOW + 2 * LIFE)
    again = token_of()

    links.make([new_link(again, max_downloads=1)], NOW, never)

    link = link_of(links)
    ends = NOW.replace(microsecond=0) + 2 * LIFE
    assert (link.expires_at, link.file_ends_at, link.max_downloads) == (ends, ends, 3)
    assert links.find(first) == links.find(again) == link


def test_a_link_that_would_end_later_is_moved(links: Links, token: Token) -> None:
    """Waiting for the mail costs a recipient none of their time."""
    links.make([new_link(token_of(), expires_at=NOW + 2 * LIFE)], NOW, never)

    assert link_of(links).expires_at == NOW.replace(microsecond=0) + 2 * LIFE


def _second_version(**changes: Any) -> NewLink:
    later = {"version": "v2", "modified_at": NOW.replace(microsecond=0)}
    return new_link(token_of(), **later | changes)


def test_a_link_to_an_edited_file_is_on_the_terms_of_the_edit(links: Links) -> None:
    """Whoever made it of the older version has mailed nobody; both tokens open the newer one."""
    first = made(links, max_downloads=5, own_name="offer.pdf")
    second = _second_version(max_downloads=1, expires_at=NOW.replace(microsecond=0) + LIFE / 4)

    links.make([second], NOW, never)

    link = link_of(links)
    assert (link.version, link.max_downloads, link.own_name) == ("v2", 1, "")
    assert (link.modified_at, link.expires_at) == (second.modified_at, second.expires_at)
    assert [links.find(token) for token in (first, second.token)] == [link, link]


def test_a_late_try_of_the_older_version_mails_the_newer_one(links: Links) -> None:
    """For as long as its mail says, or longer."""
    ends = NOW.replace(microsecond=0) + LIFE
    second, late, later = _second_version(max_downloads=1, expires_at=ends), token_of(), token_of()
    links.make([second], NOW, never)

    links.make([new_link(late, max_downloads=5, expires_at=ends - LIFE / 2)], NOW, never)
    first = link_of(links)
    links.make([new_link(later, max_downloads=5, expires_at=ends + LIFE)], NOW, never)

    assert (first.version, first.max_downloads, first.expires_at) == ("v2", 1, ends)
    link = link_of(links)
    assert link == replace(first, expires_at=ends + LIFE)
    assert [links.find(one) for one in (second.token, late, later)] == [link] * 3


def test_an_edit_brings_no_revoked_link_back(links: Links, token: Token) -> None:
    """The operator has taken it back, of whichever version."""
    links.revoke(LINK_ID, NOW)

    assert links.make([_second_version()], NOW, never) == {LINK_ID}

    assert (link_of(links).version, links.find(token)) == ("v1", link_of(links))


def test_there_is_an_end_to_tokens(links: Links, token: Token) -> None:
    """Requests in another's name cannot fill the row, and no token in a mail makes room for one."""
    hashes = {f"{number:064x}" for number in range(MOST_TOKENS - 1)}
    links.change(Update(LINK_ID, added={rows.TOKEN_HASHES: hashes}))
    fresh = token_of()

    refused = links.add_token(fresh)

    assert isinstance(refused, NotWritten)
    assert refused.row[rows.LINK_ID] == LINK_ID
    assert links.find(fresh) is None
    assert links.find(token) is not None


def test_a_token_that_was_not_mailed_is_taken_back(links: Links, token: Token) -> None:
    """It alone, and again changes nothing; a link without any gets one again."""
    fresh = token_of()
    links.add_token(fresh)

    links.take_back_token(fresh)
    links.take_back_token(fresh)
    assert links.find(fresh) is None
    assert links.find(token) is not None

    links.take_back_token(token)
    links.add_token(fresh)
    assert links.find(fresh) is not None


def test_making_many_is_one_write(links: Links) -> None:
    """Fifty links, the recipients of one bulk mail, are written together."""
    tokens = [token_of(f"{number:032x}") for number in range(50)]

    links.make([new_link(token) for token in tokens], NOW, never)

    assert all(links.find(token) for token in tokens)


def test_a_table_that_fails_is_tried_while_there_is_time() -> None:
    """Then the error is passed on; a wrong permission at once."""
    table = Table()
    links = Links(table, TABLE)
    pauses: list[int] = []

    def twice(tries: int) -> bool:
        pauses.append(tries)
        return len(pauses) <= 2

    table.fails("InternalServerError", "ThrottlingException")
    links.make([new_link(token_of())], NOW, twice)
    assert pauses == [0, 1]

    table.fails("AccessDeniedException")
    with pytest.raises(TableError, match="AccessDenied"):
        links.make([new_link(token_of())], NOW, lambda tries: True)


CLICKS = {
    "any number": (ANY_NUMBER, {}, [0, 700, 1400], ["counted"] * 3),
    "again within the grace window": (ONCE, {}, [0, 1, 599], ["counted", "retry", "retry"]),
    "again after it": (ONCE, {}, [0, 600], ["counted", "UsedUp"]),
    "no grace": (Limits(1, timedelta(0)), {}, [0, 0, 1], ["counted", "UsedUp", "UsedUp"]),
    "three": (
        Limits(3, GRACE),
        {},
        [0, 5, 600, 1200, 1800],
        ["counted", "retry", "counted", "counted", "UsedUp"],
    ),
    "its own limit goes before": (
        ONCE,
        {"max_downloads": 2},
        [0, 600, 1200],
        ["counted", "counted", "UsedUp"],
    ),
    "its own limit where there is none": (
        ANY_NUMBER,
        {"max_downloads": 1},
        [0, 600],
        ["counted", "UsedUp"],
    ),
    "its own lack of a limit": (ONCE, {"max_downloads": 0}, [0, 600, 1200], ["counted"] * 3),
    "at the end": (ANY_NUMBER, {}, [4 * 86400 - 1, 4 * 86400], ["counted", "Expired"]),
    "no grace beyond the end": (
        ONCE,
        {"expires_at": NOW + timedelta(seconds=60)},
        [50, 59, 60],
        ["counted", "retry", "Expired"],
    ),
}


@pytest.mark.parametrize("name", CLICKS)
def test_what_becomes_of_clicks(links: Links, name: str) -> None:
    """Seconds after it was made, and how each click ends."""
    limits, changes, seconds, expected = CLICKS[name]
    made(links, **changes)

    start = NOW.replace(microsecond=0)
    assert outcomes(links, limits, *(start + timedelta(seconds=one) for one in seconds)) == expected


def test_only_the_first_click_is_the_first(links: Links, token: Token) -> None:
    """Neither its retries nor later downloads are."""
    first = redeem(links, LINK_ID, NOW, ANY_NUMBER)
    retry = redeem(links, LINK_ID, NOW, ANY_NUMBER)
    later = redeem(links, LINK_ID, NOW + GRACE, ANY_NUMBER)

    assert [isinstance(one, Redeemed) and one.is_first for one in (first, retry, later)] == [
        True,
        False,
        False,
    ]
    link = link_of(links)
    assert (link.downloads, link.first_download_at) == (2, "2026-11-21T13:05:30.250Z")


def test_a_revoked_link_opens_nothing(links: Links, token: Token) -> None:
    """Not even a retry of a download that was counted before."""
    redeem(links, LINK_ID, NOW, ONCE)

    links.revoke(LINK_ID, NOW)

    assert outcomes(links, ONCE, NOW) == ["Revoked"]
    assert link_of(links).state(NOW, 0) == states.REVOKED


def test_revoking_again_changes_nothing(links: Links, token: Token) -> None:
    """The first time is the one that is known; what is not there is not revoked."""
    links.revoke(LINK_ID, NOW)
    again = links.revoke(LINK_ID, NOW + LIFE)

    assert again is not None
    assert again.revoked_at == "2026-11-21T13:05:30.250Z"
    assert links.revoke("f" * 32, NOW) is None


def test_a_link_can_be_extended(links: Links, token: Token) -> None:
    """After its end, and when it is used up."""
    limits = Limits(1, timedelta(0))
    redeem(links, LINK_ID, NOW, limits)

    links.extend(LINK_ID, NOW, NOW + 2 * LIFE, max_downloads=2)

    assert outcomes(links, limits, NOW + LIFE, NOW + LIFE) == ["counted", "UsedUp"]


def test_a_revoked_link_cannot_be_extended(links: Links, token: Token) -> None:
    """Whoever took it back meant it."""
    links.revoke(LINK_ID, NOW)

    assert links.extend(LINK_ID, NOW, NOW + 2 * LIFE) is None
    assert links.extend("f" * 32, NOW, NOW + 2 * LIFE) is None


def test_a_gone_link_counts_nothing(links: Links) -> None:
    """A click makes no row."""
    assert redeem(links, LINK_ID, NOW, ONCE) is None
    assert links.of_id(LINK_ID) is None


def test_links_of_a_mailbox_are_found_in_any_spelling(links: Links, token: Token) -> None:
    """By the identity of the address; those of others are not among them."""
    links.make([new_link(token_of("e" * 32), recipient="eve@example.com")], NOW, never)

    assert [link.id for link in links.of_recipient("bob@example.com")] == [LINK_ID]


def test_a_reminder_is_due_when_a_quarter_of_the_time_is_left(links: Links, token: Token) -> None:
    """Not a second before."""
    due = NOW.replace(microsecond=0) + LIFE * 3 / 4

    assert list(reminders.due(links, due - timedelta(seconds=1))) == []
    assert list(reminders.due(links, due + timedelta(seconds=1))) == [LINK_ID]


def test_a_reminder_is_taken_once(links: Links, token: Token) -> None:
    """By whoever comes first."""
    late = NOW + LIFE * 3 / 4

    assert reminders.take(links, LINK_ID, "first", late) is not None
    assert reminders.take(links, LINK_ID, "second", late) is None
    assert list(reminders.due(links, NOW + LIFE)) == []


def test_who_repeats_a_take_finds_it(links: Links, token: Token) -> None:
    """botocore does, when the answer was lost; but not once it is of no use."""
    late = NOW + LIFE * 3 / 4
    reminders.take(links, LINK_ID, "first", late)

    again = reminders.take(links, LINK_ID, "first", late)
    redeem(links, LINK_ID, late, ANY_NUMBER)

    assert again is not None
    assert reminders.take(links, LINK_ID, "first", late) is None


def test_a_reminder_that_is_put_back_meanwhile_stays() -> None:
    """One that comes too late to take it does not take it off the index either."""
    table = Table()
    links = Links(table, TABLE)
    made(links)
    late = NOW + LIFE * 3 / 4
    reminders.take(links, LINK_ID, "first", late)

    begun = table.calls

    def before_it_tidies_up() -> None:
        if table.calls == begun + 2:
            reminders.put_back(links, LINK_ID, "first")

    table.while_writing = before_it_tidies_up
    assert reminders.take(links, LINK_ID, "second", late) is None

    assert list(reminders.due(links, late)) == [LINK_ID]


@pytest.mark.parametrize("what", ["downloaded", "revoked", "expired"])
def test_nobody_is_reminded_of_what_is_over(links: Links, token: Token, what: str) -> None:
    """Of a file that was fetched, taken back, or is gone; nor is it looked at again."""
    late = NOW + LIFE * 7 / 8
    if what == "downloaded":
        redeem(links, LINK_ID, NOW, ANY_NUMBER)
    elif what == "revoked":
        links.revoke(LINK_ID, NOW)
    else:
        late = NOW + LIFE

    assert reminders.take(links, LINK_ID, "anybody", late) is None
    assert list(reminders.due(links, NOW + 2 * LIFE)) == []


def test_a_reminder_that_could_not_be_sent_is_due_again(links: Links, token: Token) -> None:
    """By whoever took it, and unless the file was fetched meanwhile."""
    late = NOW + LIFE * 7 / 8
    reminders.take(links, LINK_ID, "anybody", late)
    reminders.put_back(links, LINK_ID, "somebody else")
    assert list(reminders.due(links, late)) == []
    reminders.put_back(links, LINK_ID, "anybody")
    assert list(reminders.due(links, late)) == [LINK_ID]

    reminders.take(links, LINK_ID, "anybody", late)
    redeem(links, LINK_ID, late, ANY_NUMBER)
    reminders.put_back(links, LINK_ID, "anybody")
    assert list(reminders.due(links, late)) == []


@pytest.fixture
def shared_links() -> Iterator[Links]:
    """A table that many may write to at once, as they may on AWS."""
    with EmbeddedAws() as aws:
        client = boto3.client(
            "dynamodb",
            endpoint_url=aws.endpoint,
            region_name=aws.region,
            aws_access_key_id=LOCAL_ACCESS_KEY,
            aws_secret_access_key=LOCAL_SECRET_KEY,
            config=Config(max_pool_connections=50),
        )
        yield Links(created(client), TABLE)


@pytest.mark.slow
def test_of_many_clicks_at_once_one_is_counted(shared_links: Links) -> None:
    """Two hundred on one link; those that are not counted are its retries."""
    made(shared_links)
    with ThreadPoolExecutor(50) as pool:
        ends = list(pool.map(lambda _: outcomes(shared_links, ONCE, NOW)[0], range(200)))

    assert sorted(ends) == ["counted"] + ["retry"] * 199
    assert link_of(shared_links).downloads == 1


class Noting(Mapping[str, Any]):
    """A row that has everything, and knows what it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return "1"

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_whoever_lists_links_reads_all_that_they_are_made_of() -> None:
    """And nothing else of a row."""
    row = Noting()

    Link.of_row(row)

    assert sorted(row.names) == sorted(LINK_ATTRIBUTES)
