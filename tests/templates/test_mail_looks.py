"""How the mails of all templates look, whichever program shows them."""

from __future__ import annotations

import re

import pytest

from tests.templates import test_mail, test_portal_mail, test_share_mail
from tests.templates.mails import (
    CODE_MAIL,
    INVITATION_MAIL,
    LINK_MAIL,
    PARTS,
    PORTAL_MAIL,
    Data,
    MailTemplate,
    Reader,
)
from tests.templates.reading import TEMPLATES

OF_SES = {"LinkTemplate": LINK_MAIL, "PortalMailTemplate": PORTAL_MAIL}
# What a user pool mails in the words of the template.
OF_COGNITO = {"InviteMessageTemplate": INVITATION_MAIL, "VerificationMessageTemplate": CODE_MAIL}
MAILS = {**OF_SES, **OF_COGNITO}

each_mail = pytest.mark.parametrize("mail", MAILS.values(), ids=MAILS)
each_filled = pytest.mark.parametrize(
    ("mail", "data"),
    [
        pytest.param(LINK_MAIL, test_mail.given(), id="announced"),
        pytest.param(LINK_MAIL, test_mail.given(test_mail.NOTE), id="announced with a note"),
        pytest.param(LINK_MAIL, test_share_mail.given(), id="several files"),
        pytest.param(LINK_MAIL, test_share_mail.with_links(), id="several files, a link to each"),
        *(
            pytest.param(PORTAL_MAIL, make(), id=kind)
            for kind, (make, _) in test_portal_mail.MAILS.items()
        ),
        *(pytest.param(mail, {}, id=name) for name, mail in OF_COGNITO.items()),
    ],
)


def test_these_are_all_mails() -> None:
    """A mail that is added gets its looks checked."""
    of_cognito = {name for t in TEMPLATES for name in re.findall(r"(\w+MessageTemplate):", t.text)}

    assert {name for t in TEMPLATES for name in t.of_type("AWS::SES::Template")} == set(OF_SES)
    assert of_cognito == set(OF_COGNITO)


@each_mail
@pytest.mark.parametrize("part", PARTS)
def test_only_simple_handlebars(mail: MailTemplate, part: str) -> None:
    """Variables, and whole blocks of if and each: SES and local mode agree on these."""
    page = mail.parts[part]

    rest = re.sub(r"\{\{(#if |#each )?\w+\}\}|\{\{/(if|each)\}\}", "", page)

    assert "{{" not in rest
    assert "}}" not in rest
    for block in ("if", "each"):
        assert page.count(f"{{{{#{block} ") == page.count(f"{{{{/{block}}}}}")


@each_mail
@pytest.mark.parametrize("part", ["SubjectPart", "TextPart"])
def test_text_takes_no_values_made_for_html(mail: MailTemplate, part: str) -> None:
    """Nobody reads `&amp;` in a subject or a text."""
    assert [name for name in mail.variables_of(part) if name.endswith("Html")] == []


@each_filled
def test_html_part_is_well_formed_and_loads_nothing(mail: MailTemplate, data: Data) -> None:
    """Elements end in order; no images, no fonts, nothing that tells who has read it."""
    reader = Reader(mail.render("HtmlPart", data))

    assert reader.open == []
    assert reader.loaded == []
    assert reader.tags.isdisjoint({"img", "link", "script", "iframe", "form"})
    assert "url(" not in mail.parts["HtmlPart"]
    assert "@import" not in mail.parts["HtmlPart"]


@each_mail
def test_html_part_is_made_for_small_screens_outlook_and_dark_mode(mail: MailTemplate) -> None:
    """Widths give way, Outlook gets its table, and both colour schemes are provided for."""
    page = mail.parts["HtmlPart"]

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


@each_mail
def test_mail_has_no_other_colours_of_words(mail: MailTemplate) -> None:
    """The table above is about these mails: all their colours of words, and grounds they have."""
    page = mail.parts["HtmlPart"]

    words = set(re.findall(r"[ ;\"]color: ?(#\w{6})", page))
    grounds = set(re.findall(r"background: ?(#\w{6})", page))

    assert words == set(GROUNDS)
    assert set(GROUNDS.values()) <= grounds


@each_mail
def test_template_is_far_below_the_limit(mail: MailTemplate) -> None:
    """SES takes templates of up to 500 KB; mail programs cut off pages of more than about 100."""
    assert sum(len(mail.parts[part].encode()) for part in PARTS) < 20_000
