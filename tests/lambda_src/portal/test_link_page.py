"""The page of a link, and the click on its button."""

from __future__ import annotations

import html
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.lambda_src.fakes import NOW
from tests.lambda_src.portal_world import LINK_ID, PortalWorld

UNKNOWN = "a" * 42 + "A"
ONCE = {"MaxDownloads": "1", "DownloadGracePeriod": "0"}


@pytest.fixture
def portal() -> PortalWorld:
    return PortalWorld()


def test_the_page_says_what_there_is(portal: PortalWorld) -> None:
    """File name, size, note, expiry, and who sent it."""
    token = portal.share(metadata={"note": "Page 3 is new.\nBest, Carol"})

    page = portal.open(token)

    assert page.status == 200
    assert page.text == (
        "PDF report.pdf A file for you, from files@example.com Note from the sender Page 3 is "
        "new. Best, Carol Size 34.0 kB Link expires Sunday 22 November 2026, 13:05 UTC Download "
        "the file This page is for you alone. Please do not share its address. Not expecting a "
        "file? Check with the sender by phone or in a new email first."
    )


SENDERS = {"AuthorizedSenders": "@example.com"}


def test_the_page_names_who_shares_the_file(portal: PortalWorld) -> None:
    """With the address, and as text whatever the name is."""
    token = portal.share(metadata={"sender": "Ann & 'Ben' <ann@example.com>"})

    page = portal.open(token, **SENDERS)

    assert "A file for you, from Ann & 'Ben' (ann@example.com) Size" in page.text
    assert "<bdi>Ann &amp; &#x27;Ben&#x27; (ann@example.com)</bdi>" in page.body


@pytest.mark.parametrize(
    ("sender", "settings"),
    [
        ("Ann <ann@example.com>", {}),
        ("Eve <eve@evil.example>", SENDERS),
        ("eve@evil.example <ann@example.com>", SENDERS),
        ("<script> <ann@example.com>", SENDERS),
    ],
)
def test_the_page_names_nobody_else(
    portal: PortalWorld, sender: str, settings: dict[str, str]
) -> None:
    """Today's AuthorizedSenders decides."""
    token = portal.share(metadata={"sender": sender})

    page = portal.open(token, **settings)

    assert page.status == 200
    assert "A file for you, from files@example.com Size" in page.text


def test_who_has_not_typed_the_address_does_not_learn_who_shares(portal: PortalWorld) -> None:
    """With ConfirmRecipient, no more than before."""
    token = portal.share(metadata={"sender": "Ann <ann@example.com>"})

    page = portal.open(token, **SENDERS, ConfirmRecipient="true")

    assert "files@example.com has shared a file." in page.text
    assert "Ann" not in page.text


def test_looking_changes_nothing(portal: PortalWorld) -> None:
    """However often, with GET and with HEAD."""
    token = portal.share()
    before = portal.links_table.rows

    for method in ("GET", "HEAD", "GET", "HEAD"):
        assert portal.open(token, method, **ONCE).status == 200

    assert portal.links_table.rows == before
    assert portal.click(token, **ONCE).status == 303


def test_head_has_no_body(portal: PortalWorld) -> None:
    """And the headers of the page."""
    token = portal.share()

    page, head = portal.open(token), portal.open(token, "HEAD")

    assert (head.status, head.headers, head.body) == (200, page.headers, "")


def test_the_click_leads_to_the_file(portal: PortalWorld) -> None:
    """This version, under its own name, signed for a minute, traceable to the link."""
    token = portal.share("my report (final) + ü.pdf")

    answer = portal.click(token)

    assert answer.status == 303
    url = urlsplit(answer.headers["location"])
    query = {name: value for name, [value] in parse_qs(url.query).items()}
    assert url.path == "/my%20report%20%28final%29%20%2B%20%C3%BC.pdf"
    assert int(query["X-Amz-Expires"]) <= 60
    assert query["X-Amz-Date"] == "20261121T130530Z"
    assert query["x-s3link-delivery"] == LINK_ID
    assert "my%20report%20%28final%29%20+%20%C3%BC.pdf" in query["response-content-disposition"]


def test_each_click_is_signed_anew(portal: PortalWorld) -> None:
    """So a link works hours after its mail."""
    token = portal.share()
    portal.clock.passes(hours=23)

    assert "X-Amz-Date=20261122T120530Z" in portal.click(token).headers["location"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_is_kept_found_framed_or_told(portal: PortalWorld, method: str) -> None:
    """The headers of every answer."""
    token = portal.share()

    headers = portal.open(token).headers if method == "GET" else portal.click(token).headers

    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


def test_the_policy_allows_this_page_only(portal: PortalWorld) -> None:
    """Nothing is loaded, no script runs but the page's own, and the form leads here or to S3."""
    token = portal.share()

    policy = dict(
        part.strip().split(" ", 1)
        for part in portal.open(token).headers["content-security-policy"].split(";")
    )

    assert policy["default-src"] == "'none'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self' https://example-files.s3.eu-west-1.amazonaws.com"
    assert policy["script-src"].startswith("'sha256-")
    assert policy["style-src"].startswith("'sha256-")
    assert "unsafe" not in str(policy)


OVER = {
    "expired": ("This link has expired", "It worked until Sunday 22 November 2026, 13:05 UTC ."),
    "revoked": ("This link has been withdrawn", "The file is no longer shared with you."),
    "used up": ("This link has been used up", "It worked once, and it has been used."),
    "gone": ("This file has been removed", "It was removed before the link expired."),
    "archived": ("This file cannot be downloaded now", "It has been moved to an archive"),
    "encrypted": ("This file cannot be downloaded now", "It is encrypted with a key"),
}


def make_it(portal: PortalWorld, what: str) -> str:
    """A link that works no more; gives its token."""
    token = portal.share()
    if what == "expired":
        portal.clock.passes(days=1)
    elif what == "revoked":
        portal.links.revoke(LINK_ID, NOW)
    elif what == "used up":
        portal.click(token, **ONCE)
    elif what == "archived":
        portal.bucket.archive("report.pdf")
    elif what == "encrypted":
        portal.bucket.encrypts("report.pdf", "AccessDenied")
    else:
        portal.bucket.remove("report.pdf")
    return token.text


@pytest.mark.parametrize("what", OVER)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_what_is_over_says_so(portal: PortalWorld, what: str, method: str) -> None:
    """A page each, with the file, the sender and what to do; and it counts nothing."""
    token = make_it(portal, what)
    before = portal.links_table.rows
    headline, text = OVER[what]

    page = portal.click(token, **ONCE) if method == "POST" else portal.open(token, method, **ONCE)

    assert page.status == 410
    assert "location" not in page.headers
    if method != "HEAD":
        assert page.text.startswith(f"{headline} report.pdf , from files@example.com {text}")
        assert "ask the person who shared it" in page.text.lower()
        assert '<a href="/">get your links by email</a>' in page.body
    assert portal.links_table.rows == before


@pytest.mark.parametrize("what", OVER)
def test_what_is_over_names_no_file_to_whoever_has_the_link_alone(
    portal: PortalWorld, what: str
) -> None:
    """Where the recipient's address has to be typed first."""
    token = make_it(portal, what)

    page = portal.open(token, **ONCE, **CONFIRM)

    assert page.status == 410
    assert page.text.startswith(f"{OVER[what][0]} A file for you, from files@example.com")
    assert "report" not in page.body


def test_a_link_that_allowed_more_says_how_many(portal: PortalWorld) -> None:
    """And what to do for one whose downloads were somebody else's."""
    token = portal.share(max_downloads=2)
    for _ in range(2):
        portal.click(token, DownloadGracePeriod="0")

    page = portal.open(token, DownloadGracePeriod="0")

    assert (
        "It allowed 2 downloads, and all of them have been made. If that was not you, tell the "
        "person who shared the file."
    ) in page.text


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "token", [UNKNOWN, "", "x", "../" * 9, "a" * 43, "<script>alert(1)</script>", "ä" * 43]
)
def test_unknown_and_malformed_tokens_look_alike(
    portal: PortalWorld, token: str, method: str
) -> None:
    """To the byte, so that nobody learns whether they came close."""
    portal.share()
    unknown = portal.open(UNKNOWN)

    page = portal.open(token, method) if method == "GET" else portal.click(token)

    assert (page.status, page.headers, page.body) == (404, unknown.headers, unknown.body)


def test_the_id_of_a_link_opens_nothing(portal: PortalWorld) -> None:
    """With a secret of one's own behind it, it is unknown as any other."""
    token = portal.share()
    forged = token.text[:22] + UNKNOWN[22:]

    assert portal.open(forged).body == portal.open(UNKNOWN).body


def test_a_one_time_link_can_be_tried_again_for_a_while(portal: PortalWorld) -> None:
    """A download that broke off is not lost."""
    token = portal.share()
    once = {"MaxDownloads": "1", "DownloadGracePeriod": "600"}

    clicks = []
    for seconds in (0, 599, 1):
        portal.clock.passes(seconds=seconds)
        clicks.append(portal.click(token, **once).status)

    assert clicks == [303, 303, 410]
    assert portal.link.downloads == 1


def test_the_page_says_how_many_downloads_are_left(portal: PortalWorld) -> None:
    """Where they are counted; in the grace window that it can be tried again."""
    token = portal.share()

    assert "Downloads left" not in portal.open(token).text
    assert "Downloads left 3" in portal.open(token, MaxDownloads="3").text
    portal.click(token, MaxDownloads="1")
    assert (
        "Downloads left 0, but you can repeat the last one for now"
        in portal.open(token, MaxDownloads="1").text
    )


@pytest.mark.parametrize("table", ["find", "redeem"])
def test_a_table_that_is_down_uses_nothing_up(
    portal: PortalWorld, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The page says to try again, the log says why, and then it works."""
    token = portal.share()
    portal.links_table.fails(*([None] if table == "redeem" else []), "InternalServerError")

    down = portal.click(token, **ONCE)

    assert down.status == 503
    assert "There is nothing wrong with your link" in down.text
    assert "InternalServerError" in caplog.text
    assert portal.click(token, **ONCE).status == 303


def test_s3_that_is_down_uses_nothing_up(portal: PortalWorld) -> None:
    """The click is not counted."""
    token = portal.share()
    portal.bucket.refuses_with(ClientError({"Error": {"Code": "SlowDown"}}, "HeadObject"))

    assert (portal.open(token).status, portal.click(token).status) == (503, 503)
    assert portal.link.downloads == 0


def test_a_defect_ends_as_a_page(portal: PortalWorld, caplog: pytest.LogCaptureFixture) -> None:
    """And the log names its line, without the exception's words."""
    token = portal.share()
    portal.bucket.refuses_with(ZeroDivisionError("https://secret.example.com"))

    assert portal.open(token).status == 503
    assert "ZeroDivisionError in fakes.py, line" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(("notify", "told"), [("nobody", 0), ("sender", 1), ("admin", 1)])
def test_the_first_download_is_told_of(portal: PortalWorld, notify: str, told: int) -> None:
    """Once, however often it is downloaded."""
    token = portal.share()
    for _ in range(3):
        portal.click(token, NotifyOnDownload=notify)
        portal.clock.passes(hours=1)

    assert portal.mailer.events == [{"task": "first-download", "linkId": LINK_ID}] * told


def test_a_download_does_not_wait_for_the_news_of_it(portal: PortalWorld) -> None:
    """Though nobody can be told, the file is given."""
    token = portal.share()
    portal.mailer.fails_with("TooManyRequestsException")

    assert portal.click(token, NotifyOnDownload="sender").status == 303


HOSTILE_NAMES = [
    '<script>alert("x")</script>.html',
    '"><img src=x onerror=alert(1)>.png',
    "${title} $body $$.pdf",
    "{{constructor}}.pdf",
    "a\nb\r\nSet-Cookie: x=y.pdf",
    "annexe\u202efdp.exe",
    "&lt;b&gt;.pdf",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_names_and_notes_are_text(portal: PortalWorld, name: str) -> None:
    """No file name or note becomes a tag, a variable or a header; nor does it once all is over."""
    token = portal.share(name, metadata={"note": f"see {name}"})

    works = portal.open(token)
    portal.clock.passes(days=1)
    is_over = portal.open(token)

    assert (works.status, is_over.status) == (200, 410)
    for page in (works, is_over):
        assert page.body.count("<script>") == 1
        assert "<img" not in page.body
        assert "\u202e" not in page.body
        assert "\n" not in "".join(page.headers.values())


def test_no_log_has_a_token_or_a_signature(
    portal: PortalWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """Of pages, clicks and refusals."""
    caplog.set_level("DEBUG")
    token = portal.share(metadata={"note": "a private note"})
    portal.open(token)
    location = portal.click(token, **ONCE).headers["location"]
    portal.click(token, **ONCE)
    portal.links.revoke(LINK_ID, NOW)
    portal.click(token)

    signature = parse_qs(urlsplit(location).query)["X-Amz-Signature"][0]
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert len(caplog.records) >= 3
    assert not [secret for secret in (token.text, signature, "private note") if secret in logged]


CONFIRM = {"ConfirmRecipient": "true"}


class TestConfirmRecipient:
    """The recipient types their address first."""

    def test_the_page_does_not_name_the_file(self, portal: PortalWorld) -> None:
        """Whoever got the link by mistake learns nothing of it."""
        token = portal.share(metadata={"note": "Secret plans"})

        page = portal.open(token, **CONFIRM)

        assert page.status == 200
        assert page.text.startswith("Is this link for you? files@example.com has shared a file.")
        assert not [word for word in ("report", "Secret", "34.0", "bob@") if word in page.body]

    @pytest.mark.parametrize("typed", ["bob@example.com", " Bob@EXAMPLE.com "])
    def test_the_right_address_downloads(self, portal: PortalWorld, typed: str) -> None:
        """In any spelling of the mailbox."""
        token = portal.share()

        assert portal.click(token, {"address": typed}, **CONFIRM).status == 303

    def test_the_right_one_after_a_wrong_one_is_told_so(self, portal: PortalWorld) -> None:
        """The error is gone with its page, and the download has started."""
        token = portal.share()
        wrong = {"address": "eve@example.com", **FROM_THE_PAGE}
        right = {"address": "bob@example.com", **FROM_THE_PAGE}

        pages = [portal.click(token, form, **CONFIRM) for form in (wrong, right)]

        assert [page.status for page in pages] == [403, 200]
        assert "was not sent to that address" in pages[0].text
        assert pages[1].text.startswith("Your download has started report.pdf")
        assert 'role="alert"' not in pages[1].body

    def test_a_wrong_one_does_not(self, portal: PortalWorld) -> None:
        """The page says so, in a way that a screen reader reads out; nothing is counted off."""
        token = portal.share()

        page = portal.click(token, {"address": "eve@example.com"}, **CONFIRM)

        assert page.status == 403
        assert "The link was not sent to that address." in page.text
        assert 'role="alert"' in page.body
        assert 'aria-describedby="problem"' in page.body
        assert portal.link.downloads == 0

    @pytest.mark.parametrize("form", [None, {}, {"address": ""}, {"address": "bob"}])
    def test_no_address_is_no_guess(self, portal: PortalWorld, form: dict[str, str] | None) -> None:
        """A slip of the finger locks nobody out."""
        token = portal.share()
        for _ in range(10):
            assert portal.click(token, form, **CONFIRM).status == 400

        assert portal.click(token, {"address": "bob@example.com"}, **CONFIRM).status == 303

    def test_guesses_are_limited(self, portal: PortalWorld) -> None:
        """After five the link rests for a quarter of an hour, for right answers as well."""
        token = portal.share()

        wrong = [{"address": f"{number}@example.com"} for number in range(6)]
        guesses = [portal.click(token, form, **CONFIRM).status for form in wrong]
        locked = portal.click(token, {"address": "bob@example.com"}, **CONFIRM)

        assert guesses == [403, 403, 403, 403, 429, 429]
        assert locked.status == 429
        assert "Try again after Saturday 21 November 2026, 13:20 UTC" in locked.text
        portal.clock.passes(minutes=15)
        assert portal.click(token, {"address": "bob@example.com"}, **CONFIRM).status == 303

    def test_a_right_answer_that_came_to_nothing_is_no_guess(self, portal: PortalWorld) -> None:
        """A recipient who tries again after the last download locks nobody out."""
        token = portal.share()
        right = {"address": "bob@example.com"}
        assert portal.click(token, right, **CONFIRM, **ONCE).status == 303
        portal.clock.passes(minutes=20)

        refused = [portal.click(token, right, **CONFIRM, **ONCE) for _ in range(6)]

        assert {(one.status, one.text[:20]) for one in refused} == {(410, "This link has been u")}


@pytest.mark.parametrize("write", range(1, 8))
def test_of_guesses_in_flight_five_are_compared(portal: PortalWorld, write: int) -> None:
    """The right one comes while a hundred others are at the table, before any of its writes.

    All have found the link as it was before the first of them.
    """
    token = portal.share()
    found = portal.links_table.get_item(Key={"LinkId": {"S": LINK_ID}})
    portal.links_table.get_item = lambda **_: found  # type: ignore[method-assign]
    writes, downloads = 0, []

    def while_writing() -> None:
        nonlocal writes
        writes += 1
        if writes == write:
            [row] = portal.links_table.rows
            counted = 5 if "LockedUntil" in row else row.get("WrongAnswers", 0)
            right = portal.click(token, {"address": "bob@example.com"}, **CONFIRM)
            downloads.append((counted, right.status))

    portal.links_table.while_writing = while_writing
    for number in range(100):
        portal.click(token, {"address": f"{number}@example.com"}, **CONFIRM)

    [(counted, status)] = downloads
    assert (counted, status) == (counted, 303 if counted < 5 else 429)


FROM_THE_PAGE = {"answer": "page"}


@pytest.mark.parametrize(
    ("grace", "left"),
    [("600", ["1", "1", "0, but you can repeat the last one for now"]), ("0", ["1", "0"])],
)
def test_the_page_after_the_click_says_what_is_left(
    portal: PortalWorld, grace: str, left: list[str]
) -> None:
    """A browser that is sent to a download would stay on the page from before the click."""
    token = portal.share(max_downloads=2)
    moments = [0, 1, 600][: len(left)]

    for seconds, said in zip(moments, left, strict=True):
        portal.clock.now = NOW + timedelta(seconds=seconds)
        page = portal.click(token, FROM_THE_PAGE, DownloadGracePeriod=grace)

        assert (page.status, page.headers["refresh"][:15]) == (200, "0; url=https://")
        assert page.text.startswith("Your download has started report.pdf")
        assert f"Downloads left {said} Nothing arrived?" in page.text
        assert html.escape(page.headers["refresh"][7:]) in page.body


def test_a_form_that_is_none_downloads_as_before(portal: PortalWorld) -> None:
    """Only the page's own field asks for a page; programs are sent on at once."""
    token = portal.share()

    for form in ({}, {"answer": "x"}, {"x": "answer=page"}):
        assert portal.click(token, form).status == 303


def test_a_file_behind_a_delete_marker_is_gone(portal: PortalWorld) -> None:
    """Deleting the file in the bucket takes its links back as well."""
    token = portal.share()
    portal.bucket.remove("report.pdf")

    assert portal.open(token).text.startswith("This file has been removed")


def test_a_bucket_that_is_gone_is_no_file_that_was_removed(
    portal: PortalWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """The page says that something is out of order, and the admin's alarm rings."""
    token = portal.share()
    portal.bucket.remove("report.pdf")
    portal.bucket.is_missing = True

    assert (portal.open(token).status, portal.click(token).status) == (503, 503)
    assert "NoSuchBucket" in caplog.text


def test_an_archived_file_is_not_to_be_tried_again_in_a_minute(portal: PortalWorld) -> None:
    """It would not help."""
    token = portal.share()
    portal.bucket.archive("report.pdf")

    page = portal.open(token)

    assert page.status == 410
    assert page.text.startswith("This file cannot be downloaded now")


def test_a_file_that_cannot_be_decrypted_is_not_offered(
    portal: PortalWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """S3 would answer the click with XML."""
    token = portal.share()
    portal.bucket.encrypts("report.pdf", "AccessDenied")

    page, answer = portal.open(token), portal.click(token)

    assert (page.status, answer.status) == (410, 410)
    assert "It is encrypted with a key that this page may not use." in page.text
    assert "FileKeyArns" in caplog.text
    assert portal.link.downloads == 0


def test_without_versions_a_later_file_is_another_one(portal: PortalWorld) -> None:
    """What was put under the key for somebody else is not shown, nor given."""
    token = portal.share(metadata={"note": "for Bob"})
    portal.bucket.put("report.pdf", metadata={"note": "for Carol"}, age=timedelta(0))

    assert (portal.open(token).status, portal.click(token).status) == (410, 410)
    assert "Carol" not in portal.open(token).body


@pytest.mark.parametrize(
    "query", ["utm_source=mail", "x=%ff", "&".join("abcdefghijklmnopqrstuvwxy")]
)
def test_what_others_add_to_a_link_does_no_harm(portal: PortalWorld, query: str) -> None:
    """Mail programs and scanners do add things."""
    token = portal.share()

    for method, status in (("GET", 200), ("POST", 303)):
        answer = portal.request(
            "ANY /d/{token}",
            method,
            f"/d/{token.text}",
            parameters={"token": token.text},
            query=query,
        )
        assert answer.status == status


def test_the_expiry_is_readable_for_programs(portal: PortalWorld) -> None:
    """The script reads it to show the reader's own time."""
    token = portal.share(expires_at=NOW + timedelta(hours=3))

    assert '<time datetime="2026-11-21T16:05:30Z">' in portal.open(token).body


def test_a_file_under_a_uuid_has_its_own_name(portal: PortalWorld) -> None:
    """On its page and in the download."""
    token = portal.share("7f3e1c9a", disposition='attachment; filename="Q3 report.pdf"')

    page, answer = portal.open(token), portal.click(token)

    assert page.text.startswith("PDF Q3 report.pdf A file for you")
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["response-content-disposition"][0].startswith(
        'attachment; filename="Q3 report.pdf";'
    )


@pytest.mark.parametrize("after", ["/", ".", ")", "%20", " ", "%3E", "./", "_"])
@pytest.mark.parametrize("route", ["ANY /d/{token}", "$default"])
def test_a_link_works_with_what_mail_programs_append(
    portal: PortalWorld, after: str, route: str
) -> None:
    """Page, HEAD and button, whichever route API Gateway gives it, decoded or as it was sent."""
    text = portal.share().text + after
    parameters = {"token": text} if route != "$default" else None

    statuses = [
        portal.request(route, method, f"/d/{text}", parameters=parameters).status
        for method in ("GET", "HEAD", "POST")
    ]

    assert statuses == [200, 200, 303]


@pytest.mark.parametrize(
    "path", ["/d/{}x", "/d/{}/x", "/d/{}.html", "/d//{}", "/x/{}", "/{}", "/d/"]
)
def test_no_other_address_opens_a_link(portal: PortalWorld, path: str) -> None:
    """The default route takes nothing else for one."""
    token = portal.share()

    for method in ("GET", "POST"):
        answer = portal.request("$default", method, path.format(token.text))
        assert answer.status == 404
