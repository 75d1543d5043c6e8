"""The page of a share, and the clicks on its files."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from portal_links import rows

from tests.lambda_src.fakes import NOW
from tests.lambda_src.portal_world import LINK_ID, Answer, PortalWorld
from tests.lambda_src.shares_world import SHARE_ID, ShareBucket, counts_of, share, share_world

PAGE = {"answer": "page"}
CONFIRM = {"ConfirmRecipient": "true"}
ONCE = {"MaxDownloads": "1"}
FILES = {
    "photos/2026/harbour.jpg": b"x" * 12_345,
    "photos/2026/boat.jpg": b"y" * 2000,
    "report.pdf": b"z",
}


@pytest.fixture
def portal() -> PortalWorld:
    return share_world()


def file(position: object, **more: str) -> dict[str, str]:
    return {"file": str(position), **more}


def text(page: Answer) -> str:
    """What a reader sees: no space before a comma, where an element ends."""
    return re.sub(r" (?=[,.] |[,.]$)", "", page.text)


def saved_as(answer: Answer) -> str:
    """The Content-Disposition that S3 is told to give."""
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return query["response-content-disposition"][0]


def buttons(page: Answer) -> list[str]:
    """The positions that have one."""
    return re.findall(r'<button name="file" value="(\d+)"', page.body)


def test_the_page_lists_what_there_is(portal: PortalWorld) -> None:
    """How many, from whom, how much in all; of each its name, folder and size, and a button."""
    token = share(portal, FILES, said={"note": "The harbour.\nBest, Ann"})

    page = portal.open(token)

    assert page.status == 200
    assert text(page) == (
        "3 files for you From files@example.com Note from the sender The harbour. Best, Ann Total "
        "size 14.3 kB Link expires Sunday 22 November 2026, 13:05 UTC Download all They are saved "
        "one after the other. Your browser may ask whether this page may download several files. "
        "harbour.jpg photos / 2026 · 12.3 kB Download boat.jpg photos / 2026 · 2.0 kB Download "
        "report.pdf 1 byte Download This page is for you alone. Please do not share its address. "
        "Not expecting files? Check with the sender by phone or in a new email first."
    )
    assert buttons(page) == ["0", "1", "2"]
    assert '<div id="all" hidden>' in page.body


def test_one_file_may_be_a_share(portal: PortalWorld) -> None:
    page = portal.open(share(portal, ["report.pdf"]))

    assert text(page).startswith("1 file for you From files@example.com Total size")


def test_the_page_names_who_shares_the_files(portal: PortalWorld) -> None:
    """As the manifest says, if AuthorizedSenders lets it."""
    token = share(portal, FILES, said={"sender": "Änn <ann@example.com>"})

    assert "From Änn (ann@example.com) " in text(
        portal.open(token, AuthorizedSenders="@example.com")
    )
    assert "From files@example.com " in text(portal.open(token))


def test_a_file_has_the_name_that_the_share_gives_it(portal: PortalWorld) -> None:
    """Not that of the object's own Content-Disposition, which the page could not know."""
    token = share(portal, ["u-1", "u-2.pdf"], names={"u-1": "Offer “ü”.pdf"})
    portal.bucket.put(
        "u-2.pdf",
        size=10,
        metadata={"s3link-share": SHARE_ID},
        disposition="inline; filename=x.exe",
    )

    pages = [portal.click(token, file(position)) for position in (0, 1)]

    page = text(portal.open(token))
    assert "Offer “ü”.pdf 6 bytes" in page
    assert "u-2.pdf 10 bytes" in page
    saved = [saved_as(one) for one in pages]
    assert saved[0].endswith("filename*=UTF-8''Offer%20%E2%80%9C%C3%BC%E2%80%9D.pdf")
    assert saved[1].startswith('attachment; filename="u-2.pdf"')


def test_no_recipient_learns_of_another_by_a_folder(portal: PortalWorld) -> None:
    """The first folder may be an address."""
    token = share(portal, ["carol@example.com/a.jpg", "/dave@example.com/x/b.jpg"])

    page = portal.open(token)

    assert "carol@" not in page.body and "dave@" not in page.body
    assert "a.jpg 26 bytes" in text(page)
    assert "b.jpg x · 28 bytes" in text(page)


def test_looking_changes_nothing(portal: PortalWorld) -> None:
    token = share(portal, FILES)
    before = dict(portal.links_table.items)

    for method in ("GET", "HEAD", "GET"):
        assert portal.open(token, method).status == 200

    assert portal.links_table.items == before
    assert portal.bucket.heads == 9  # of the manifest alone: by key, by version, and as it is read


@pytest.mark.parametrize("form", [{}, PAGE])
def test_a_click_gives_one_file(portal: PortalWorld, form: dict[str, str]) -> None:
    """That version of it, for a minute; it alone is counted."""
    token = share(portal, FILES, max_downloads=2)

    answer = portal.click(token, file(1, **form))

    url = answer.headers["location"] if not form else answer.headers["refresh"][7:]
    assert answer.status == (200 if form else 303)
    assert url.startswith("https://example-files.s3.eu-west-1.amazonaws.com/photos/2026/boat.jpg?")
    assert "versionId=v1" in url and "X-Amz-Expires=60" in url
    assert counts_of(portal).downloads == {1: 1}
    assert portal.link.downloads == 1
    page = text(portal.open(token))
    assert "boat.jpg photos / 2026 · 2.0 kB · 1 download left Download" in page
    assert "report.pdf 1 byte · 2 downloads left Download" in page


def test_the_page_after_the_click_says_what_is_left_of_the_file(portal: PortalWorld) -> None:
    """And leads back to the others."""
    token = share(portal, FILES, max_downloads=1)

    page = portal.click(token, file(0, **PAGE))

    assert text(page) == (
        "Your download has started harbour.jpg photos / 2026 · 12.3 kB · no downloads left, but "
        "you can repeat the last one for now Nothing arrived? Start it again within a minute. The "
        "link expires on Sunday 22 November 2026, 13:05 UTC. Back to all files"
    )
    assert f'href="{html.escape(page.headers["refresh"][7:])}" id="url"' in page.body


def test_files_without_a_limit_are_marked_once_they_were_fetched(portal: PortalWorld) -> None:
    """So that whoever clicks one after the other knows where they are."""
    token = share(portal, FILES)
    portal.click(token, file(1))

    page = text(portal.open(token))

    assert "boat.jpg photos / 2026 · 2.0 kB · downloaded Download" in page
    assert page.count("· downloaded") == 1


def test_one_time_files(portal: PortalWorld) -> None:
    """Each may be tried again for a while, and then it is used up; the others are not."""
    token = share(portal, FILES)
    first = portal.click(token, file(0), **ONCE)
    portal.clock.passes(seconds=599)
    again = portal.click(token, file(0), **ONCE)
    portal.clock.passes(seconds=1)
    over, page = portal.click(token, file(0), **ONCE), portal.open(token, **ONCE)
    other = portal.click(token, file(2), **ONCE)

    assert [one.status for one in (first, again, over, other)] == [303, 303, 410, 303]
    assert text(over) == (
        "This file has been used up harbour.jpg, from files@example.com It could be downloaded "
        "once, and it has been. If that was not you, tell the person who shared it. Ask the person "
        "who shared it to share it again. If they already have, you can get your links by email. "
        "Back to all files"
    )
    assert "harbour.jpg photos / 2026 · 12.3 kB · no downloads left boat.jpg" in text(page)
    assert buttons(page) == ["1", "2"]
    assert counts_of(portal).downloads == {0: 1, 2: 1}


def test_a_share_whose_files_are_all_used_up_says_so(portal: PortalWorld) -> None:
    """As the link to a single file does."""
    token = share(portal, FILES, max_downloads=2)
    for _ in range(2):
        for position in range(3):
            assert portal.click(token, file(position)).status == 303
        portal.clock.passes(minutes=10)

    for page in (portal.open(token), portal.click(token, file(0))):
        assert page.status == 410
        assert text(page).startswith(
            "This link has been used up harbour.jpg and 2 more files, from files@example.com Each "
            "of its files could be downloaded 2 times, and all of them have been. If that was not "
            "you, tell the person who shared them. Ask the person who shared them to share them "
            "again."
        )


NOT_IN_IT = [
    "3",
    "4",
    "-1",
    "",
    " 1",
    "1 ",
    "01",
    "+1",
    "1.0",
    "1e0",
    "\u0661",
    "²",
    "x",
    "9" * 400,
]


@pytest.mark.parametrize("position", [*NOT_IN_IT, None])
@pytest.mark.parametrize("form", [{}, PAGE])
def test_what_is_not_in_the_share(
    portal: PortalWorld, position: str | None, form: dict[str, str]
) -> None:
    """The page says so; nothing is counted, and nothing made in the row."""
    token = share(portal, FILES)
    before = dict(portal.links_table.items)

    answer = portal.click(token, form if position is None else {**form, "file": position})

    assert answer.status == 404
    assert answer.text == (
        "There is no such file here The link is right, but the file that was asked for is not "
        "among those it leads to. Choose one from the list. Back to all files"
    )
    assert portal.links_table.items == before


@given(st.text(max_size=6))
def test_any_position_gives_its_file_or_none(position: str) -> None:
    """In the one spelling that the page has."""
    portal = share_world()
    token = share(portal, FILES)

    answer = portal.click(token, file(position))

    given = position in ("0", "1", "2")
    assert answer.status == (303 if given else 404)
    assert counts_of(portal).downloads == ({int(position): 1} if given else {})


def test_gathered_files_bear_no_mark(portal: PortalWorld) -> None:
    """`aws s3 cp` put them; that they belong to the share, LinkGenerator has seen."""
    token = share(portal, ["a.jpg", "b.jpg"], share_id=f"gathered-{'a' * 32}-{'b' * 16}")
    bucket = portal.bucket
    assert isinstance(bucket, ShareBucket)
    for key in ("a.jpg", "b.jpg"):
        bucket.fill(key, f"in {key}".encode(), {})

    answers = [portal.click(token, file(position)) for position in (0, 1)]

    assert [one.status for one in answers] == [303, 303]


@pytest.mark.parametrize("position", ["1", "x"])
def test_the_link_of_a_single_file_knows_no_position(portal: PortalWorld, position: str) -> None:
    """Rows from before there were shares, and all single files since."""
    token = portal.share()

    assert portal.click(token, file(position)).status == 303
    assert rows.FILE_DOWNLOADS not in portal.links.table.read(LINK_ID)


@pytest.mark.parametrize(
    ("what", "status", "headline"),
    [
        ("gone", 410, "This file has been removed boat.jpg, from files@example.com It was"),
        ("archived", 410, "This file cannot be downloaded now boat.jpg, from files@example.com It"),
        (
            "encrypted",
            410,
            "This file cannot be downloaded now boat.jpg, from files@example.com It",
        ),
        ("other size", 410, "This file has been removed boat.jpg"),
    ],
)
def test_a_file_that_cannot_be_had_costs_nothing(
    portal: PortalWorld, what: str, status: int, headline: str
) -> None:
    """It says why; the others can be had."""
    token = share(portal, FILES)
    key = "photos/2026/boat.jpg"
    match what:
        case "gone":
            portal.bucket.remove(key)
        case "archived":
            portal.bucket.archive(key)
        case "encrypted":
            portal.bucket.encrypts(key, "AccessDenied")
        case "other size":
            portal.bucket.put(key, size=2001, metadata={"s3link-share": SHARE_ID})

    answers = [portal.click(token, file(position)) for position in (1, 0)]

    assert [one.status for one in answers] == [status, 303]
    assert text(answers[0]).startswith(headline)
    assert text(answers[0]).endswith("Back to all files")
    assert counts_of(portal).downloads == {0: 1}


@pytest.mark.parametrize(
    ("what", "headline"),
    [
        ("expired", "This link has expired harbour.jpg and 2 more files, from"),
        ("revoked", "This link has been withdrawn harbour.jpg and 2 more files, from"),
        ("locked", "This link is locked for a while harbour.jpg and 2 more files, from"),
        ("gone", "These files have been removed harbour.jpg and 2 more files, from"),
    ],
)
def test_a_share_that_is_over_says_so(portal: PortalWorld, what: str, headline: str) -> None:
    """At a look as at a click."""
    token = share(portal, FILES)
    match what:
        case "expired":
            portal.clock.passes(days=1)
        case "revoked":
            portal.links.revoke(LINK_ID, NOW)
        case "locked":
            until = int((NOW + timedelta(minutes=5)).timestamp())
            portal.links_table.items[LINK_ID][rows.LOCKED_UNTIL] = {"N": str(until)}
        case "gone":
            portal.bucket.remove(f".s3link/shares/{SHARE_ID}.json")

    for page in (portal.open(token), portal.click(token, file(0))):
        assert page.status in (410, 429)
        assert text(page).startswith(headline)
    assert counts_of(portal).downloads == {}


def test_what_was_withdrawn_is_several_files(portal: PortalWorld) -> None:
    token = share(portal, FILES)
    portal.links.revoke(LINK_ID, NOW)

    assert text(portal.open(token)).endswith(
        "The files are no longer shared with you. If you still need them, ask the person who "
        "shared them. If they have been shared again, you can get your links by email."
    )


@pytest.mark.parametrize("fault", ["manifest", "S3", "table"])
def test_what_is_out_of_order_uses_nothing_up(portal: PortalWorld, fault: str) -> None:
    """It ends as a page that says so."""
    token = share(portal, FILES)
    bucket = portal.bucket
    assert isinstance(bucket, ShareBucket)
    if fault == "manifest":
        bucket.contents[f".s3link/shares/{SHARE_ID}.json"] = b"{}"
    elif fault == "S3":
        bucket.refuses("photos/2026/harbour.jpg", "503")
    else:
        portal.links_table.fails(None, "InternalServerError")

    assert portal.click(token, file(0)).status == 503
    assert counts_of(portal).downloads == {}


def test_the_first_download_of_the_share_is_told_of(portal: PortalWorld) -> None:
    """Once, with the file that it was of."""
    token = share(portal, FILES)
    for position in (2, 2, 0):
        portal.click(token, file(position), NotifyOnDownload="sender")

    assert portal.mailer.events == [{"task": "first-download", "linkId": LINK_ID, "file": "2"}]


def test_the_log_names_the_file_and_the_share(
    portal: PortalWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """No token and no signature is in it."""
    caplog.set_level("INFO")
    token = share(portal, FILES)
    portal.click(token, file(1))
    portal.click(token, file(1))

    records = [record.__dict__ for record in caplog.records]
    assert [record.getMessage() for record in caplog.records] == [
        '"photos/2026/boat.jpg" is downloaded',
        '"photos/2026/boat.jpg" is downloaded again, as a retry',
    ]
    told = ("file", "version", "share", "position", "link", "downloads")
    assert [records[0][name] for name in told] == [
        *("photos/2026/boat.jpg", "v1", f".s3link/shares/{SHARE_ID}.json", 1, LINK_ID, 1)
    ]
    assert not [one for one in records if token.text in str(one) or "X-Amz" in str(one)]


def test_the_policy_allows_this_page_and_its_bucket_only(portal: PortalWorld) -> None:
    """Its script may ask this site, and open S3's answers in frames."""
    page = portal.open(share(portal, FILES))

    policy = dict(one.split(" ", 1) for one in page.headers["content-security-policy"].split("; "))
    bucket = "https://example-files.s3.eu-west-1.amazonaws.com"
    assert policy["default-src"] == "'none'"
    assert (policy["connect-src"], policy["frame-src"]) == ("'self'", bucket)
    assert policy["form-action"] == f"'self' {bucket}"
    assert re.fullmatch(r"'sha256-[\w+/]{43}='", policy["script-src"])
    assert re.fullmatch(r"'sha256-[\w+/]{43}='", policy["style-src"])


@pytest.mark.parametrize(
    "name",
    [
        "</bdi><script>alert(1)</script>.txt",
        '"><img src=x onerror=alert(1)>.txt',
        "דוח שנתי 2026 (סופי).pdf",
        "annexe\u202efdp.exe",
        "отчёт 📄 資料.txt",
        "$file_name ${x} {{x}} &amp;.txt",
    ],
)
def test_names_and_folders_are_text(portal: PortalWorld, name: str) -> None:
    """Whatever they are, and in whichever direction they run."""
    token = share(portal, [f"folder {name}/{name}", "b.txt"])

    page = portal.open(token)

    shown = name.replace("\u202e", "")
    name_shown = shown.rpartition("/")[2]
    assert f"<bdi>{html.escape(name_shown)}</bdi>" in page.body
    assert page.body.count("<script") == 1
    assert "<img" not in page.body
    assert "\u202e" not in page.body
    assert name_shown in text(page)


def test_long_names_are_shortened_in_the_list(portal: PortalWorld) -> None:
    """Their beginning and their end are what people tell them by."""
    name = "a" * 150 + "z" * 100 + ".pdf"
    token = share(portal, [f"{'d' * 200}/{name}"])

    page = portal.open(token)

    assert f"<bdi>{'a' * 60}…{'z' * 56}.pdf</bdi>" in page.body
    assert f"<bdi>{'d' * 60}…{'d' * 60}</bdi>" in page.body
    assert name in portal.click(token, file(0)).headers["location"]


@pytest.mark.parametrize("letter", ["a", '"', "😀"])
def test_a_thousand_files_fit_into_an_answer(portal: PortalWorld, letter: str) -> None:
    """Lambda gives at most 6 MB, in which its runtime may write a letter as an escape."""
    files = {f"{letter * 100}{number}/{letter * 120}{number}.pdf": b"x" for number in range(1000)}
    files = {key: content for key, content in files.items() if len(key.encode()) <= 1024}
    token = share(portal, files or {f"{number}": b"x" for number in range(1000)})

    page = portal.open(token)

    assert len(buttons(page)) == 1000
    assert len(repr(page.body.encode("ascii", "backslashreplace"))) < 5_000_000


class TestConfirmRecipient:
    """Nothing of the files is told before the address of the mail is typed."""

    def test_the_page_asks_for_the_address(self, portal: PortalWorld) -> None:
        token = share(portal, FILES, said={"note": "secret"})

        page = portal.open(token, **CONFIRM)

        assert text(page) == (
            "Is this link for you? files@example.com has shared files. Enter the email address "
            "that the link was sent to, and the files are listed. Your email address Show the "
            "files The link expires on Sunday 22 November 2026, 13:05 UTC."
        )

    def test_the_right_address_gets_the_list_and_each_file(self, portal: PortalWorld) -> None:
        """The list has it in its form, so that each click is checked again."""
        token = share(portal, FILES)
        typed = {"address": " Bob@EXAMPLE.com "}

        page = portal.click(token, {**typed, **PAGE}, **CONFIRM)
        click = portal.click(token, {**typed, **file(1, **PAGE)}, **CONFIRM)
        back = portal.click(token, typed, **CONFIRM)

        assert text(page).startswith("3 files for you")
        assert '<input type="hidden" name="address" value="Bob@EXAMPLE.com">' in page.body
        assert text(click).startswith("Your download has started boat.jpg")
        assert '<input type="hidden" name="address" value="Bob@EXAMPLE.com">' in click.body
        assert text(back).startswith("3 files for you")
        assert counts_of(portal).downloads == {1: 1}

    @pytest.mark.parametrize("address", ["", "bob", "eve@example.com"])
    @pytest.mark.parametrize("position", ["0", "7", "x", None])
    def test_another_address_learns_and_gets_nothing(
        self, portal: PortalWorld, address: str, position: str | None
    ) -> None:
        """Not even which positions there are."""
        token = share(portal, FILES)
        form = {"address": address} | ({} if position is None else file(position))

        page = portal.click(token, form, **CONFIRM)

        assert page.status == (403 if address.startswith("eve") else 400)
        assert text(page).startswith("Is this link for you?")
        assert not [word for word in ("harbour", "boat", "3 files") if word in page.body]
        assert counts_of(portal).downloads == {}

    def test_all_files_one_after_the_other_use_up_no_guess(self, portal: PortalWorld) -> None:
        token = share(portal, [f"{number}.txt" for number in range(40)])
        right = {"address": "bob@example.com"}

        answers = [portal.click(token, {**right, **file(n)}, **CONFIRM) for n in range(40)]

        assert {one.status for one in answers} == {303}
        assert counts_of(portal).downloads == dict.fromkeys(range(40), 1)

    def test_a_file_that_is_used_up_leads_back_without_typing(self, portal: PortalWorld) -> None:
        token = share(portal, FILES, max_downloads=1)
        form = {"address": "bob@example.com", **file(0)}
        portal.click(token, form, **CONFIRM)
        portal.clock.passes(hours=1)

        page = portal.click(token, form, **CONFIRM)

        assert text(page).startswith("This file has been used up harbour.jpg, from")
        assert 'name="address" value="bob@example.com"' in page.body


def test_guesses_at_the_list_and_at_files_are_counted_together(portal: PortalWorld) -> None:
    """Five, then the link rests; any number of right answers in between costs none."""
    token = share(portal, FILES)
    right = {"address": "bob@example.com"}
    statuses = []
    for number in range(4):
        wrong = {"address": f"{number}@example.com"}
        statuses.append(
            portal.click(token, wrong if number % 2 else {**wrong, **file(0)}, **CONFIRM).status
        )
        statuses.append(portal.click(token, right, **CONFIRM).status)
    statuses.append(portal.click(token, {"address": "4@example.com", **file(1)}, **CONFIRM).status)
    statuses.append(portal.click(token, {**right, **file(1)}, **CONFIRM).status)

    assert statuses == [403, 200] * 4 + [429, 429]
    assert counts_of(portal).downloads == {}
