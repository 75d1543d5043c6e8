"""The page where people ask for fresh links by mail."""

from __future__ import annotations

import unicodedata

import pytest
from portal_links.request_counts import PER_ADDRESS, PER_ADDRESS_AND_DAY, PER_SOURCE, RequestCounts
from tables.service import TableError

from tests.lambda_src.fakes import NOW
from tests.lambda_src.portal_world import URL, PortalWorld
from tests.lambda_src.table import Table


@pytest.fixture
def portal() -> PortalWorld:
    return PortalWorld()


def page(portal: PortalWorld, query: str = "", method: str = "GET") -> str:
    return portal.request("GET /", method, "/", query=query).body


def test_one_field_and_one_button(portal: PortalWorld) -> None:
    """Nothing else is asked."""
    body = page(portal)

    assert body.count("<input") == body.count("<button") == body.count("<form") == 1
    assert "Send me my links" in body


def test_looking_asks_for_nothing(portal: PortalWorld) -> None:
    """With GET and with HEAD."""
    page(portal)
    head = portal.request("$default", "HEAD", "/")

    assert (head.status, head.body) == (200, "")
    assert portal.mailer.events == []
    assert portal.counts_table.rows == []


def test_the_form_tells_where_it_comes_from(portal: PortalWorld) -> None:
    """Under no-referrer a browser would send "Origin: null", and be refused."""
    answer = portal.request("GET /", "GET", "/")

    assert answer.headers["referrer-policy"] == "same-origin"
    assert "form-action 'self';" in answer.headers["content-security-policy"]


def test_a_request_is_handed_to_the_mailer(portal: PortalWorld) -> None:
    """Which alone looks whether there is anything to mail."""
    answer = portal.ask(" Bob@example.com ")

    assert answer.status == 202
    assert portal.mailer.events == [{"task": "request", "address": "Bob@example.com", "file": None}]


def test_each_press_is_a_task_of_its_own(portal: PortalWorld) -> None:
    """By its id, which is the same when botocore repeats a call whose answer was lost."""
    portal.ask("bob@example.com")
    portal.ask("bob@example.com")

    first, second = portal.mailer.ids
    assert (len(first), len(second)) == (32, 32)
    assert first != second


def test_a_request_can_be_for_one_file(portal: PortalWorld) -> None:
    """The page carries it from its address into the form."""
    assert "a new link to one file, if it is shared with you" in page(portal, "file=x%2Fa+b.pdf")
    assert "a b.pdf, if" not in page(portal, "file=x%2Fa+b.pdf")
    assert '<input type="hidden" name="file" value="x/a b.pdf">' in page(portal, "file=x%2Fa+b.pdf")

    portal.ask("bob@example.com", form={"file": "x/a b.pdf"})
    portal.ask("bob@example.com", query="file=x%2Fa+b.pdf")

    assert [event["file"] for event in portal.mailer.events] == ["x/a b.pdf"] * 2


def test_every_answer_is_the_same(portal: PortalWorld) -> None:
    """To the byte, whoever asks and whatever for; and each makes the same calls."""
    portal.share()
    answers = []
    for address in ("bob@example.com", "eve@elsewhere.example", "nobody@example.com"):
        for form in ({}, {"file": "report.pdf"}, {"file": "no such file"}):
            before = portal.counts_table.calls, portal.links_table.calls, len(portal.mailer.events)
            answers.append(portal.ask(address, form=form))
            after = portal.counts_table.calls, portal.links_table.calls, len(portal.mailer.events)
            assert [b - a for a, b in zip(before, after, strict=True)] == [1, 0, 1]

    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize(
    "origin",
    [None, "null", "https://evil.example", f"{URL}.evil.example", "http://portal.example.com", ""],
)
def test_other_sites_are_refused(portal: PortalWorld, origin: str | None) -> None:
    """By the API itself, whatever the browser thinks; also who does not say where from."""
    answer = portal.ask("bob@example.com", origin=origin)

    assert answer.status == 403
    assert portal.mailer.events == []


def test_sites_on_the_list_are_let_in(portal: PortalWorld) -> None:
    """AllowedOrigins names them."""
    allowed = {"AllowedOrigins": "https://www.example.com,https://intranet.example.com"}

    answers = [
        portal.ask("bob@example.com", origin=origin, settings=allowed).status
        for origin in ("https://intranet.example.com", URL, "https://example.com")
    ]

    assert answers == [202, 202, 403]


def test_a_browser_may_ask_before_it_posts(portal: PortalWorld) -> None:
    """The API hands a preflight to the default route, and adds which sites may post."""
    answer = portal.request("$default", "OPTIONS", "/request-link")

    assert (answer.status, answer.body) == (204, "")
    assert portal.mailer.events == []


@pytest.mark.parametrize("email", ["", "bob", "bob@", "bob@example.com, eve@example.com", "a@b"])
def test_what_is_no_address_is_asked_again(portal: PortalWorld, email: str) -> None:
    """The page says what to type, and keeps the file."""
    answer = portal.ask(email, form={"file": "a.pdf"})

    assert answer.status == 400
    assert "Enter an email address, such as bob@example.com" in answer.text
    assert 'value="a.pdf"' in answer.body
    assert f'value="{email}"' in answer.body
    assert portal.mailer.events == []


def test_one_place_cannot_ask_without_end(portal: PortalWorld) -> None:
    """Other places can; and an hour later it can again."""
    statuses = [portal.ask("bob@example.com").status for _ in range(PER_SOURCE.most + 1)]

    assert statuses == [202] * PER_SOURCE.most + [429]
    assert portal.ask("bob@example.com", source="192.0.2.2").status == 202
    portal.clock.passes(hours=1)
    assert portal.ask("bob@example.com").status == 202


def test_a_network_of_ipv6_is_one_place() -> None:
    """One machine has 2^64 addresses to ask from."""
    counts = RequestCounts(Table(), "counts")

    allowed = [
        counts.allows_source(f"2001:db8:0:1::{n:x}", NOW) for n in range(PER_SOURCE.most + 1)
    ]

    assert allowed == [True] * PER_SOURCE.most + [False]
    assert counts.allows_source("2001:db8:0:2::1", NOW)


def reached(
    counts: RequestCounts, hour: int = 13, name: str = "bob", most_a_day: int = 1000
) -> str | None:
    """Which limit keeps an address from another mail in that hour, if any."""
    limit = counts.reached(f"{name}@example.com", most_a_day, NOW.replace(hour=hour))
    return f"{limit.most} by {limit.kind}" if limit else None


def test_a_mailbox_gets_few_mails_an_hour() -> None:
    """Whoever asks for them."""
    counts = RequestCounts(Table(), "counts")

    assert [reached(counts) for _ in range(PER_ADDRESS.most + 1)] == [
        *[None] * PER_ADDRESS.most,
        "3 by address",
    ]


def test_counts_name_nobody() -> None:
    """Only a hash is stored, and it goes by itself."""
    table = Table()
    reached(RequestCounts(table, "counts"))

    hour, day, together = table.rows
    assert "bob" not in f"{hour} {day} {together}"
    assert hour["RemovedAt"] == int(NOW.timestamp()) + 2 * 3600
    assert day["RemovedAt"] == together["RemovedAt"] == int(NOW.timestamp()) + 48 * 3600


def test_a_mailbox_gets_few_mails_a_day() -> None:
    """Somebody who asks hour after hour in another's name does not fill it."""
    counts = RequestCounts(Table(), "counts")

    found = [reached(counts, hour) for hour in range(24) for _ in range(3)]

    assert found.count(None) == PER_ADDRESS_AND_DAY.most
    assert found[-1] == "10 by address"


def test_all_mailboxes_together_get_so_many_mails_a_day() -> None:
    """Strangers who know many addresses leave SES's daily quota to new files."""
    counts = RequestCounts(Table(), "counts")

    found = [reached(counts, name=f"person{n}", most_a_day=20) for n in range(25)]

    assert found == [None] * 20 + ["20 by all"] * 5
    assert reached(counts, name="person24", most_a_day=21) is None


def test_what_one_limit_refuses_counts_to_no_other() -> None:
    """Else the mails of a day that never left would use up the hours after it."""
    table = Table()
    counts = RequestCounts(table, "counts")
    reached(counts, most_a_day=1)
    before = [row["Count"] for row in table.rows]

    assert reached(counts, most_a_day=1) == "1 by all"
    table.fails(None, "InternalServerError")
    with pytest.raises(TableError):
        reached(counts)

    assert [row["Count"] for row in table.rows] == before


def test_what_is_taken_back_twice_is_taken_back_once() -> None:
    """A count below zero would let more mails out than the limit says."""
    counts = RequestCounts(Table(), "counts")
    reached(counts)

    for _ in range(3):
        counts.count_mails("bob@example.com", -1, NOW)

    assert [reached(counts) for _ in range(4)] == [None, None, None, "3 by address"]


def test_a_mailer_that_is_down_is_told(portal: PortalWorld) -> None:
    """Nobody waits for a mail that will not come."""
    portal.mailer.fails_with("ServiceException")

    assert portal.ask("bob@example.com").status == 503


@pytest.mark.parametrize(
    "body", ["%%%", "x" * 20_001, "&" * 1000, "email=%ff%fe", "=" * 50, "é" * 5000]
)
def test_a_body_that_is_no_form_is_no_defect(portal: PortalWorld, body: str) -> None:
    """It is refused in a sentence."""
    answer = portal.request(
        "POST /request-link", "POST", "/request-link", body=body, headers={"origin": URL}
    )

    assert answer.status == 400
    assert portal.mailer.events == []


def test_whoever_reloads_the_answer_sees_the_form(portal: PortalWorld) -> None:
    """The address of the answer is the form's target."""
    answer = portal.request("$default", "GET", "/request-link")

    assert (answer.status, answer.body) == (200, page(portal))


def test_other_pages_do_not_exist(portal: PortalWorld) -> None:
    """And say where to go."""
    for method, path in (("GET", "/admin"), ("POST", "/"), ("DELETE", "/d/x"), ("GET", "/d")):
        answer = portal.request("$default", method, path)
        assert answer.status == 404
        assert "Open the link in your email." in answer.text


def test_the_longest_key_may_be_asked_for_in_either_spelling() -> None:
    """Decomposed it may have half as many bytes again as S3 lets a key have."""
    portal = PortalWorld()
    key = "\u00fc" * 512

    answer = portal.ask("bob@example.com", form={"file": unicodedata.normalize("NFD", key)})

    assert answer.status == 202
    assert portal.ask("bob@example.com", form={"file": key + "\u00fc"}).status == 400
