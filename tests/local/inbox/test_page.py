"""The inbox page, as a person uses it in Chromium."""

from __future__ import annotations

import pytest

from deploy.local.inbox.mailbox import MAILBOX
from tests.browser import Browser
from tests.local.account import Account

pytestmark = pytest.mark.slow

_DOWN, _UP, _ESCAPE = "\ue015", "\ue013", "\ue00c"
_HTML = "<!DOCTYPE html><html><head></head><body><p>Take it.</p></body></html>"


@pytest.fixture
def inbox(account: Account, window: Browser) -> Browser:
    """The page of a deployment that has had no mail yet, on a wide screen."""
    account.aws.deployed = {
        "endpoint": account.aws.endpoint,
        "bucket": account.create_bucket("files"),
        "deployment": "s3link",
        "region": "eu-west-1",
    }
    window.see_as("light")
    window.open(f"{account.aws.endpoint}/_s3link/inbox")
    return window


def _deliver(subject: str, *recipients: str, text: str = "text", html: str = _HTML) -> str:
    to = recipients or ("bob@example.com",)
    return MAILBOX.deliver("files@example.com", to, subject, text, html).id


def _arrive(inbox: Browser, *subjects: str) -> None:
    """Deliver mails, and wait until the page shows them by itself."""
    for subject in subjects:
        _deliver(subject)
    inbox.wait_until(lambda: inbox.texts(".what")[: len(subjects)] == [*reversed(subjects)])


def test_empty_inbox(inbox: Browser, account: Account) -> None:
    """Without mail, the page says what to type."""
    inbox.wait_until(lambda: inbox.shows("#empty"))

    assert "No mail yet" in inbox.text("#empty")
    command = inbox.text("#command")
    assert f"aws --endpoint-url {account.aws.endpoint} --region eu-west-1" in command
    assert "s3 cp report.pdf s3://files/" in command


def test_before_the_deployment(account: Account, window: Browser) -> None:
    """While the stacks are being made, the page says so, and goes on by itself."""
    window.open(f"{account.aws.endpoint}/_s3link/inbox")
    window.wait_until(lambda: window.shows("#starting"))

    account.create_bucket("files")
    account.aws.deployed = {"bucket": "files", "endpoint": "", "region": "", "deployment": ""}

    window.wait_until(lambda: window.shows("#empty"))
    assert not window.shows("#starting")


def test_mails_appear_by_themselves(inbox: Browser) -> None:
    """New mails come on top, unread, and the window's title counts them."""
    _arrive(inbox, "first", "second")

    assert len(inbox.texts(".entry.unread")) == 2
    assert inbox.title == "(2) s3link inbox"
    assert inbox.texts(".who") == ["bob@example.com", "bob@example.com"]


def test_reading(inbox: Browser) -> None:
    """A click opens a mail with its recipients and its HTML, and it is unread no more."""
    _deliver("A file", "bob@example.com", "carol@example.com")
    inbox.wait_until(lambda: inbox.shows(".entry"))

    inbox.click(".entry")

    assert inbox.text("#subject") == "A file"
    assert inbox.text("#from") == "files@example.com"
    assert inbox.texts("#to li") == ["bob@example.com", "carol@example.com"]
    assert inbox.texts(".entry.unread") == []
    assert inbox.title == "s3link inbox"
    with inbox.frame("#frame"):
        assert inbox.text("p") == "Take it."


def test_new_mail_does_not_disturb_the_reader(inbox: Browser) -> None:
    """What is open stays open, with its focus, when mails arrive."""
    _arrive(inbox, "open")
    inbox.click(".entry")
    inbox.run("document.querySelector('.entry').focus()")

    _arrive(inbox, "newer")

    assert inbox.text("#subject") == "open"
    assert inbox.run("return document.activeElement.querySelector('.what').textContent") == "open"


def test_reloading_keeps_the_mail(inbox: Browser) -> None:
    """A mail has an address of its own, and what was read stays read."""
    _arrive(inbox, "first", "second")
    inbox.click(".entry")
    address = inbox.address

    inbox.open(address)
    inbox.wait_until(lambda: inbox.shows("#subject"))

    assert inbox.text("#subject") == "second"
    assert len(inbox.texts(".entry.unread")) == 1


def test_keyboard(inbox: Browser) -> None:
    """Arrows choose, t changes between text and HTML, Escape closes."""
    _arrive(inbox, "first", "second", "third")

    inbox.type(_DOWN + _DOWN)
    chosen = inbox.text("#subject")
    inbox.type(_UP)
    above = inbox.text("#subject")
    html = (inbox.shows("#frame"), inbox.shows("#text"))
    inbox.type("t")
    text = (inbox.shows("#frame"), inbox.shows("#text"))
    inbox.type(_ESCAPE)

    assert (chosen, above) == ("second", "third")
    assert (html, text) == ((True, False), (False, True))
    assert not inbox.shows("#mail")


def test_text_mail(inbox: Browser) -> None:
    """A mail without HTML is shown as text, with links that open in a new tab."""
    _deliver("alarm", text="Read https://example.com/a?b=c now", html="")
    inbox.wait_until(lambda: inbox.shows(".entry"))

    inbox.click(".entry")

    assert inbox.text("#text") == "Read https://example.com/a?b=c now"
    link = "return ['href', 'target', 'rel'].map(n => document.querySelector('#text a')[n])"
    assert inbox.run(link) == ["https://example.com/a?b=c", "_blank", "noopener noreferrer"]
    assert inbox.run("return document.querySelector('#view-html').disabled") is True


def test_links_in_html_open_in_a_new_tab(inbox: Browser, account: Account) -> None:
    """A click on a mail's link leaves the inbox where it is."""
    link = f"{account.aws.endpoint}/_s3link/health"
    _deliver("A file", html=f'<p><a href="{link}">Download</a></p>')
    inbox.wait_until(lambda: inbox.shows(".entry"))
    inbox.click(".entry")
    before = inbox.tabs()

    with inbox.frame("#frame"):
        inbox.click("a")
    inbox.wait_until(lambda: len(inbox.tabs()) > len(before))

    assert inbox.text("#subject") == "A file"
    inbox.close_tabs_but(before[0])


_HOSTILE = """
<script>top.document.title = "taken"</script>
<img src="x" onerror="top.document.title = 'taken'">
<svg onload="top.document.title = 'taken'"></svg>
<meta http-equiv="refresh" content="0;url=http://127.0.0.1:1/refreshed">
<link rel="stylesheet" href="http://127.0.0.1:1/style.css">
<img src="http://127.0.0.1:1/tracker.gif">
<form action="http://127.0.0.1:1/form"><button>Send</button></form>
<iframe src="http://127.0.0.1:1/frame"></iframe>
<p>still here</p>
"""


def test_hostile_mail(inbox: Browser) -> None:
    """Whatever a mail contains, it runs nothing, fetches nothing and sends nothing."""
    _deliver(
        "</h1><script>document.title='taken'</script>", '"><img src=x>@example.com', html=_HOSTILE
    )
    inbox.wait_until(lambda: inbox.shows(".entry"))

    inbox.click(".entry")
    inbox.wait_until(lambda: _in_frame(inbox, "p") == "still here")
    with inbox.frame("#frame"):
        inbox.click("button")

    assert inbox.title == "s3link inbox"
    assert inbox.text("#subject") == "</h1><script>document.title='taken'</script>"
    assert inbox.texts("#to li") == ['"><img src=x>@example.com']
    assert _in_frame(inbox, "p") == "still here"
    assert all("violates" in line or "Blocked" in line for line in inbox.log())


def _in_frame(inbox: Browser, selector: str) -> str:
    with inbox.frame("#frame"):
        return inbox.text(selector)


def test_phone(inbox: Browser) -> None:
    """On a phone there is either the list or a mail, and nothing sticks out."""
    inbox.see_as("light", phone=True)
    _arrive(inbox, "a-very-long-file-name-" * 8)
    list_alone = (inbox.shows("#list"), inbox.shows("#mail"))

    inbox.click(".entry")
    mail_alone = (inbox.shows("#list"), inbox.shows("#mail"))
    overflow = inbox.run("return document.documentElement.scrollWidth - innerWidth")
    inbox.click("#back")

    assert list_alone == (True, False)
    assert mail_alone == (False, True)
    assert overflow <= 0
    assert inbox.shows("#list")


@pytest.mark.parametrize(("scheme", "darker"), [("light", False), ("dark", True)])
def test_light_and_dark(inbox: Browser, scheme: str, darker: bool) -> None:
    """The page follows the system: text is darker than its ground, or the other way round."""
    inbox.see_as(scheme)

    brightness = """
        const sum = (property) => getComputedStyle(document.body)[property]
          .match(/\\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0);
        return sum("backgroundColor") < sum("color");
    """

    assert inbox.run(brightness) is darker


def test_when_the_embedded_aws_ends(inbox: Browser, account: Account) -> None:
    """The page says that nothing runs any more, and keeps what it shows."""
    _arrive(inbox, "last")

    account.aws.stop()

    inbox.wait_until(lambda: "Not running any more" in inbox.text("#connection"))
    assert inbox.texts(".what") == ["last"]


def test_no_complaints(inbox: Browser) -> None:
    """The page keeps to its own policy: the browser has nothing to complain about."""
    _arrive(inbox, "one")
    inbox.click(".entry")
    inbox.type("t")

    assert inbox.log() == []
