"""What the mails have of the brand, and that without one they are as they always were."""

from __future__ import annotations

from typing import Any

import pytest
from brand.brand import Brand, Colours, Shades
from link_mailer.fitting import HTML_AROUND, HTML_OF_A_FILE
from mail.brand_data import brand_data_of, button_data_of

from tests.templates import test_mail, test_portal_mail
from tests.templates.mails import LINK_MAIL, PARTS, PORTAL_MAIL, Data, MailTemplate, Reader

GREEN = Shades("#0b8f6a", "#000000", "#0a835f", "#ffffff")
MINT = Shades("#3ddba8", "#000001", "#3ddba8", "#000000")
NAME = 'Lighthouse & "Söhne"'
NAME_IN_HTML = "Lighthouse &amp; &quot;Söhne&quot;"
ONE, TWO = Brand(NAME, "", Colours(GREEN, GREEN)), Brand(NAME, "", Colours(GREEN, MINT))
OF_BRANDS = frozenset({**brand_data_of(), **button_data_of()})

MAILS: list[Any] = [
    pytest.param(LINK_MAIL, test_mail.given(note="a", sender="Ann"), id="announced"),
    *(
        pytest.param(PORTAL_MAIL, make(), id=kind)
        for kind, (make, _) in test_portal_mail.MAILS.items()
    ),
]
each_mail = pytest.mark.parametrize(("mail", "data"), MAILS)


def branded(data: Data, brand: Brand) -> Data:
    """What a function gives that has a brand in its zip: for each file the button's colours."""
    of_buttons = button_data_of(brand)
    files = {"files": [{**file, **of_buttons} for file in data.get("files", [])]}
    of_top = {} if "files" in data else of_buttons
    return {**data, **(files if "files" in data else {}), **brand_data_of(brand), **of_top}


def as_before_brands(data: Data) -> Data:
    """What a function gave that knew of no brand."""

    def without(values: Data) -> Data:
        return {name: value for name, value in values.items() if name not in OF_BRANDS}

    files = {"files": [without(file) for file in data["files"]]} if "files" in data else {}
    return {**without(data), **files}


@each_mail
@pytest.mark.parametrize("part", PARTS)
def test_a_function_without_a_brand_mails_as_one_that_knows_of_none(
    mail: MailTemplate, data: Data, part: str
) -> None:
    """So a template may be newer than its function."""
    plain = mail.render(part, branded(data, Brand()))

    assert mail.render(part, as_before_brands(data)) == plain
    assert "button" not in plain.replace("If the button does not work", "")
    assert plain.count("background:#0b57d0;") == plain.count('bgcolor="#0b57d0"')


@each_mail
def test_without_a_brand_nothing_of_it_is_left(mail: MailTemplate, data: Data) -> None:
    """No empty line or space where the brand would be."""
    page = mail.render("HtmlPart", branded(data, Brand()))
    text = mail.render("TextPart", branded(data, Brand()))

    assert 'Helvetica,sans-serif;">\n<h1 class="strong" style="margin:0 0 20px;' in page
    assert page.count('<tr><td bgcolor="#0b57d0" align="center" style="background:#0b57d0;\n') == (
        page.count('text-decoration:none;">Download the')
    )
    assert "color:#ffffff;\n  text-decoration:none" in page or not data.get("files", True)
    assert "\n\n\n" not in text
    assert "From: " not in text


@each_mail
@pytest.mark.parametrize("brand", [ONE, TWO], ids=["one colour", "two colours"])
def test_name_and_colour_are_in_every_mail(mail: MailTemplate, data: Data, brand: Brand) -> None:
    """The name above the headline, and on every button the colour with its text."""
    page = mail.render("HtmlPart", branded(data, brand))
    buttons = page.count('text-decoration:none;">Download the')

    assert page.index(NAME_IN_HTML) < page.index("<h1")
    assert page.count('<td class="button" bgcolor="#0b8f6a"') == buttons
    assert page.count("background:#0b8f6a;") == buttons
    # A program takes the last of two colours.
    assert page.count("color:#ffffff;\n  color:#000000;") == buttons
    assert "#0b57d0" not in page
    assert f"\nFrom: {NAME}\n" in mail.render("TextPart", branded(data, brand))
    assert "\n\n\n" not in mail.render("TextPart", branded(data, brand))
    assert NAME not in mail.render("SubjectPart", branded(data, brand))
    assert Reader(page).open == []
    assert Reader(page).loaded == []


@each_mail
def test_a_second_colour_is_for_the_dark(mail: MailTemplate, data: Data) -> None:
    one, two = (mail.render("HtmlPart", branded(data, brand)) for brand in (ONE, TWO))
    dark = (
        "\n  .button { background: #3ddba8 !important; }\n"
        "  .button a { color: #000001 !important; }"
    )

    assert two.count(dark) == 1
    assert two.index("@media (prefers-color-scheme: dark)") < two.index(dark)
    assert two.replace(dark, "") == one


def test_colour_and_name_go_alone() -> None:
    named = LINK_MAIL.render("HtmlPart", branded(test_mail.given(), Brand(NAME)))
    coloured = LINK_MAIL.render(
        "HtmlPart", branded(test_mail.given(), Brand(colours=Colours(GREEN, GREEN)))
    )

    assert NAME_IN_HTML in named
    assert 'bgcolor="#0b57d0"' in named
    assert 'bgcolor="#0b8f6a"' in coloured


def test_the_longest_brand_has_its_room() -> None:
    """LinkMailer reckons with so much around all files and for each of them."""
    longest = Brand("&" * 64, "", TWO.colours)
    data = branded(_one(), longest)

    around = len(PORTAL_MAIL.render("HtmlPart", {**data, "files": []}).encode())
    one = len(PORTAL_MAIL.render("HtmlPart", data).encode())

    assert around * 1.2 < HTML_AROUND
    assert (one - around) * 1.05 < HTML_OF_A_FILE


@pytest.mark.parametrize("mail", [LINK_MAIL, PORTAL_MAIL])
def test_what_of_brands_is_wanted_stands_in_an_if(mail: MailTemplate) -> None:
    """A function that is older gives none of it, and SES drops a mail that lacks a variable."""
    wanted = mail.variables & OF_BRANDS

    assert wanted == OF_BRANDS
    for part in PARTS:
        mail.render(part, as_before_brands(MAILS[0].values[1] if mail is LINK_MAIL else _one()))


def _one() -> Data:
    make, _ = test_portal_mail.MAILS["a reminder"]
    return make()
