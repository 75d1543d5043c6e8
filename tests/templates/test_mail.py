"""The mail that announces a file, rendered as SES renders it."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest
from moto.ses.template import parse_template

from tests.templates.reading import SENDER

MAIL: dict[str, str] = SENDER.properties("LinkTemplate")["Template"]
PARTS = ("SubjectPart", "TextPart", "HtmlPart")

# All that LinkGenerator gives. SES accepts a mail whose template wants more, and never sends it.
VARIABLES = {
    "fileName",
    "fileNameHtml",
    "fileSize",
    "note",
    "noteHtml",
    "expiresAt",
    "link",
    "linkHtml",
}
FILE_NAME = 'Angebot <final> & "Ü".pdf'
LINK = "https://files.example.com/x?a=1&b=2"
EXPIRES_AT = "Saturday 21 November 2026, 18:05 UTC"
NOTE = "As discussed.\nPage 3 is < new >."


def render(part: str, note: str = "") -> str:
    rendered: str = parse_template(
        MAIL[part],
        {
            "fileName": FILE_NAME,
            "fileNameHtml": html.escape(FILE_NAME),
            "fileSize": "3.4 MB",
            "note": note,
            "noteHtml": html.escape(note).replace("\n", "<br>"),
            "expiresAt": EXPIRES_AT,
            "link": LINK,
            "linkHtml": html.escape(LINK),
        },
    )
    return rendered


class Reader(HTMLParser):
    """What a reader of the HTML part has: the words, the links, and what is loaded."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.tags.add(tag)
        if tag == "a":
            self.links.append(given["href"] or "")
        self.loaded += [value or "" for name, value in attributes if name in ("src", "background")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, words: str) -> None:
        if "style" not in self.open and "head" not in self.open:
            self.words.append(words)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def text_of(part: str, note: str = "") -> str:
    rendered = render(part, note)
    return Reader(rendered).text if part == "HtmlPart" else " ".join(rendered.split())


def variables_of(part: str) -> set[str]:
    return set(re.findall(r"\{\{(?:#if )?(\w+)\}\}", MAIL[part]))


def test_template_wants_nothing_that_is_not_given() -> None:
    """A variable that nobody gives would keep the mail from leaving, without an error."""
    wanted = {name for part in PARTS for name in variables_of(part)}

    assert wanted <= VARIABLES


@pytest.mark.parametrize("part", PARTS)
def test_only_simple_handlebars(part: str) -> None:
    """Every pair of braces is a variable or a whole {{#if}}: SES and local mode agree on these."""
    rest = re.sub(r"\{\{(#if )?\w+\}\}|\{\{/if\}\}", "", MAIL[part])

    assert "{{" not in rest
    assert "}}" not in rest
    assert MAIL[part].count("{{#if ") == MAIL[part].count("{{/if}}")


def test_html_part_takes_only_values_made_for_html() -> None:
    """What a stranger may choose is escaped in the HTML part; size and time are plain ASCII."""
    assert variables_of("HtmlPart") == {
        "fileNameHtml",
        "fileSize",
        "note",
        "noteHtml",
        "expiresAt",
        "linkHtml",
    }
    assert "{{note}}" not in MAIL["HtmlPart"]  # only asked for, in {{#if note}}


@pytest.mark.parametrize("part", ["SubjectPart", "TextPart"])
def test_text_takes_no_values_made_for_html(part: str) -> None:
    """Nobody reads `&amp;` in a subject or a text."""
    assert [name for name in variables_of(part) if name.endswith("Html")] == []


def test_subject_is_one_line_with_the_file_name() -> None:
    """The list of mails already says which file it is."""
    assert render("SubjectPart") == f"File for you: {FILE_NAME}"


@pytest.mark.parametrize("part", ["TextPart", "HtmlPart"])
@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(FILE_NAME, id="the file's name"),
        pytest.param("3.4 MB", id="its size"),
        pytest.param(f"The link works until {EXPIRES_AT}", id="when it stops working"),
        pytest.param("As discussed. Page 3 is < new >.", id="the sender's note"),
        pytest.param("made for you alone", id="that it is personal"),
        pytest.param("Please do not forward this mail", id="not to pass it on"),
        pytest.param("ask the person who shared the file", id="what to do afterwards"),
        pytest.param("You get this mail because", id="why it came"),
    ],
)
def test_both_parts_say_everything(part: str, wanted: str) -> None:
    """Whoever reads only text, or only HTML, reads all of it."""
    assert wanted in text_of(part, NOTE).replace("until:", "until")


def test_text_part_has_the_link_on_a_line_of_its_own() -> None:
    """The link can be clicked and copied, and nothing sticks to it."""
    assert LINK in render("TextPart").splitlines()


@pytest.mark.parametrize("part", ["TextPart", "HtmlPart"])
def test_no_trace_of_a_note_that_was_not_given(part: str) -> None:
    """Without a note there is no heading for one, and no gap."""
    assert "Note from the sender" in text_of(part, NOTE)
    assert "Note from the sender" not in text_of(part)
    assert "\n\n\n" not in render("TextPart")


def test_html_part_has_one_link_and_loads_nothing() -> None:
    """The only way out is the download: no images, no fonts, nothing that tells who has read it."""
    reader = Reader(render("HtmlPart", NOTE))

    assert reader.links == [LINK]
    assert reader.loaded == []
    assert reader.tags.isdisjoint({"img", "link", "script", "iframe", "form"})
    assert "url(" not in MAIL["HtmlPart"]
    assert "@import" not in MAIL["HtmlPart"]


def test_html_part_is_well_formed() -> None:
    """Every element is closed in order, with and without a note."""
    assert Reader(render("HtmlPart")).open == []
    assert Reader(render("HtmlPart", NOTE)).open == []


def test_html_part_is_made_for_small_screens_outlook_and_dark_mode() -> None:
    """Widths give way, Outlook gets its table, and both colour schemes are provided for."""
    page = MAIL["HtmlPart"]

    wanted = (
        '<html lang="en">',
        '<meta name="viewport"',
        "max-width:560px",
        "@media (max-width: 620px)",
        "@media (prefers-color-scheme: dark)",
        '<meta name="color-scheme" content="light dark">',
        "<!--[if mso]>",
        "mso-padding-alt",
    )
    assert [part for part in wanted if part not in page] == []
    assert page.count("<table") == page.count('<table role="presentation"')


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# Each colour of words, and the ground it stands on.
GROUNDS = {
    "#1d2129": "#ffffff",  # text
    "#4d5561": "#ffffff",  # small print
    "#ffffff": "#0b57d0",  # the button
    "#f2f3f5": "#23262d",  # text in the dark
    "#b6bcc6": "#23262d",  # small print in the dark
}


@pytest.mark.parametrize(("words", "ground"), GROUNDS.items())
def test_words_can_be_read_on_their_ground(words: str, ground: str) -> None:
    """The contrast is at least 4.5 to 1 (WCAG 2.2, level AA)."""
    lighter, darker = sorted((_luminance(words), _luminance(ground)), reverse=True)

    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_mail_has_no_other_colours_of_words() -> None:
    """The table above is about this mail: all its colours of words, and grounds it has."""
    page = MAIL["HtmlPart"]

    words = set(re.findall(r"[ ;\"]color: ?(#\w{6})", page))
    grounds = set(re.findall(r"background: ?(#\w{6})", page))

    assert words == set(GROUNDS)
    assert set(GROUNDS.values()) <= grounds


def test_template_is_far_below_the_limit() -> None:
    """SES takes templates of up to 500 KB; mail programs cut off pages of more than about 100."""
    assert sum(len(MAIL[part].encode()) for part in PARTS) < 20_000
