"""What the mail that announces several files says, rendered as SES renders it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from files.expiry import Validity
from files.manifest import Manifest, SharedFile, manifest_key
from files.shares import metadata_of
from files.store import StoredFile
from files.uploads import Upload
from mail.mailboxes import Mailbox, parse_mailbox
from mail.template_data import (
    MOST_LISTED,
    file_links_data_of,
    link_data_of,
    mail_data_of,
    sender_data_of,
    share_data_of,
    subject_name_of,
    subject_of,
)

from deploy.local.ses.rendering import TemplateError, fill
from tests.templates.mails import LINK_MAIL, Data, Reader

NOW = datetime(2026, 11, 21, 13, 5, 30, tzinfo=UTC)
VALIDITY = Validity(NOW, NOW + timedelta(hours=5))
PORTAL_LINK = "https://portal.example.com/d/abc"
REQUEST_PAGE = "https://portal.example.com/"
ANN = parse_mailbox("Ann Example <ann@example.com>")
# Text and page of the template as it was before there were shares.
BEFORE = {
    "TextPart": "File: {{fileName}}\nSize: {{fileSize}}\n{{link}}",
    "HtmlPart": '<a href="{{linkHtml}}">{{fileNameHtml}}</a>',
}


def share(count: int = 12, note: str = "As promised & <more>") -> StoredFile:
    """So many files, each of 1 MB, every second in a folder."""
    files = tuple(
        SharedFile(f"{'Q3 & Q4/' if n % 2 else ''}<{n}> {'ä'}.pdf", f"v{n}", 1_000_000)
        for n in range(count)
    )
    manifest = Manifest(files, ("bob@example.com",), note=note)
    upload = Upload("example-files", manifest_key("abcdefgh"), "v1")
    return StoredFile(upload, 300, NOW, metadata_of(manifest), manifest=manifest)


def given(
    file: StoredFile | None = None, sender: Mailbox | None = ANN, downloads: int | None = 1
) -> Data:
    """What LinkGenerator gives for a share with a link to the portal."""
    file = file or share()
    return {
        **mail_data_of(file, VALIDITY, downloads),
        **share_data_of(file, sender, MOST_LISTED),
        **sender_data_of(sender),
        "senderName": subject_name_of(sender),
        "subject": subject_of(file, sender),
        "requestUrl": REQUEST_PAGE,
        **link_data_of(PORTAL_LINK),
    }


def links(count: int) -> list[str]:
    return [f"https://example-files.s3.example.com/{n}?a=1&b=2" for n in range(count)]


def with_links(count: int = 3) -> Data:
    """And where each file has a link to S3 itself."""
    file = share(count)
    shared = {
        **mail_data_of(file, VALIDITY),
        **share_data_of(file, None, None),
        **sender_data_of(None),
        "senderName": "",
        "subject": subject_of(file, None),
        "requestUrl": "",
    }
    return {**shared, **file_links_data_of(shared, links(count))}


def test_a_first_folder_that_is_an_address_is_not_shown() -> None:
    """As on the portal's page: other recipients need not know it."""
    keys = ("carol@example.com/minutes/may.pdf", "carol@example.com/june.pdf")
    files = tuple(SharedFile(key, "v1", 1) for key in keys)
    manifest = Manifest(files, ("bob@example.com",))
    file = replace(share(), metadata=metadata_of(manifest), manifest=manifest)

    mail = [LINK_MAIL.render(part, given(file)) for part in ("TextPart", "HtmlPart")]

    assert "- may.pdf, 1 byte, in minutes\n- june.pdf, 1 byte\n" in mail[0]
    assert not any("carol" in part for part in mail)


def test_the_text_is_complete() -> None:
    """Who shares how many files, the first ten, the size of all, and one link."""
    text = LINK_MAIL.render("TextPart", given())

    listed = [
        f"- <{n}> ä.pdf, 1.0 MB, in Q3 & Q4" if n % 2 else f"- <{n}> ä.pdf, 1.0 MB"
        for n in range(10)
    ]
    assert text.splitlines() == [
        "Ann Example (ann@example.com) shares 12 files with you.",
        "",
        "Files:",
        *listed,
        "and 2 more files",
        "",
        "Total size: 12.0 MB",
        "Link expires: Saturday 21 November 2026, 18:05 UTC",
        "Each file can be downloaded once.",
        "",
        "Note from the sender:",
        "> As promised & <more>",
        "",
        "Open the files:",
        PORTAL_LINK,
        "",
        "This link is for you alone. Please do not forward this email.",
        "",
        "Once the link has expired, ask whoever shared the files for a new one.",
        "",
        f"Lost this email? Get your links again at {REQUEST_PAGE}",
        "",
        "Not expecting files? Check with the sender by phone or in a new email first.",
    ]


def test_the_text_has_each_link_below_its_file() -> None:
    """Where there is no portal; then there is no other link, and no button."""
    text = LINK_MAIL.render("TextPart", with_links())

    first, second, third = links(3)
    assert text.splitlines() == [
        "3 files have been shared with you.",
        "",
        "Files:",
        "",
        "- <0> ä.pdf, 1.0 MB",
        first,
        "",
        "- <1> ä.pdf, 1.0 MB, in Q3 & Q4",
        second,
        "",
        "- <2> ä.pdf, 1.0 MB",
        third,
        "",
        "Total size: 3.0 MB",
        "Links expire: Saturday 21 November 2026, 18:05 UTC",
        "",
        "Note from the sender:",
        "> As promised & <more>",
        "",
        "These links are for you alone. Please do not forward this email.",
        "",
        "Once the links have expired, ask whoever shared the files for new ones.",
        "",
        "Not expecting files? Check with the sender by phone or in a new email first.",
    ]


def test_the_page_has_one_way_out() -> None:
    """The button leads where the link in letters does; the names in the list are no links."""
    page = Reader(LINK_MAIL.render("HtmlPart", given()))

    assert page.links == [PORTAL_LINK, REQUEST_PAGE]
    for wanted in (
        "Ann Example (ann@example.com) shares 12 files with you",
        "<9> ä.pdf 1.0 MB, in Q3 & Q4 and 2 more files",
        "12.0 MB in total The link expires on Saturday 21 November 2026, 18:05 UTC",
        "Each file can be downloaded once.",
        "As promised & <more>",
        "Open the files",
        f"copy this link into your browser: {PORTAL_LINK}",
    ):
        assert wanted in page.text
    assert "<10>" not in page.text


def test_in_the_page_each_name_is_the_link_to_its_file() -> None:
    """Where there is no portal; a link in letters would be too much of it."""
    page = Reader(LINK_MAIL.render("HtmlPart", with_links()))

    assert page.links == links(3)
    assert "The links expire on" in page.text
    for unwanted in ("Open the files", "If the button", "Download the file", "The link expires"):
        assert unwanted not in page.text


def test_one_more_is_one_file() -> None:
    """Not "1 more files"; and of ten files all are told."""
    assert "and 1 more file\n" in LINK_MAIL.render("TextPart", given(share(11)))
    assert "more" not in LINK_MAIL.render("TextPart", given(share(10, note="")))


def test_a_share_of_one_file_is_a_mail_of_one_file() -> None:
    """In the words that it always had."""
    text = LINK_MAIL.render("TextPart", given(share(1)))

    assert text.startswith(
        "Ann Example (ann@example.com) shares a file with you.\n\nFile: <0> ä.pdf\nSize: 1.0 MB\n"
    )
    assert "The link works once." in text
    assert "Download the file:" in text


@pytest.mark.parametrize("part", BEFORE)
def test_a_template_of_before_has_the_portals_link(part: str) -> None:
    """Whoever updates the generator first mails what the old template can say: the page has all."""
    assert "<0> ä.pdf and 11 more files" in fill(BEFORE["TextPart"], given())
    assert PORTAL_LINK in fill(BEFORE[part], given())


@pytest.mark.parametrize("part", BEFORE)
def test_a_template_of_before_does_not_mail_links_that_it_cannot_show(part: str) -> None:
    """It wants the one link that there is none of: SES tells of a mail that it could not render."""
    with pytest.raises(TemplateError, match=r"link(Html)?' is not present"):
        fill(BEFORE[part], with_links())


LONG = "x" * 300
ACUTE = "e\u0301"  # a letter and its accent


@pytest.mark.parametrize(
    ("name", "sender", "subject"),
    [
        ("a.pdf", None, "File for you: a.pdf"),
        ("a.pdf", ANN, "Ann Example shares a.pdf with you"),
        ("a\r\nBcc: eve@evil.example", None, "File for you: a__Bcc: eve@evil.example"),
        ("a\u2028b", ANN, "Ann Example shares a_b with you"),
        (LONG, None, f"File for you: {'x' * 92}…{'x' * 92}"),
        (LONG, ANN, f"Ann Example shares {'x' * 85}…{'x' * 85} with you"),
        # what belongs to the letter before it goes with it
        ("字" * 200 + ACUTE * 46, None, f"File for you: {'字' * 92}…{ACUTE * 46}"),
        ("字" * 200 + ACUTE * 46 + "f", None, f"File for you: {'字' * 92}…{ACUTE * 45}f"),
    ],
)
def test_a_subject_is_one_line_of_200_characters(
    name: str, sender: Mailbox | None, subject: str
) -> None:
    """Of any script; the middle of a long name is left out, for both ends say something."""
    file = StoredFile(Upload("b", name, None), 5, NOW, {})

    assert subject_of(file, sender) == subject
    assert len(subject) <= 200
    assert LINK_MAIL.render("SubjectPart", {"subject": subject}) == subject


def test_a_subject_of_several_files_tells_how_many() -> None:
    """Or, where nobody is named, which is the first."""
    assert subject_of(share(), ANN) == "Ann Example shares 12 files with you"
    assert subject_of(share(1000), ANN) == "Ann Example shares 1,000 files with you"
    assert subject_of(share(), None) == "Files for you: <0> ä.pdf and 11 more files"
    assert subject_of(share(1), None) == "File for you: <0> ä.pdf"


def test_a_long_name_of_a_sender_leaves_room_for_the_file() -> None:
    """An address may have 254 characters."""
    sender = parse_mailbox(f"{'b' * 60}@{'c' * 60}.example.com")
    file = StoredFile(Upload("b", LONG, None), 5, NOW, {})

    subject = subject_of(file, sender)

    who, name = subject.removesuffix(" with you").split(" shares ")
    assert who.startswith("bbb") and who.endswith(".example.com")
    assert (len(who), len(name), len(subject)) == (79, 103, 199)
