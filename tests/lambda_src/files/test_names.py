"""A file is downloaded under its real name, in every browser and whatever the name is."""

from __future__ import annotations

from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any
from urllib.parse import quote

import pytest
from files.names import content_disposition, file_name
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

MODERN = "the name in a browser that reads filename*"
OLD = "the name in a browser that reads filename only"


def names_in(disposition: str) -> dict[str, str]:
    """The names in the header, the modern one as two independent parsers read it."""
    fallback = disposition.partition('filename="')[2].partition('"')[0]
    kind, options = parse_options_header(disposition)
    message = Message()
    message["Content-Disposition"] = disposition.replace(f'filename="{fallback}"; ', "")
    assert kind == "attachment" == message.get_content_disposition()
    encoded: Any = message.get_param("filename", header="Content-Disposition")
    assert options["filename"] == collapse_rfc2231_value(encoded)
    return {MODERN: options["filename"], OLD: fallback}


@pytest.mark.parametrize(
    ("key", "name", "fallback"),
    [
        ("report.pdf", "report.pdf", "report.pdf"),
        ("a/b/report.pdf", "report.pdf", "report.pdf"),
        ("bob@example.com/my report (final).pdf", "my report (final).pdf", "my report (final).pdf"),
        ("1 + 1 = 2.txt", "1 + 1 = 2.txt", "1 + 1 = 2.txt"),
        ("100% sure.txt", "100% sure.txt", "100_ sure.txt"),
        ("100%25.txt", "100%25.txt", "100_25.txt"),
        ('"quoted".txt', '"quoted".txt', "_quoted_.txt"),
        ("it's; here, now.txt", "it's; here, now.txt", "it's; here, now.txt"),
        ("Übergrößenträger.pdf", "Übergrößenträger.pdf", "Ubergro_entrager.pdf"),
        ("レポート.pdf", "レポート.pdf", "____.pdf"),
        ("🎉 party.png", "🎉 party.png", "_ party.png"),
        ("👩‍👩‍👧.png", "👩‍👩‍👧.png", "_____.png"),
        ("℀.txt", "℀.txt", "a_c.txt"),
        ("<img src=x onerror=alert(1)>.html", "<img src=x onerror=alert(1)>.html", None),
        ("line\nbreak.txt", "line_break.txt", "line_break.txt"),
        ("line\r\nSet-Cookie: a=b.txt", "line__Set-Cookie: a=b.txt", "line__Set-Cookie: a=b.txt"),
        ("tab\tnull\x00del\x7f.txt", "tab_null_del_.txt", "tab_null_del_.txt"),
        ("line\u2028separator.txt", "line_separator.txt", "line_separator.txt"),
        ("annexe\u202efdp.exe", "annexefdp.exe", "annexefdp.exe"),
        ("\u200fשלום\u200f.txt", "שלום.txt", "____.txt"),
        ("back\\slash.txt", "back_slash.txt", "back_slash.txt"),
        ("folder/", "folder", "folder"),
        ("///", "download", "download"),
        (" ", "download", "download"),
        ("folder/...", "download", "download"),
        (".htaccess", ".htaccess", ".htaccess"),
    ],
)
def test_a_download_has_the_real_name(key: str, name: str, fallback: str | None) -> None:
    """Only what no file name may hold is replaced; old browsers get the nearest ASCII."""
    names = names_in(content_disposition(file_name(key)))

    assert names == {MODERN: name, OLD: fallback or name}


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="Q3 report.pdf"', "Q3 report.pdf"),
        ("attachment; filename=report.pdf", "report.pdf"),
        ("ATTACHMENT;FileName = report.pdf ; size=7", "report.pdf"),
        ("attachment; filename*=UTF-8''%C3%9Cbung.pdf; filename=\"Ubung.pdf\"", "Übung.pdf"),
        ("attachment; filename=\"Ubung.pdf\"; filename*=utf-8'de'%C3%9Cbung.pdf", "Übung.pdf"),
        ("attachment; filename*=ISO-8859-1''%DCbung.pdf", "Übung.pdf"),
        ('inline; filename="report.pdf"', "report.pdf"),
        ('filename="report.pdf"', "report.pdf"),
        # As curl sends it, and Python reads it.
        ('attachment; filename="Ã\x9cbung.pdf"', "Übung.pdf"),
        ('attachment; filename="Übung.pdf"', "Übung.pdf"),
        (r'attachment; filename="the \"best\".pdf"', 'the "best".pdf'),
        ('attachment; filename="a;b, filename=c.pdf"', "a;b, filename=c.pdf"),
        ('attachment; name="; filename=evil.exe"; filename="report.pdf"', "report.pdf"),
        ('attachment; filename="first.pdf"; filename="second.pdf"', "first.pdf"),
        ('attachment; filename="not ended.pdf', "not ended.pdf"),
        # What filename* says is of no use, what filename says is.
        ("attachment; filename*=UTF-8''%FF%FE; filename=report.pdf", "report.pdf"),
        ("attachment; filename*=UTF-7''+AC8-; filename=report.pdf", "report.pdf"),
        ("attachment; filename*=idna''xn--a; filename=report.pdf", "report.pdf"),
        ("attachment; filename*=%C3%9Cbung.pdf; filename=report.pdf", "report.pdf"),
        ("attachment; filename*=UTF-8''%2E%2E; filename=report.pdf", "report.pdf"),
        # Paths lead nowhere.
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ("attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", "passwd"),
        (r'attachment; filename="C:\Users\bob\report.pdf"', "report.pdf"),
        (r'attachment; filename="C:\\Users\\bob\\report.pdf"', "report.pdf"),
        # Nor do lines, or another direction.
        ("attachment; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20b.txt", "a__Set-Cookie: b.txt"),
        ("attachment; filename*=UTF-8''annexe%E2%80%AEfdp.exe", "annexefdp.exe"),
        ("attachment; filename*=UTF-8''a%00.txt", "a_.txt"),
        # Of no use at all: the key's name stands.
        ("", "7f3e"),
        ("inline", "7f3e"),
        ("attachment", "7f3e"),
        ("attachment; filename=", "7f3e"),
        ('attachment; filename=""', "7f3e"),
        ('attachment; filename="."', "7f3e"),
        ('attachment; filename=".."', "7f3e"),
        ('attachment; filename="folder/"', "7f3e"),
        ('attachment; filename=" . "', "7f3e"),
        ("attachment; filename*=UTF-8''%E2%80%AE", "7f3e"),
        (';;;=;"', "7f3e"),
    ],
)
def test_a_files_own_name_stands_before_its_keys(disposition: str, name: str) -> None:
    """RFC 6266, from whoever uploaded it: made safe, or passed over."""
    assert file_name("bob@example.com/7f3e", disposition) == name


def test_a_very_long_own_name_is_shortened_as_a_keys_is() -> None:
    """In the link, where S3 would refuse it; before its extension."""
    name = file_name("7f3e", f'attachment; filename="{"a" * 6000}.pdf"')

    assert len(quote(content_disposition(name), safe="")) <= 4500
    assert names_in(content_disposition(name))[MODERN].endswith("aaa.pdf")


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_disposition_breaks_the_header(plain: str, encoded: str) -> None:
    """Whatever it says, the file has a name that a header can carry, and no path."""
    stated = f'attachment; filename="{plain}"; filename*={encoded}'

    name = file_name("7f3e", stated)

    assert names_in(content_disposition(name))[MODERN] == name
    assert not {"/", "\\", "\n", "\r", "\x00", "\u202e"} & set(name)
    assert name.strip(" .")


@given(st.text(min_size=1, max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_name_breaks_the_header(key: str) -> None:
    """Any key gives one line of printable ASCII that a browser reads as the name we mean."""
    disposition = content_disposition(file_name(key))

    names = names_in(disposition)

    assert disposition.isascii()
    assert disposition.isprintable()
    assert names[MODERN] == file_name(key)
    assert not set('/\\"%') & set(names[OLD])


@given(st.text(min_size=1, max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_name_leads_out_of_the_download_folder(key: str) -> None:
    """A name has no path separator, no control character, and is never only dots."""
    name = file_name(key)

    assert not {"/", "\\", "\n", "\r", "\x00", "\u202e"} & set(name)
    assert name.strip(" .")


@pytest.mark.parametrize(
    ("name", "is_whole"),
    [
        ("a" * 1020 + ".pdf", True),
        ("ü" * 125 + ".pdf", True),
        ("語" * 251 + ".pdf", True),
        ("ü" * 510 + ".pdf", False),
        ("語" * 340 + ".pdf", False),
        ("🎉" * 255 + ".pdf", False),
        ("語" * 341, False),
        ("a." + "語" * 340, False),
    ],
)
def test_a_name_is_shortened_only_where_s3_would_refuse_the_link(name: str, is_whole: bool) -> None:
    """Names that a disk can hold (255 characters) are whole; others keep their extension."""
    disposition = content_disposition(name)

    read = names_in(disposition)[MODERN]

    assert (read == name) is is_whole
    assert len(quote(disposition, safe="")) <= 4500
    assert name.startswith(read.removesuffix(".pdf"))
    assert read.endswith(".pdf") or not name.endswith(".pdf")
