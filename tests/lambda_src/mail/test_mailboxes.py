"""A mailbox as people write it, and what would be read as something else."""

from __future__ import annotations

import html
import unicodedata
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from files.metadata import decoded, header_text
from hypothesis import assume, example, given
from hypothesis import strategies as st
from mail.mailboxes import LONGEST_NAME, parse_mailbox
from mail.template_data import sender_data_of, subject_name_of

from tests.templates.reading import GENERATOR
from tests.templates.test_parameters import fits

SENDER_NAME: dict[str, Any] = GENERATOR.parameters["SenderName"]
ANN = "ann@example.com"
INVISIBLE = "\u115f\u1160"  # letters, but blank


@pytest.mark.parametrize(
    ("text", "name", "shown"),
    [
        (f"Ann Example <{ANN}>", "Ann Example", f"Ann Example ({ANN})"),
        (ANN, "", ANN),
        (f"<{ANN}>", "", ANN),
        (f"  Ann  Example<{ANN}> ", "Ann Example", f"Ann Example ({ANN})"),
        (f'"Example, Ann" <{ANN}>', "Example, Ann", f"Example, Ann ({ANN})"),
        (f"Müller & Söhne <{ANN}>", "Müller & Söhne", f"Müller & Söhne ({ANN})"),
        (f"Dr. J.R. O'Neill (Sales) <{ANN}>", "Dr. J.R. O'Neill (Sales)", None),
        (f"Ann\u00a0Example <{ANN}>", "Ann Example", None),
        (f"{'字' * 64} <{ANN}>", "字" * 64, None),
        ("Ann <Ann@bücher.example>", "Ann", "Ann (Ann@xn--bcher-kva.example)"),
    ],
)
def test_a_name_stands_with_its_address(text: str, name: str, shown: str | None) -> None:
    """Anybody may have any name."""
    mailbox = parse_mailbox(text)

    assert mailbox.name == name
    assert mailbox.shown == (shown or f"{name} ({ANN})")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it has no @"),
        ("Ann Example", "it has no @"),
        ("Ann Example <>", "it has no @"),
        ("Ann <ann@localhost>", "the part after the @ is not a domain"),
        (f"Ann {ANN}", "the part before the @ may have"),
        (f"{ANN}, bob@example.com", "the part before the @ may have"),
        (f"Ann <{ANN}>, Bob <bob@example.com>", "the name may not have"),
        (f"bob@evil.example <{ANN}>", "the name may not have"),
        (f"bob＠evil.example <{ANN}>", "the name may not have"),
        (f"bob﹫evil.example <{ANN}>", "the name may not have"),
        (f"Bob ＜bob <{ANN}>", "the name may not have"),
        (f'Bob" <{ANN}>', "the name may not have"),
        (f"B\\ob <{ANN}>", "the name may not have"),
        (f"Bob <bob@evil.example> <{ANN}>", "the name may not have"),
        (f"=?utf-8?q?bob=40evil.example?= <{ANN}>", "the name may not have"),
        (f"Ann\r\nBcc: eve <{ANN}>", "the name has line breaks or other control characters"),
        (f"Ann\x00 <{ANN}>", "the name has line breaks or other control characters"),
        (f"Ann\u2028 <{ANN}>", "the name has line breaks or other control characters"),
        (f"nnA\u202e <{ANN}>", "the name has line breaks or other control characters"),
        (f"Ann\ud800 <{ANN}>", "the name has line breaks or other control characters"),
        (f"Ann <{ANN}\n>", "the part after the @ is not a domain"),
        (f"Ann <{ANN}>\n", "the part before the @ may have"),
        (f"{'x' * 65} <{ANN}>", "the name is longer than 64 characters"),
        (f"\u115f <{ANN}>", "the name cannot be seen"),
        (f"\uffa0 <{ANN}>", "the name cannot be seen"),
    ],
)
def test_what_is_not_one_mailbox_is_refused(text: str, reason: str) -> None:
    """Lists, lines and directions, and a name that looks like another address."""
    with pytest.raises(ValueError, match=f"^{reason}"):
        parse_mailbox(text)


@given(st.text(max_size=LONGEST_NAME).map(str.strip).filter(lambda name: fits(SENDER_NAME, name)))
def test_every_name_comes_back(name: str) -> None:
    """Through an object's metadata, in any script; all that SenderName may be, but for what turns
    its direction, and for what nobody sees."""
    as_it_reads = unicodedata.normalize("NFKC", name)
    seen = {c for c in as_it_reads if unicodedata.category(c) not in {"Cf", "Zs"}}
    assume(not name or seen - {*INVISIBLE})
    assume(not any(part in as_it_reads for part in ('"', "<", ">", "@", "\\", "=?")))
    assume(
        not set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
        & {*name}
    )
    assume(not any(unicodedata.category(c) in {"Cs", "Zl", "Zp"} for c in name))
    value = header_text(f"{name} <{ANN}>" if name else ANN)

    mailbox = parse_mailbox(decoded(value))

    assert value.isascii()
    assert mailbox.name == " ".join(name.split())
    assert str(mailbox.address) == ANN
    assert parse_mailbox(str(mailbox)) == mailbox


_PIECES = st.sampled_from(
    [
        *("<", ">", '"', "&", "@", "\\", "'", "=", "(", ")", "{{link}}", "\r\n", "\n", "\x85"),
        *(
            "\u202e",
            "\u2028",
            "＠",
            "＜",
            "<script>",
            "Bcc: eve@evil.example",
            "http://evil.example",
        ),
        *("evil.example", "=?utf-8?q?=0ABcc?=", " ", "Ann", "字", "😀"),
    ]
)


@given(st.lists(_PIECES | st.text(max_size=8), max_size=8).map("".join))
@example("=?utf-8?q?eve=40evil.example?=")
@example("http://evil.example")
def test_no_name_breaks_a_header_or_a_page(name: str) -> None:
    """Whatever is taken is one line of text, with one address, and no link."""
    try:
        mailbox = parse_mailbox(f"{name} <{ANN}>")
    except ValueError:
        return
    data = sender_data_of(mailbox)
    message = EmailMessage(policy.SMTP)
    subject_name = subject_name_of(mailbox)
    message["Subject"] = f"{subject_name} shares report.pdf with you"

    read = message_from_bytes(message.as_bytes(), policy=policy.default)

    assert [key.lower() for key in read if key != "MIME-Version"] == ["subject"]
    assert data["sender"].splitlines() == [data["sender"]]
    assert unicodedata.normalize("NFKC", data["sender"]).count("@") == 1
    assert data["sender"].endswith(ANN) or data["sender"].endswith(f" ({ANN})")
    assert "://" not in data["sender"]
    assert "evil.example" not in data["sender"]
    page = _Reader(f"<h1>{data['senderHtml']} shares a file with you</h1>")
    assert page.tags == ["h1"]
    assert html.unescape(data["senderHtml"]) == data["sender"]


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


def test_the_limit_is_the_templates_own() -> None:
    """A person's name may be as long as the team's."""
    assert SENDER_NAME["MaxLength"] == LONGEST_NAME
