"""A deployment with a brand: name, logo and colour in every page and mail, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.server import EmbeddedAws
from tests.accessibility import problems_of
from tests.browser import Browser
from tests.deploy.brand.logos import png, svg
from tests.e2e.portal import Portal, press
from tests.e2e.test_portal_requests import request_links
from tests.local.apis import ask
from tests.waiting import until

pytestmark = pytest.mark.slow

NAME = "Lighthouse & Söhne"
LIGHT, DARK = "#003366", "#7fb2ff"
LOGO = svg('<rect width="96" height="48" fill="#003366"/>')
# What the browser makes of the logo, of its height, and of what stands on a button and behind it.
SEEN = """
const style = getComputedStyle(document.querySelector("button, a"));
const image = document.querySelector(".brand img");
const height = Math.round(image.getBoundingClientRect().height);
return [style.backgroundColor, style.color, image.complete, image.naturalWidth, height];
"""


class Branded(Portal):
    """s3link with its portal and the members area."""

    stacks = ("portal", "members")

    @property
    def members(self) -> str:
        api = self.account.client("apigatewayv2").get_api(ApiId=self.names["MembersApi"])
        return f"{api['ApiEndpoint']}/"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("operator") / "s3link.toml"


@pytest.fixture(scope="module")
def branded(config: Path) -> Iterator[Branded]:
    (config.parent / "logo.svg").write_bytes(LOGO)
    with EmbeddedAws(retry_delays=(0.05, 0.05)) as aws:
        yield Branded(
            aws,
            config.parent,
            brand_name=NAME,
            brand_color=f"{LIGHT},{DARK}",
            brand_logo="logo.svg",
            ConfirmRecipient="false",
        )


def pages(portal: Branded) -> dict[str, str]:
    shared = portal.share("report (final).pdf", note="A note")
    return {
        "the page of a link": shared.link,
        "the page where links are asked for": f"{portal.url}/",
        "the members' page": portal.members,
        "a page that says why not": f"{portal.url}/d/A",
    }


def test_every_page_is_the_brands_and_can_be_read(branded: Branded, window: Browser) -> None:
    """The logo is seen, under the page's own policy; no brand makes a page hard to use."""
    for what, address in pages(branded).items():
        window.open(address)
        assert window.text(".brand") == NAME, what
        assert window.run(SEEN)[2:] in ([True, 96, 44],) or not window.shows("button, a"), what
        assert problems_of(window) == [], what
    refused = [line for line in window.log() if "Content Security Policy" in line]
    assert refused == []


def test_a_button_has_the_colour_of_each_mode(branded: Branded, browser: Browser) -> None:
    """With the text that can be read on it, and a logo that stands on white in the dark."""
    browser.open(f"{branded.url}/")

    browser.see_as("light")
    assert browser.run(SEEN) == ["rgb(0, 51, 102)", "rgb(255, 255, 255)", True, 96, 44]
    browser.see_as("dark")
    assert browser.run(SEEN) == ["rgb(127, 178, 255)", "rgb(0, 0, 0)", True, 96, 44]
    ground = "return getComputedStyle(document.querySelector('.brand img')).backgroundColor"
    assert browser.run(ground) == "rgb(255, 255, 255)"


def test_links_have_a_shade_that_can_be_read(branded: Branded, browser: Browser) -> None:
    """The page after the click has links for which the brand's own colour would be too pale."""
    browser.open(branded.share().link)
    browser.click("button")
    browser.wait_until(lambda: browser.text("h1") == "Your download has started")

    assert browser.text(".brand") == NAME
    assert problems_of(browser) == []


def test_both_mails_are_the_brands(branded: Branded) -> None:
    """LinkGenerator's and LinkMailer's; subjects stay."""
    shared = branded.share()
    request_links(branded, shared.recipient)
    until(lambda: len(branded.mails_to(shared.recipient)) == 2)

    for mail in branded.mails_to(shared.recipient):
        assert f"\nFrom: {NAME}\n" in mail.text
        assert "Lighthouse &amp; Söhne</p>" in mail.html
        assert f'<td class="button" bgcolor="{LIGHT}"' in mail.html
        assert f"background: {DARK} !important" in mail.html
        assert NAME not in mail.subject


def test_a_program_gets_its_file_as_ever(branded: Branded) -> None:
    shared = branded.share()

    reply = press(shared.link)

    assert reply.status == 303
    assert ask(reply.header("location") or "").body == shared.content


def test_a_brand_changes_and_goes(branded: Branded, config: Path, window: Browser) -> None:
    """A plan says so, a deploy does so; the last test here, as others want the brand."""
    before = config.read_text()
    (config.parent / "logo.svg").write_bytes(png(96, 48))
    changes = branded.s3link("plan")
    deployed = branded.s3link("deploy")
    window.open(f"{branded.url}/")
    assert window.run(SEEN)[2:] == [True, 96, 44]

    config.write_text("".join(line for line in before.splitlines(True) if "brand_" not in line))
    goes = branded.s3link("plan --output json")
    plain = branded.s3link("deploy")
    again = branded.s3link("plan")
    window.open(f"{branded.url}/")

    sentence = "The brand of s3link.toml, [s3link] changes in pages and mails, with the code."
    gone = (
        "The brand is taken away from pages and mails: s3link.toml has none of brand_name, "
        "brand_color and brand_logo in [s3link]."
    )
    assert sentence in changes.stdout.splitlines()
    assert sentence in deployed.stderr
    assert goes.document["brand"] == gone
    assert goes.document["has_changes"]
    assert gone in plain.stderr
    assert "Nothing to change." in again.stdout
    assert "brand" not in again.stdout
    assert not window.shows(".brand")


def test_a_logo_that_cannot_be_used_stops_a_deploy(branded: Branded, config: Path) -> None:
    """Before anything is changed; doctor says it, too."""
    (config.parent / "bad.svg").write_bytes(svg("<script>alert(1)</script>"))
    config.write_text(f'{config.read_text()}\nbrand_name = "X"\nbrand_logo = "bad.svg"\n')

    said = (
        'brand_logo: "bad.svg" (from s3link.toml, [s3link]) cannot be used: it has a <script> '
        "element, which a logo does not need; remove it."
    )
    runs = [branded.s3link(command) for command in ("deploy", "plan", "doctor")]
    assert [ran.exit_code for ran in runs] == [1, 1, 1]
    assert runs[0].error == f"{said} Correct it, or leave brand_logo out."
    assert runs[1].error == said
    assert f"FIX\tbrand\t{said}" in runs[2].stdout
    # Whoever only looks or sends is not kept from it.
    assert branded.s3link("status").exit_code == 0
