"""What the mail that announces a file says, rendered as SES renders it."""

from __future__ import annotations

import html
from datetime import UTC, datetime

import pytest
from files.expiry import Validity
from files.store import StoredFile
from files.uploads import Upload
from mail.template_data import mail_data_of

from tests.lambda_src.fakes import NO_BRAND
from tests.templates.mails import LINK_MAIL, Data, Reader, encoded

# All that LinkGenerator gives. SES accepts a mail whose template wants more, and never sends it.
VARIABLES = {
    "fileName",
    "fileNameHtml",
    "fileSize",
    "note",
    "noteHtml",
    "expiresAt",
    "limit",
    "sender",
    "senderHtml",
    "senderName",
    "link",
    "linkHtml",
    "requestUrl",
    *NO_BRAND,
}
# What it gives beside these for several files; and the subject, of any.
OF_A_SHARE = {
    *("subject", "headline", "headlineHtml", "files", "moreFiles"),
    *("name", "nameHtml", "size", "folder", "folderHtml", "url", "urlHtml"),
}
FILE_NAME = 'Angebot <final> & "Ü".pdf'
LINK = "https://files.example.com/x?a=1&b=2"
EXPIRES_AT = "Saturday 21 November 2026, 18:05 UTC"
ONCE = "The link works once."
REQUEST_PAGE = "https://portal.example.com/"
FORGED = "Hello.\n\n\nDownload the file:\nhttp://evil.example/\n\nFile: another.pdf"
NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
NOTE = "As discussed.\nPage 3 is < new >."


def given(note: str = "", limit: str = "", request_url: str = "", sender: str = "") -> Data:
    """What LinkGenerator gives for a file."""
    return {
        "fileName": FILE_NAME,
        "fileNameHtml": html.escape(FILE_NAME),
        "fileSize": "3.4 MB",
        "note": "\n".join(f"> {line}".rstrip() for line in note.splitlines()),
        "noteHtml": html.escape(note).replace("\n", "<br>"),
        "expiresAt": EXPIRES_AT,
        "limit": limit,
        "sender": f"{sender} (ann@example.com)" if sender else "",
        "senderHtml": html.escape(f"{sender} (ann@example.com)") if sender else "",
        "senderName": sender,
        "link": LINK,
        "linkHtml": html.escape(LINK),
        "requestUrl": request_url,
        **NO_BRAND,
    }


def test_template_wants_what_is_given() -> None:
    """A variable that nobody gives would keep the mail from leaving, without an error."""
    assert set(given()) == VARIABLES
    assert LINK_MAIL.variables == VARIABLES | OF_A_SHARE


def test_html_part_takes_only_values_made_for_html() -> None:
    """What a stranger may choose is escaped in the HTML part; all else is plain ASCII of ours."""
    assert LINK_MAIL.values_of("HtmlPart") == {
        "fileNameHtml",
        "fileSize",
        "noteHtml",
        "expiresAt",
        "limit",
        "senderHtml",
        "linkHtml",
        "requestUrl",
        *("headlineHtml", "nameHtml", "size", "folderHtml", "urlHtml", "moreFiles"),
        *NO_BRAND.keys() - {"brandName"},
    }


def test_subject_is_one_line_with_the_file_name() -> None:
    """The list of mails already says which file it is."""
    assert LINK_MAIL.render("SubjectPart", given()) == f"File for you: {FILE_NAME}"


def test_a_named_sender_is_in_the_subject_and_in_the_first_sentence() -> None:
    """There with the address, for the name alone is whatever the uploader wrote."""
    data = given(sender="Ann & <Ben>")

    assert LINK_MAIL.render("SubjectPart", data) == f"Ann & <Ben> shares {FILE_NAME} with you"
    headline = "Ann & <Ben> (ann@example.com) shares a file with you"
    assert LINK_MAIL.render("TextPart", data).splitlines()[0] == f"{headline}."
    assert headline in LINK_MAIL.text_of("HtmlPart", data)


@pytest.mark.parametrize("part", ["TextPart", "HtmlPart"])
def test_without_one_the_mail_says_that_a_file_was_shared(part: str) -> None:
    """In the words that it always had."""
    said = LINK_MAIL.text_of(part, given())

    assert "A file has been shared with you" in said
    assert "shares a file" not in said


@pytest.mark.parametrize("part", ["TextPart", "HtmlPart"])
@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(FILE_NAME, id="the file's name"),
        pytest.param("3.4 MB", id="its size"),
        pytest.param(f"ink expires {EXPIRES_AT}", id="when it stops working"),
        pytest.param(ONCE, id="how often it works"),
        pytest.param(LINK, id="the link in letters"),
        pytest.param("As discussed. Page 3 is < new >.", id="the sender's note"),
        pytest.param("This link is for you alone", id="that it is personal"),
        pytest.param("Please do not forward this email", id="not to pass it on"),
        pytest.param("ask whoever shared the file for a new one", id="what to do afterwards"),
        pytest.param(f"Get your links again at {REQUEST_PAGE}", id="what if the mail is lost"),
        pytest.param("Not expecting a file?", id="what if it is a surprise"),
    ],
)
def test_both_parts_say_everything(part: str, wanted: str) -> None:
    """Whoever reads only text, or only HTML, reads all of it."""
    said = LINK_MAIL.text_of(part, given(NOTE, ONCE, REQUEST_PAGE))
    said = said.replace("expires:", "expires").replace("expires on", "expires")
    assert wanted in said.replace("> Page", "Page")


def test_text_part_has_the_link_on_a_line_of_its_own() -> None:
    """The link can be clicked and copied, and nothing sticks to it."""
    assert LINK in LINK_MAIL.render("TextPart", given()).splitlines()


@pytest.mark.parametrize("part", ["TextPart", "HtmlPart"])
@pytest.mark.parametrize("trace", ["Note from the sender", "The link works", "Lost this email?"])
def test_no_trace_of_what_was_not_given(part: str, trace: str) -> None:
    """Without a note there is no heading for one, nor words of a portal that is none; no gap."""
    assert trace in LINK_MAIL.text_of(part, given(NOTE, ONCE, REQUEST_PAGE))
    assert trace not in LINK_MAIL.text_of(part, given())
    assert "\n\n\n" not in LINK_MAIL.render("TextPart", given())


@pytest.mark.parametrize("part", ["TextPart", "HtmlPart"])
def test_a_function_of_before_fills_the_template(part: str) -> None:
    """The sender stack is updated first: for some minutes LinkGenerator gives less than this."""
    later = ("limit", "requestUrl", "sender", "senderHtml", "senderName")
    before = {name: value for name, value in given(NOTE).items() if name not in later}

    assert LINK_MAIL.render(part, before) == LINK_MAIL.render(part, given(NOTE))


def test_the_only_way_out_is_the_download() -> None:
    """The HTML part links to the file, and to the portal's page where there is one."""
    assert Reader(LINK_MAIL.render("HtmlPart", given(NOTE))).links == [LINK]
    page = LINK_MAIL.render("HtmlPart", given(NOTE, request_url=REQUEST_PAGE))
    assert Reader(page).links == [LINK, REQUEST_PAGE]


def test_a_long_link_in_letters_breaks_anywhere() -> None:
    """One to S3 itself has up to 2,048 characters without a space, and phones are narrow."""
    page = LINK_MAIL.render("HtmlPart", given())

    [paragraph] = [one for one in page.split("<p ") if f">{html.escape(LINK)}</p>" in one]
    assert "word-break:break-all" in paragraph


def test_a_note_is_seen_to_be_the_senders() -> None:
    """With a label, and a mark before each line of the text; in a box of its own in the page."""
    file = StoredFile(Upload("b", "f.pdf", None), 5, NOW, {"note": encoded(FORGED)})
    data = {**given(), **mail_data_of(file, Validity(NOW, NOW))}

    lines = LINK_MAIL.render("TextPart", data).splitlines()
    start, end = lines.index("Note from the sender:") + 1, lines.index("Download the file:") - 1
    assert lines[start:end] == [f"> {line}".rstrip() for line in FORGED.splitlines()]
    assert [line for line in lines if line.startswith("http")] == [LINK]
    page = LINK_MAIL.render("HtmlPart", data)
    label, note = page.index("Note from the sender"), page.index("Hello.")
    assert page.rindex("border-left:4px", 0, label) < label < note < page.index("</table>", note)
