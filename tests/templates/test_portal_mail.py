"""What the portal's mails say: the real LinkMailer fills the real template."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from html import escape
from typing import Any

import pytest
from files.metadata import METADATA_LIMIT, header_text
from link_mailer.fitting import DATA_LIMIT, HTML_AROUND, HTML_LIMIT, HTML_OF_A_FILE

from tests.lambda_src.fakes import NO_BRAND
from tests.lambda_src.link_mailer.office import LATE, Office, share_many
from tests.lambda_src.portal_world import LINK_ID, URL
from tests.lambda_src.shares_world import share, share_world
from tests.templates.mails import PORTAL_MAIL, Data, Reader, encoded

FILE_NAME = 'Angebot <final> & "Ü".pdf'
FILES = (FILE_NAME, "second.pdf", "third.pdf")
# In a block of a file SES looks for a variable among those of the file.
OF_BUTTONS = {"brandColor", "brandText"}
EXPIRES_AT = "Sunday 22 November 2026, 13:05 UTC"


def _shared(count: int = 1) -> Office:
    """An office with so many files for bob@example.com, the first one the newest."""
    office = Office()
    for number, name in reversed(list(enumerate(FILES[:count]))):
        office.portal.share(
            name, link_id=f"{number:032x}", expires_at=office.portal.clock.now + timedelta(days=1)
        )
        if number:
            office.portal.clock.passes(seconds=1)
    return office


def _request(files: int) -> Data:
    office = _shared(files)
    office.do("request", address="bob@example.com", file=None)
    return office.mail.data


def _reminder() -> Data:
    office = _shared()
    office.portal.clock.now += LATE
    office.do("remind")
    return office.mail.data


def _again() -> Data:
    office = _shared()
    office.do("resend", linkIds=["0" * 32])
    return office.mail.data


def _share(*names: str, task: str = "resend", **said: Any) -> Data:
    office = Office(portal=share_world())
    keys = {f"{number}/{name}": b"x" * 1000 for number, name in enumerate(names)}
    share(office.portal, keys, said=said)
    office.portal.clock.now += LATE
    about = {"resend": {"linkIds": [LINK_ID]}, "request": {"address": "bob@example.com"}}
    office.do(task, **about.get(task, {}))
    return office.mail.data


def _news() -> Data:
    office = _shared()
    office.do("first-download", linkId="0" * 32)
    return office.mail.data


# Each kind of mail: what LinkMailer gives for it, and how many files are in it.
MAILS: dict[str, tuple[Callable[[], Data], int]] = {
    "three links that were asked for": (lambda: _request(3), 3),
    "one link that was asked for": (lambda: _request(1), 1),
    "a reminder": (_reminder, 1),
    "a link again": (_again, 1),
    "news of a download": (_news, 0),
}
SHARES: dict[str, tuple[Callable[[], Data], int]] = {
    "a share again": (lambda: _share(*FILES), 1),
    "a share to be reminded of": (lambda: _share(*FILES, task="remind"), 1),
    "a share that was asked for": (lambda: _share(*FILES, task="request"), 1),
    "a share of one file": (lambda: _share(FILE_NAME), 1),
}

each_mail = pytest.mark.parametrize(("data", "files"), [(make(), n) for make, n in MAILS.values()])
each_part = pytest.mark.parametrize("part", ["TextPart", "HtmlPart"])


def test_template_wants_what_is_given() -> None:
    """In both directions, and for every kind of mail: SES drops a mail that lacks a variable."""
    for make, _ in [*MAILS.values(), *SHARES.values()]:
        data = make()
        names = {name for file in data["files"] for name in file}

        assert set(data) | names <= PORTAL_MAIL.variables
        assert set(data) == {
            *("subject", "headline", "headlineHtml", "files", "closing", "closingHtml"),
            "requestUrl",
            *NO_BRAND.keys() - OF_BUTTONS,
        }
        if names:
            assert set(data) | names == PORTAL_MAIL.variables


def test_html_part_takes_only_values_made_for_html() -> None:
    """What a stranger may choose is escaped in the HTML part; all else is plain ASCII of ours."""
    assert PORTAL_MAIL.values_of("HtmlPart") == {
        "headlineHtml",
        "fileNameHtml",
        "namesHtml",
        "fileSize",
        "expiresAt",
        "limit",
        "noteHtml",
        "senderHtml",
        "linkHtml",
        "closingHtml",
        "requestUrl",
        *NO_BRAND.keys() - {"brandName"},
    }


@each_mail
def test_values_for_html_are_the_others_escaped(data: Data, files: int) -> None:
    """A name with markup is a name with markup."""
    for holder in (data, *data["files"]):
        for name in holder:
            if name.endswith("Html") and name != "noteHtml":  # the text part quotes the note
                plain = holder[name.removesuffix("Html")]
                assert holder[name] == escape(plain).replace("\n", "<br>")


@each_mail
@each_part
def test_both_parts_say_everything(part: str, data: Data, files: int) -> None:
    """Each file with its size, its end and its link; what it is about, and what to do."""
    said = PORTAL_MAIL.text_of(part, data)

    closing = " ".join(data["closing"].split())
    if files:
        closing += f" Lost this email? Get your links again at {URL}/"
    assert said.endswith(closing)
    assert said.removesuffix(closing).count("ink expires") == files
    for file in data["files"]:
        assert file["fileName"] in said
        assert "34.0 kB" in said
        assert file["expiresAt"] in said
    assert data["headline"] in said


@each_mail
def test_each_file_has_its_own_link(data: Data, files: int) -> None:
    """On a line of its own in the text; in the page behind a button, and in letters below it."""
    links = [file["link"] for file in data["files"]]
    request_page = [f"{URL}/"] if files else []

    assert len(set(links)) == files
    lines = PORTAL_MAIL.render("TextPart", data).splitlines()
    assert [line for line in lines if line.startswith("http")] == links
    page = Reader(PORTAL_MAIL.render("HtmlPart", data))
    assert page.links == [*links, *request_page]
    words = page.text.split()
    for link in links:
        assert words.count(link) == 1
        assert words[words.index(link) - 3 : words.index(link)] == ["Download", "the", "file"]


@each_mail
def test_no_gaps_are_left(data: Data, files: int) -> None:
    """Neither by a list that is empty nor by its end."""
    text = PORTAL_MAIL.render("TextPart", data)

    assert "\n\n\n" not in text
    assert not text.startswith("\n")


@pytest.mark.parametrize(
    ("kind", "subject", "wanted"),
    [
        (
            "three links that were asked for",
            f"Your links: {FILE_NAME} and 2 more",
            ("Here are the links you asked for", "If it was not you, ignore it"),
        ),
        (
            "one link that was asked for",
            f"Your link: {FILE_NAME}",
            ("Here is the link you asked for",),
        ),
        ("a reminder", f"Reminder: {FILE_NAME}", ("still waiting", "once", "do nothing")),
        ("a link again", f"File for you: {FILE_NAME}", ("has been shared with you",)),
        (
            "news of a download",
            f"Downloaded: {FILE_NAME}",
            ("bob@example.com has downloaded", "s3link links revoke 0000"),
        ),
    ],
)
def test_what_a_mail_is_about(kind: str, subject: str, wanted: tuple[str, ...]) -> None:
    """The subject says it, and the first sentence, and why it came."""
    data = MAILS[kind][0]()
    said = PORTAL_MAIL.text_of("TextPart", data)

    assert PORTAL_MAIL.render("SubjectPart", data) == subject
    assert [words for words in wanted if words not in said] == []
    if data["files"]:
        assert "This email is for you alone" in said
        assert "do not forward it" in said


NOTE = "Hello.\n\n\nDownload the file:\nhttp://evil.example/\n\nFile: another.pdf"


def test_a_note_is_seen_to_be_the_senders() -> None:
    """With a label, and a mark before each line of the text; in a box of its own in the page."""
    office = Office()
    office.portal.share(FILE_NAME, metadata={"note": "see below"})
    office.portal.bucket.put(FILE_NAME, metadata={"note": encoded(NOTE)})
    office.do("resend", linkIds=["b0b" + "0" * 29])
    data = office.mail.data

    lines = PORTAL_MAIL.render("TextPart", data).splitlines()
    start, end = lines.index("Note from the sender:") + 1, lines.index("Download the file:") - 1
    assert lines[start:end] == [f"> {line}".rstrip() for line in NOTE.splitlines()]
    assert [line for line in lines if line.startswith("http")] == [data["files"][0]["link"]]
    page = PORTAL_MAIL.render("HtmlPart", data)
    label, note = page.index("Note from the sender"), page.index("Hello.")
    assert page.rindex("border-left:4px", 0, label) < label < note < page.index("</table>", note)
    assert "Note from the sender" not in PORTAL_MAIL.render("HtmlPart", _again())


@each_part
def test_a_named_sender_stands_with_their_file(part: str) -> None:
    """Each file of a mail may have another, or none."""
    office = Office()
    office.portal.share(FILE_NAME, metadata={"sender": encoded("Änn & Ben <ann@example.com>")})
    office.portal.share("old.pdf", link_id="1" * 32)

    allowed = {"AuthorizedSenders": "ann@example.com"}
    office.do("request", address="bob@example.com", settings=allowed)
    said = PORTAL_MAIL.text_of(part, office.mail.data)

    assert said.count("Shared by") == 1
    assert "Änn & Ben (ann@example.com)" in said
    assert said.index(FILE_NAME) < said.index("Shared by") < said.index("34.0 kB")


@pytest.mark.parametrize(
    ("most", "clicks", "said"), [(1, 0, "once"), (5, 3, "2 times"), (0, 3, "")]
)
def test_a_link_that_is_limited_says_what_is_left(most: int, clicks: int, said: str) -> None:
    """In both parts; one that may be downloaded any number of times says nothing of it."""
    office = _shared()
    token = office.portal.share(FILE_NAME, link_id="1" * 32, max_downloads=most)
    for _ in range(clicks):
        office.portal.click(token, DownloadGracePeriod="0")
    office.do("resend", linkIds=["1" * 32])

    parts = [PORTAL_MAIL.text_of(part, office.mail.data) for part in ("TextPart", "HtmlPart")]

    for part in parts:
        assert (f"The link works {said}." in part) == bool(said)
        assert ("The link works" in part) == bool(said)


def test_a_link_that_works_until_then() -> None:
    """The mail names the moment in one form, which all mails share."""
    data: Any = _request(1)

    assert data["files"][0]["expiresAt"] == EXPIRES_AT


def _html(data: Data) -> int:
    return len(PORTAL_MAIL.render("HtmlPart", data).encode())


# What a sender may write, and the longest note that S3 takes of each.
NOTES = {
    "no note": "",
    "450 Greek letters": "\N{GREEK SMALL LETTER ALPHA}" * 450,
    "quotation marks": '"' * (METADATA_LIMIT - len("note")),
    "characters beyond the first plane": "\N{GRINNING FACE}" * 270,
    "lines": "\n".join(["a"] * 500),
}


@pytest.mark.parametrize("kind", NOTES)
def test_no_mail_is_longer_than_ses_takes_and_gmail_shows(kind: str) -> None:
    """Whatever the notes: what does not fit is in a further mail."""
    office, note = Office(), header_text(NOTES[kind])
    assert len("note") + len(note) <= METADATA_LIMIT
    share_many(office, 50, **({"note": note} if note else {}))

    office.do("request", address="bob@example.com", file=None)

    files: list[Any] = [file for mail in office.post.mails for file in mail.data["files"]]
    told = ["".join(line[2:] for line in file["note"].splitlines()) for file in files]
    assert told == [NOTES[kind].replace("\n", "")] * len(files)
    assert [mail for mail in office.post.mails if mail.size > DATA_LIMIT] == []
    assert [_html(mail.data) for mail in office.post.mails if _html(mail.data) > HTML_LIMIT] == []
    assert len(files) == 50 or len(office.post.mails) == 3


def test_who_shares_them_counts_too() -> None:
    """The longest name, of characters that grow, beside a note that leaves little room."""
    office = Office()
    sender, note = f"{'&' * 64} <ann@example.com>", header_text('"' * 200)
    share_many(office, 50, sender=sender, note=note)

    settings = {"AuthorizedSenders": "@example.com"}
    office.do("request", address="bob@example.com", settings=settings)

    files: list[Any] = [file for mail in office.post.mails for file in mail.data["files"]]
    assert {file["senderHtml"] for file in files} == {f"{'&amp;' * 64} (ann@example.com)"}
    assert len(files) == 50
    assert [mail for mail in office.post.mails if _html(mail.data) > HTML_LIMIT] == []
    assert len(office.post.mails) > 1


def test_most_mails_have_fifty_links() -> None:
    """The room for the template is near to what it takes."""
    office = Office()
    share_many(office, 50)

    office.do("request", address="bob@example.com", file=None)

    assert len(list(office.mail.data["files"])) == 50


def test_a_share_names_its_first_files() -> None:
    """Each on a line of its own, and how many more there are; then their size in all."""
    data = _share(*(f"<{number}>.pdf" for number in range(12)))

    text, page = PORTAL_MAIL.render("TextPart", data), PORTAL_MAIL.render("HtmlPart", data)

    names = "\n".join(f"<{number}>.pdf" for number in range(10))
    assert f"Files:\n{names}\nand 2 more files\nSize: 12.0 kB\n" in text
    assert "Open the files:\nhttps://" in text
    assert "&lt;0&gt;.pdf and 11 more files</p>" in page
    assert "&lt;0&gt;.pdf<br>&lt;1&gt;.pdf<br>" in page
    assert "&lt;9&gt;.pdf<br>and 2 more files<br>12.0 kB<br>" in page
    assert ">Open the files</a>" in page


def test_the_largest_share_fits_alone() -> None:
    """The longest names and the longest note of a manifest, all of it characters that grow."""
    data = _share(*(str(number) + '"' * 1000 for number in range(20)), note='"' * 2000)

    assert _html(data) < HTML_LIMIT / 2
    assert len(json.dumps(data, ensure_ascii=False).encode()) < DATA_LIMIT / 2


def test_the_largest_file_fits_alone() -> None:
    """The longest name and the longest note that S3 takes, all of it characters that grow."""
    office = Office()
    office.portal.share('"' * 1024, metadata={"note": '"' * (METADATA_LIMIT - len("note"))})

    office.do("request", address="bob@example.com", file=None)

    assert _html(office.mail.data) < HTML_LIMIT / 2
    assert office.mail.size < DATA_LIMIT / 2


def test_there_is_room_for_what_the_template_says_itself() -> None:
    """Around the files and for each of them, with a reserve; the functions cannot read it."""
    url = "https://a1b2c3d4e5.execute-api.ap-southeast-2.amazonaws.com"
    shown = ("fileNameHtml", "namesHtml", "noteHtml", "fileSize", "expiresAt", "limit")
    empty = {**dict.fromkeys(shown, ""), "noteHtml": " ", "linkHtml": f"{url}/d/{'x' * 43}"}
    data: Any = _request(3)

    around = _html({**data, "files": []})
    each = _html({**data, "files": [empty]}) - around

    assert around * 1.2 < HTML_AROUND
    assert each * 1.05 < HTML_OF_A_FILE
