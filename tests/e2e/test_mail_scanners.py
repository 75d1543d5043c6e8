"""What mail scanners, link previews and prefetching browsers do to a link uses none of it up.

They open every link before its reader does, from many places, as many programs; some run the page
in a browser. Here the link is for one download, without a second try: the hardest case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urljoin

import pytest

from deploy.local.server import EmbeddedAws
from tests.browser import Browser
from tests.e2e.addresses import addresses_as_text, addresses_in
from tests.e2e.portal import Portal, Shared, follow, press
from tests.local.apis import ask

pytestmark = pytest.mark.slow

# What a scanner does with a mail and its link.
Scan = Callable[[Shared], None]

# As they call themselves; the portal does not look at it.
AGENTS = {
    "Slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Teams": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview",
    "Outlook": "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0) Microsoft Outlook",
    "WhatsApp": "WhatsApp/2.23.20.0",
    "Facebook": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Google": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Bing": "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Barracuda": "Mozilla/5.0 (compatible; BarracudaLinkProtect/1.0)",
    # SafeLinks and Proofpoint call themselves what the newest browsers do, or nothing at all.
    "SafeLinks": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    "Proofpoint": "",
    "curl": "curl/8.5.0",
    "Python": "python-requests/2.32.3",
}
# By what a browser says that nobody has asked for the page yet.
PREFETCHES = {
    "Chromium prefetches": {"Sec-Purpose": "prefetch", "Purpose": "prefetch"},
    "Chromium prerenders": {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"},
    "Firefox prefetches": {"X-Moz": "prefetch"},
    "Safari previews": {"X-Purpose": "preview"},
}


def get(shared: Shared) -> None:
    assert ask(shared.link).status == 200


def get_twice(shared: Shared) -> None:
    first, second = ask(shared.link), ask(shared.link)
    assert first.body == second.body


def head(shared: Shared) -> None:
    reply = ask(shared.link, "HEAD")
    assert (reply.status, reply.body) == (200, b"")


def head_then_get(shared: Shared) -> None:
    head(shared)
    get(shared)


def options(shared: Shared) -> None:
    ask(shared.link, "OPTIONS")


def cors_preflight(shared: Shared) -> None:
    ask(
        shared.link,
        "OPTIONS",
        headers={"Origin": "https://example.org", "Access-Control-Request-Method": "POST"},
    )


def other_methods(shared: Shared) -> None:
    for method in ("PUT", "PATCH", "DELETE"):
        assert ask(shared.link, method).status == 404


def a_part_only(shared: Shared) -> None:
    """The first bytes, to find out what it is."""
    ask(shared.link, headers={"Range": "bytes=0-1023"})


def get_with_a_mark(shared: Shared) -> None:
    """With a parameter of the scanner's own."""
    assert ask(f"{shared.link}?utm_source=mail&scanned=1").status == 200


def get_without_the_end(shared: Shared) -> None:
    """The link as a mail client has broken it."""
    assert ask(shared.link[:-1]).status == 404
    assert ask(f"{shared.link}A").status == 404


def twenty_at_once(shared: Shared) -> None:
    with ThreadPoolExecutor(20) as scanners:
        replies = list(scanners.map(ask, [shared.link] * 20))
    assert {reply.status for reply in replies} == {200}


def every_address_in_the_mail(shared: Shared) -> None:
    """Of the text and of the HTML, as they stand there."""
    found = {*addresses_in(shared.mail.html, shared.link), *addresses_as_text(shared.mail.text)}
    assert shared.link in found
    for address in found:
        ask(address)


def every_address_in_the_page(shared: Shared) -> None:
    """And what each form's address gives to a GET, with its fields."""
    page = ask(shared.link).body.decode()
    found = addresses_in(page, shared.link)
    assert shared.link in found  # the form's
    for address in found:
        ask(address)
        ask(f"{address}?address=bob%40example.com")


def the_whole_site(shared: Shared) -> None:
    """What crawlers look for beside a page."""
    for path in ("/", "/robots.txt", "/favicon.ico", "/sitemap.xml", "/d/", "/d"):
        ask(urljoin(shared.link, path))


def as_agent(agent: str) -> Scan:
    def scan(shared: Shared) -> None:
        assert ask(shared.link, headers={"User-Agent": agent} if agent else {}).status == 200
        ask(shared.link, "HEAD", headers={"User-Agent": agent} if agent else {})

    return scan


def as_prefetch(headers: dict[str, str]) -> Scan:
    def scan(shared: Shared) -> None:
        assert ask(shared.link, headers=headers).status == 200

    return scan


SCANS: dict[str, Scan] = {
    "GET": get,
    "GET twice": get_twice,
    "HEAD": head,
    "HEAD, then GET": head_then_get,
    "OPTIONS": options,
    "CORS preflight": cors_preflight,
    "PUT, PATCH, DELETE": other_methods,
    "GET of a part": a_part_only,
    "GET with a mark": get_with_a_mark,
    "GET of a broken link": get_without_the_end,
    "20 GETs at once": twenty_at_once,
    "GET of every href and src in the mail": every_address_in_the_mail,
    "GET of every href, src and action in the page": every_address_in_the_page,
    "GET of what is beside the page": the_whole_site,
    **{f"preview by {name}": as_agent(agent) for name, agent in AGENTS.items()},
    **{name: as_prefetch(headers) for name, headers in PREFETCHES.items()},
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with EmbeddedAws(retry_delays=(0.05, 0.05)) as aws:
        folder = tmp_path_factory.mktemp("operator")
        yield Portal(aws, folder, MaxDownloads="1", DownloadGracePeriod="0")


def works_exactly_once(portal: Portal, shared: Shared) -> None:
    """The reader's click gives the file, and the next one nothing."""
    assert follow(press(shared.link)).body == shared.content
    assert press(shared.link).status == 410
    assert portal.row(shared.id)["Downloads"] == 1


@pytest.mark.parametrize("scan", SCANS.values(), ids=SCANS)
def test_after_a_scan_the_link_works_once(portal: Portal, scan: Scan) -> None:
    """Nothing in the link's row has changed, and its reader gets the file."""
    shared = portal.share()
    before = portal.row(shared.id)

    scan(shared)

    assert portal.row(shared.id) == before
    works_exactly_once(portal, shared)


def test_after_all_scans_the_link_works_once(portal: Portal) -> None:
    """One after the other, on one link."""
    shared = portal.share()
    before = portal.row(shared.id)

    for scan in SCANS.values():
        scan(shared)

    assert portal.row(shared.id) == before
    works_exactly_once(portal, shared)


def test_after_a_browser_has_run_the_page_the_link_works_once(
    portal: Portal, window: Browser, tmp_path: Path
) -> None:
    """Sandboxes let the page run its scripts, look at it from top to bottom, and take a picture."""
    shared = portal.share(note="A note.")
    before = portal.row(shared.id)

    for scheme in ("light", "dark"):
        window.see_as(scheme)
        window.open(shared.link)
        window.run("scrollTo(0, document.body.scrollHeight)")
        window.run("for (const one of document.querySelectorAll('*')) one.focus?.()")
        window.screenshot(tmp_path / "page.png")

    assert portal.row(shared.id) == before
    works_exactly_once(portal, shared)


def test_what_scanners_see_is_for_no_cache_and_no_index(portal: Portal) -> None:
    """Neither a proxy on the way nor a search engine keeps the page of a link."""
    reply = ask(portal.share().link, headers={"User-Agent": AGENTS["Google"]})

    assert reply.header("cache-control") == "no-store"
    assert reply.header("referrer-policy") == "no-referrer"
    assert "noindex" in str(reply.header("x-robots-tag"))


def test_a_mail_has_no_address_but_its_link_and_the_request_page(portal: Portal) -> None:
    """Each part of it; no picture or counter that tells who has opened the mail."""
    shared = portal.share()

    assert set(addresses_in(shared.mail.html, "")) == {shared.link, f"{portal.url}/"}
    assert addresses_as_text(shared.mail.text) == [shared.link, f"{portal.url}/"]
