"""What FateRecorder reads: SES's events, whatever the mail server of the other side put in."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import pytest
from awslambdaric.lambda_runtime_log_utils import JsonFormatter
from fate_recorder.errors import FateRecorderError, UnreadableEvent
from fate_recorder.events import harmless, mail_event_of
from function.text import unlinked
from hypothesis import given
from hypothesis import strategies as st

from tests.lambda_src.fakes import EVENTS
from tests.lambda_src.fate_recorder.fates_world import FatesWorld, bounce, ses_event, sns_event

LINK = (
    "https://example-files.s3.eu-west-1.amazonaws.com/report.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEND&X-Amz-Signature=" + "0123456789abcdef" * 4
)


@pytest.mark.parametrize(
    ("diagnostic", "reason"),
    [
        ("smtp; 550 5.1.1 user unknown", "smtp; 550 5.1.1 user unknown"),
        # links, of ours and of others
        (f"550 spam: {LINK} is not wanted", "550 spam: (link)"),
        ("550 see https://evil.example/login now", "550 see (link)"),
        ("550 see HTTPS:evil.example now", "550 see (link)"),
        ("550 see www.evil.example", "550 see (link)"),
        ("550 see //evil.example/", "550 see (link)"),
        ("550 see evil.example/login", "550 see (link)"),
        ("550 see evil.example:8080/login", "550 see (link)"),
        ("550 see evil.xn--p1ai/aws-login", "550 see (link)"),
        ("550 see evil\u3002example/login", "550 see (link)"),
        ("550 see name.com#x", "550 see (link)"),
        ("550 see evil.example", "550 see evil.example"),
        # the token of a portal's link alone, as of a link that a server has made unclickable
        (f"550 url example[.]com/d/{'aB3-' * 10}xyz is listed", "550 url (link)"),
        ("550 write to mailto:eve@evil.example", "550 write to (link)"),
        ("550 <a href=javascript:alert(1)>here</a>", "550 <a (link)"),
        ('550 <img src="data:text/html,x">', "550 <img (link)"),
        # the middle of a link, as a server wraps and quotes it
        ("550 content: oken=3DIQoJb3JpZ2lu&X-Amz-Signature=3D01=\r\n23456789abcdef", None),
        (f"550 content:\r\n {LINK[:60]}=\r\n {LINK[60:120]}=\r\n {LINK[120:]}", None),
        (f"550 content: {LINK[100:190]} and so on", None),
        # lines, control characters, directions, HTML
        ("550 no\r\nBcc: eve@evil.example", "550 no Bcc: eve@evil.example"),
        ("550 no\u2028such\x85user\tat\x0ball", "550 no such user at all"),
        ("550 \x1b[31mred\x07\x00", "550 _[31mred__"),
        ("550 \u202eresu on\u2066", "550 resu on"),
        ("550 half \ud800 a pair", "550 half _ a pair"),
        ("550 <b>no</b> {{link}} ${jndi:x}", "550 <b>no</b> {{link}} ${jndi:x}"),
        # what mail servers rightly say
        (
            "smtp; 550-5.1.1 <bob@example.com>: mx1.example.com[192.0.2.1]:25 said no; 5.1.1/2",
            "smtp; 550-5.1.1 <bob@example.com>: mx1.example.com[192.0.2.1]:25 said no; 5.1.1/2",
        ),
        # an id of SES's
        (
            "550 0102019a1b2c3d4e-5f6a7b8c-1234-5678-9abc-def012345678-000000 refused",
            "550 0102019a1b2c3d4e-5f6a7b8c-1234-5678-9abc-def012345678-000000 refused",
        ),
        ("550 " + "no " * 4000, "550 " + ("no " * 99)[:296] + "…"),
        ("5" * 10_000, "(link)"),
    ],
)
def test_a_diagnostic_code_is_one_harmless_line(diagnostic: str, reason: str | None) -> None:
    """In the row and in the admin's mail; with nothing of a link, nor of what follows one."""
    world = FatesWorld()

    world.hears(bounce(diagnostic))

    said = world.row["FateReason"]
    assert said == (reason or "550 content: (link)")
    # The mail's program makes no link of what is left.
    assert f"the mail bounced ({unlinked(said.rstrip('.'))}). Check" in world.told


def test_a_long_word_is_read_at_once() -> None:
    """An event has up to 256 kB; a search that goes over it again and again would hold it up."""
    started = time.process_time()

    harmless("a" * 256_000)

    assert time.process_time() - started < 0.5  # seconds; going over it again takes minutes


@given(st.text(max_size=200) | st.text("htps:/w.X-Amz =\r\n\u2028\u202e", max_size=40))
def test_nothing_makes_a_reason_harmful(text: str) -> None:
    """One printable line of bounded length, without anything that a mail program would link."""
    line = harmless(text)

    assert len(line) <= 301
    assert len(line.splitlines()) <= 1
    line.encode()
    assert not [
        sign for sign in ("//", "www.", "http:", "https:", "x-amz-") if sign in line.lower()
    ]


def test_a_message_in_plain_text_is_skipped(caplog: pytest.LogCaptureFixture) -> None:
    """SES writes one when the configuration set gets its topic."""
    caplog.set_level(logging.INFO, "fate_recorder")
    world = FatesWorld()
    before = world.rows

    world.hears((EVENTS / "ses" / "validation.txt").read_text())

    assert (world.rows, world.admin.mails) == (before, [])
    assert caplog.messages == ["Skipped a message that tells of no mail's fate"]


@pytest.mark.parametrize(
    "kind", ["Send", "Open", "Click", "Subscription", "Something that SES will have", ""]
)
def test_events_that_are_no_fate_are_skipped(kind: str) -> None:
    """Whoever adds more kinds of events to the configuration set makes no noise."""
    world = FatesWorld()
    before = world.rows

    world.hears({**ses_event("send"), "eventType": kind})

    assert (world.rows, world.admin.mails) == (before, [])


def _changed(name: str, **members: Any) -> str:
    return json.dumps({**ses_event(name), **members})


@pytest.mark.parametrize(
    "message",
    [
        "{}",
        '{"eventType": "Bounce"',
        '{"eventType": ["Bounce"]}',
        '{"eventType": "Bounce"}',
        '{"notificationType": "Bounce"}',
        '{"eventType": "Bounce", "mail": []}',
        '{"a": ' * 10_000,
        _changed("bounce_permanent", mail="text"),
        _changed("bounce_permanent", bounce=["text"]),
        _changed("bounce_permanent", bounce={"bouncedRecipients": ["text"]}),
        _changed("delivery", delivery={"timestamp": "yesterday"}),
        _changed("delivery", delivery={"timestamp": 7}),
        _changed("delivery", delivery={"timestamp": "0001-01-01T00:00:00+14:00"}),
        _changed("delivery", mail={**ses_event("delivery")["mail"], "destination": 7}),
        _changed(
            "delivery", mail={**ses_event("delivery")["mail"], "tags": {"s3link-delivery": 7}}
        ),
    ],
)
def test_what_ses_does_not_publish_is_a_named_error(message: str) -> None:
    """It ends in DeadLetterQueue, where somebody looks; the error quotes nothing of it."""
    with pytest.raises(UnreadableEvent) as failure:
        mail_event_of(message)

    assert str(failure.value) == (
        "A message on MailEventsTopic is not an event that SES publishes; nothing was recorded "
        "for it."
    )


@pytest.mark.parametrize("event", [None, 7, [], {}, {"Records": 7}, {"Records": [{"s3": {}}]}])
def test_what_sns_does_not_send_is_a_named_error(event: object) -> None:
    """Somebody called the function by hand."""
    with pytest.raises(UnreadableEvent) as failure:
        FatesWorld().record(event)

    assert str(failure.value) == (
        "FateRecorder was called with something that SNS does not send; nothing was recorded."
    )


def test_all_messages_of_an_event_are_recorded() -> None:
    """SNS sends one each time; should it send more, none is lost."""
    world = FatesWorld()

    world.record(sns_event(*(json.dumps(ses_event(name)) for name in ("delivery", "complaint"))))

    assert world.row["Fate"] == "Complained"


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def _damaged(draw: st.DrawFn) -> dict[str, Any]:
    """An event of SES with some of its values replaced by anything."""
    names = ["bounce_permanent", "delivery_delay", "complaint", "reject", "rendering_failure"]
    event = ses_event(draw(st.sampled_from(names)))
    for _ in range(draw(st.integers(1, 3))):
        place: Any = event
        while isinstance(place, dict | list) and place:
            key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else [0]))
            if draw(st.booleans()) or not isinstance(place[key], dict | list):
                place[key] = draw(_JSON)
                break
            place = place[key]
    return event


@given(_damaged() | _JSON)
def test_no_event_raises_anything_but_a_named_error(event: Any) -> None:
    """However damaged: it is recorded, skipped, or refused in a sentence; no row is made of it."""
    world = FatesWorld()

    try:
        world.hears(json.dumps(event))
    except FateRecorderError as exc:
        assert type(exc) is UnreadableEvent

    [row] = world.rows
    assert len(row.get("FateReason", "")) <= 301


def test_the_log_has_the_fate_and_nothing_of_the_mail(caplog: pytest.LogCaptureFixture) -> None:
    """SES's events quote the mail's headers, mail servers the mail: neither is logged."""
    caplog.set_level(logging.DEBUG)
    event = bounce(f"550 refused: {LINK}")
    event["mail"]["commonHeaders"]["subject"] = "swordfish"

    FatesWorld().hears(event)

    [line] = [JsonFormatter().format(one) for one in caplog.records if one.name == "fate_recorder"]
    fields = json.loads(line)
    assert fields["level"] == "WARNING"
    assert fields["message"] == 'Bounced: "bob@example.com/report.pdf" for bob@example.com'
    assert fields["reason"] == "550 refused: (link)"
    assert (fields["fate"], fields["recipient"]) == ("Bounced", "bob@example.com")
    assert not [
        secret for secret in ("X-Amz", "https:", "swordfish") if secret in caplog.text + line
    ]
