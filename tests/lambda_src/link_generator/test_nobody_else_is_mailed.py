"""No unauthorised address is ever mailed, whatever an uploader writes: searched for at random.

The oracle below knows nothing of LinkGenerator's rules; it reads a mail's recipient as a cautious
person would, and says whether the operator's list has it.
"""

from __future__ import annotations

import base64
import string

import pytest
from function.errors import FunctionError
from hypothesis import example, given
from hypothesis import strategies as st
from link_generator.errors import UnexpectedFailure

from tests.lambda_src.fakes import World, arrival_of

KEY = "report.pdf"
PLAIN = set(string.ascii_letters + string.digits + ".+-_#$&'*/=^`{|}~@")

PEOPLE = ["bob@example.com", "eve+tag@example.com", "o.k@sub.example.com", "ann@b.example"]
DOMAINS = ["@example.com", "@example.net", "@b.example"]
STRANGERS = ["mallory@evil.example", "bob@evil.example", "bob@example.com.evil.example"]

# Letters that look like, fold to or are normalised to those of an address.
LOOK_ALIKES = {
    "a": "аａⓐ\u0251", "b": "ｂᏏ", "c": "сｃ", "e": "еｅ℮", "i": "іıİ", "k": "\u212aκ", "l": "ⅼⅠ1",
    "m": "ｍⅿ", "o": "оοｏ0", "p": "рｐ", "s": "ſѕ", "x": "хｘ", "@": "＠﹫", ".": "。．｡․",
}  # fmt: skip
SEPARATORS = [
    *(",", ";", " ", "\t", "\r\n", "\n", "\r", "\x00", "\x0b", "\x1f", "\x7f", "\x85", "\xa0"),
    *("\u2028", "\u200b", "\u202e", "\ufeff", "\\", '"', "'", "<", ">", "(", ")", "[", "]", ":"),
    *("%", "%40", "!", "@", "..", ".", "|", "$", "`", "=", "?", "&", "/", "\ud800", "，", "；"),
]


def authorised(recipient: str, authorized: list[str]) -> bool:
    """Whether the operator allowed this mailbox: one plain address that is on the list."""
    if set(recipient) - PLAIN or recipient.count("@") != 1:
        return False
    whole = recipient.lower()
    return whole in authorized or whole[whole.index("@") :] in authorized


def _replaced(address: str, at: int) -> str:
    at %= len(address)
    return address[:at] + LOOK_ALIKES.get(address[at], address[at].upper())[0] + address[at + 1 :]


def _inserted(address: str, at: int, what: str) -> str:
    at %= len(address) + 1
    return address[:at] + what + address[at:]


_ADDRESSES = st.sampled_from(PEOPLE + STRANGERS)
_POSITIONS = st.integers(0, 40)
_CHANGED = st.one_of(
    _ADDRESSES,
    st.builds(_replaced, _ADDRESSES, _POSITIONS),
    st.builds(_inserted, _ADDRESSES, _POSITIONS, st.sampled_from(SEPARATORS)),
    st.builds(_inserted, _ADDRESSES, _POSITIONS, st.characters()),
    st.builds(lambda who, what: f"{what} <{who}>", _ADDRESSES, _ADDRESSES),
    st.builds(lambda who, what: f'"{what}"@{who.partition("@")[2]}', _ADDRESSES, _ADDRESSES),
    st.builds(lambda who, what: f"{who}({what})", _ADDRESSES, _ADDRESSES),
    st.builds(lambda who, what: f"{what.replace('@', '%')}@{who}", _ADDRESSES, _ADDRESSES),
    st.builds(lambda who, what: f"@{what.partition('@')[2]}:{who}", _ADDRESSES, _ADDRESSES),
    st.builds(lambda who: f"{'a' * 10_000}{who}", _ADDRESSES),
    st.text(max_size=12),
)
_JOINED = st.builds(
    lambda separator, addresses: separator.join(addresses),
    st.sampled_from([",", ", ", *SEPARATORS]),
    st.lists(_CHANGED, min_size=1, max_size=4),
)


def _as_base64(text: str) -> str:
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
    return f"=?UTF-8?B?{encoded}?="


def _as_quoted(text: str, charset: str) -> str:
    encoded = "".join(f"={byte:02X}" for byte in text.encode(charset))
    return f"=?{charset}?Q?{encoded}?="


_CHARSETS = st.sampled_from(["utf-8", "utf-16", "utf-7", "latin-1", "cp037", "shift_jis"])
_METADATA = st.one_of(
    _JOINED,
    st.builds(_as_base64, _JOINED),
    st.builds(_as_quoted, st.sampled_from([*PEOPLE, ", ".join(PEOPLE), *STRANGERS]), _CHARSETS),
    st.builds(lambda one, two: f"{_as_base64(one)} {two}", _JOINED, _JOINED),
    st.builds(lambda text: text * (10_000 // max(len(text), 1)), _JOINED),
)
_AUTHORIZED = st.lists(st.sampled_from(PEOPLE + DOMAINS), min_size=1, max_size=4, unique=True)


def _mailed(key: str, metadata: dict[str, str], authorized: list[str]) -> list[str]:
    """Whom LinkGenerator mails; any error has a name."""
    world = World()
    world.bucket.put(key, metadata=metadata)
    try:
        world.announce(
            arrival_of(key), AuthorizedRecipients=",".join(authorized), EmailRecipient=PEOPLE[0]
        )
    except FunctionError as exc:
        assert not isinstance(exc, UnexpectedFailure), exc
        assert world.post_office.mails == []
    return world.post_office.recipients


@given(_METADATA, _AUTHORIZED)
@example("bob@example.com, eve+tag@example.com", ["@example.com"])
@example("bob@example.com,mallory@evil.example", ["@example.com"])
def test_metadata_mails_nobody_else(value: str, authorized: list[str]) -> None:
    """`recipients` with look-alikes, routes, comments, lists, encodings and 10 kB of anything."""
    for recipient in _mailed(KEY, {"recipients": value}, authorized):
        assert authorised(recipient, authorized)


@given(_CHANGED | _JOINED, st.sampled_from(["/", "//", "/../", "/./", "\\"]), _AUTHORIZED)
@example("bob@example.com", "/", ["@example.com"])
@example("bob@еxample.com", "/", ["@example.com"])
def test_a_folder_mails_nobody_else(folder: str, slash: str, authorized: list[str]) -> None:
    """The same in the first folder of a key; what is not an address goes to EmailRecipient."""
    key = folder.encode("utf-8", "replace").decode()[:900] + slash + KEY

    for recipient in _mailed(key, {}, authorized):
        assert authorised(recipient, authorized)


@given(_ADDRESSES, st.integers(1, 60), st.sampled_from(PEOPLE))
def test_one_stranger_stops_the_mail_to_all(stranger: str, count: int, person: str) -> None:
    """However many rightful recipients stand beside: nobody is mailed."""
    value = ",".join([*[person] * count, stranger])

    mailed = _mailed(KEY, {"recipients": value}, PEOPLE)

    expected = [] if stranger in STRANGERS else list(dict.fromkeys([person, stranger]))
    assert mailed == expected


@pytest.mark.parametrize(
    "recipient", [*STRANGERS, "bob@example.com, eve@evil.example", "bоb@b.example"]
)
def test_the_oracle_finds_a_stranger(recipient: str) -> None:
    """It could fail: no list that is used here allows these."""
    assert not authorised(recipient, PEOPLE + DOMAINS)


@pytest.mark.parametrize("recipient", [*PEOPLE, "BOB@Example.COM", "anybody@b.example"])
def test_the_oracle_knows_who_is_allowed(recipient: str) -> None:
    """It is no list of nobody."""
    assert authorised(recipient, PEOPLE + DOMAINS)
