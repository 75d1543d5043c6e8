"""What is a manifest, and what is not: it comes from outside."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from files.manifest import (
    Manifest,
    ManifestError,
    SharedFile,
    is_manifest,
    manifest_key,
    manifest_of,
    share_id_of,
)
from files.metadata import decoded
from files.shares import metadata_of
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

SCHEMA = json.loads(
    Path(__file__).parents[3].joinpath("docs", "share-manifest.schema.json").read_text()
)
Draft202012Validator.check_schema(SCHEMA)
VALIDATOR = Draft202012Validator(SCHEMA)

FILE = {"key": "photos/a.jpg", "version": "v1", "size": 5}
WHOLE = {
    "s3link": "share",
    "version": 1,
    "recipients": ["bob@example.com", "carol@example.com"],
    "sender": "Ann Example <ann@example.com>",
    "note": "Grüße,\nAnn",
    "expires": 3600,
    "max-downloads": 0,
    "files": [FILE, {**FILE, "key": "6f1c.bin", "name": "offer.pdf"}],
}
LEAST = {"s3link": "share", "version": 1, "files": [FILE]}


def text(document: Any) -> bytes:
    return json.dumps(document).encode()


def without(name: str) -> Any:
    return {key: value for key, value in LEAST.items() if key != name}


def with_file(**changes: Any) -> Any:
    return {**LEAST, "files": [{**FILE, **changes}]}


def files(count: int) -> Any:
    return {**LEAST, "files": [{**FILE, "key": f"{n}.jpg"} for n in range(count)]}


def test_a_manifest_says_all() -> None:
    """Which files, to whom, in whose name, and on what terms."""
    assert manifest_of(text(WHOLE)) == Manifest(
        (
            SharedFile("photos/a.jpg", "v1", 5),
            SharedFile("6f1c.bin", "v1", 5, "offer.pdf"),
        ),
        ("bob@example.com", "carol@example.com"),
        "Ann Example <ann@example.com>",
        "Grüße,\nAnn",
        3600,
        0,
    )


@pytest.mark.parametrize("document", [WHOLE, LEAST, files(1000)], ids=["whole", "least", "most"])
def test_what_is_written_is_read(document: Any) -> None:
    """A manifest's own text is one, and the schema accepts it."""
    manifest = manifest_of(text(document))

    assert manifest_of(manifest.text) == manifest
    assert VALIDATOR.is_valid(json.loads(manifest.text))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is not JSON in UTF-8"),
        (b"not JSON", "it is not JSON in UTF-8"),
        (text(LEAST)[:-1], "it is not JSON in UTF-8"),
        (text(LEAST) + b"x", "it is not JSON in UTF-8"),
        (b"\xff\xfe" + "{}".encode("utf-16-le"), "it is not JSON in UTF-8"),
        (b"\xef\xbb\xbf" + text(LEAST), "it is not JSON in UTF-8"),
        (b"\x1f\x8b\x08\x00packed", "it is not JSON in UTF-8"),
        (b"[" * 100_000, "it is not JSON in UTF-8"),
        (b'{"a":' * 100_000, "it is not JSON in UTF-8"),
        (b'{"version": ' + b"9" * 5000 + b"}", "it is not JSON in UTF-8"),
        (b'{"version": NaN}', "NaN is not JSON"),
        (b'{"version": -Infinity}', "-Infinity is not JSON"),
        (b'{"version": 1, "version": 1}', "it has a member twice"),
        (text(LEAST).replace(b'"size"', b'"key": "b.jpg", "size"'), "it has a member twice"),
        (b"null", "it is not a JSON object"),
        (b'"share"', "it is not a JSON object"),
        (text([LEAST]), "it is not a JSON object"),
    ],
)
def test_what_is_no_json_object_is_refused(content: bytes, why: str) -> None:
    """However it is built."""
    with pytest.raises(ManifestError) as error:
        manifest_of(content)

    assert str(error.value) == why


# What the schema refuses as well.
REFUSED = [
    ({}, "it lacks files"),
    (without("s3link"), "it lacks s3link"),
    (without("version"), "it lacks version"),
    (without("files"), "it lacks files"),
    ({**LEAST, "bucket": "other"}, 'it has "bucket", which is no member of a manifest'),
    ({**LEAST, "S3link": "share"}, 'it has "S3link", which is no member of a manifest'),
    ({**LEAST, "s3link": "Share"}, 's3link is not "share"'),
    ({**LEAST, "s3link": ["share"]}, 's3link is not "share"'),
    ({**LEAST, "version": 2}, "its version is not 1, the only one that there is"),
    ({**LEAST, "version": "1"}, "its version is not 1, the only one that there is"),
    ({**LEAST, "version": True}, "its version is not 1, the only one that there is"),
    ({**LEAST, "files": FILE}, "files is not a list of 1 to 1,000"),
    ({**LEAST, "files": None}, "files is not a list of 1 to 1,000"),
    (files(0), "files is not a list of 1 to 1,000"),
    (files(1001), "files is not a list of 1 to 1,000"),
    ({**LEAST, "files": ["a.jpg"]}, "file 1 is not a JSON object"),
    ({**LEAST, "files": [FILE, {}]}, "file 2 lacks key"),
    ({**LEAST, "files": [{"key": "a", "size": 5}]}, "file 1 lacks version"),
    ({**LEAST, "files": [{"key": "a", "version": "v"}]}, "file 1 lacks size"),
    (with_file(bucket="other"), 'file 1 has "bucket", which is no member of a manifest'),
    (with_file(key=""), "the key of file 1 does not have 1 to 1,024 bytes"),
    (with_file(key="x" * 1025), "the key of file 1 is not a text of at most 1,024 characters"),
    (with_file(key=7), "the key of file 1 is not a text of at most 1,024 characters"),
    (with_file(key=None), "the key of file 1 is not a text of at most 1,024 characters"),
    (
        with_file(key=".s3link/shares/abcdefgh.json"),
        'file 1, ".s3link/shares/abcdefgh.json", is a manifest itself',
    ),
    (
        with_file(key=".s3link/shares/x\ny"),
        'file 1, ".s3link/shares/x\\ny", is a manifest itself',
    ),
    (with_file(version=""), 'the version of file 1, "photos/a.jpg", is ""'),
    (with_file(version="null"), 'the version of file 1, "photos/a.jpg", is "null"'),
    (with_file(version=None), "the version of file 1 is not a text of at most 1,024 characters"),
    (
        with_file(version="v" * 1025),
        "the version of file 1 is not a text of at most 1,024 characters",
    ),
    *(
        (
            with_file(size=size),
            'the size of file 1, "photos/a.jpg", is not a whole number from 0 to '
            "54,975,581,388,800",
        )
        for size in (-1, True, "5", 5.5, None, 10**30)
    ),
    (with_file(name="x" * 256), "the name of file 1 is not a text of at most 255 characters"),
    (with_file(name=1), "the name of file 1 is not a text of at most 255 characters"),
    ({**LEAST, "recipients": []}, "recipients is not a list of 1 to 1,000"),
    ({**LEAST, "recipients": "bob@example.com"}, "recipients is not a list of 1 to 1,000"),
    ({**LEAST, "recipients": ["b@example.com"] * 1001}, "recipients is not a list of 1 to 1,000"),
    ({**LEAST, "recipients": ["b@example.com", ""]}, "recipient 2 is not one address"),
    ({**LEAST, "recipients": [" "]}, "recipient 1 is not one address"),
    ({**LEAST, "recipients": ["a@example.com,b@example.com"]}, "recipient 1 is not one address"),
    ({**LEAST, "recipients": [None]}, "recipient 1 is not a text of at most 320 characters"),
    ({**LEAST, "recipients": ["b" * 321]}, "recipient 1 is not a text of at most 320 characters"),
    ({**LEAST, "sender": ""}, "sender is empty"),
    ({**LEAST, "sender": None}, "sender is not a text of at most 2,000 characters"),
    ({**LEAST, "note": ["x"]}, "note is not a text of at most 2,000 characters"),
    ({**LEAST, "note": "x" * 2001}, "note is not a text of at most 2,000 characters"),
    ({**LEAST, "expires": 0}, "expires is not a whole number from 1 to 10,000,000,000"),
    ({**LEAST, "expires": True}, "expires is not a whole number from 1 to 10,000,000,000"),
    ({**LEAST, "expires": "60"}, "expires is not a whole number from 1 to 10,000,000,000"),
    ({**LEAST, "max-downloads": -1}, "max-downloads is not a whole number from 0 to 1,000,000"),
    ({**LEAST, "max-downloads": None}, "max-downloads is not a whole number from 0 to 1,000,000"),
]
# What no schema can say.
REFUSED_BY_CODE_ALONE = [
    ({**LEAST, "files": [FILE, FILE]}, 'it names "photos/a.jpg" twice'),
    (with_file(key="ü" * 513), "the key of file 1 does not have 1 to 1,024 bytes"),
    (with_file(key="\ud800"), "the key of file 1 has half of a character in it"),
    ({**LEAST, "note": "\udfff"}, "note has half of a character in it"),
    ({**LEAST, "version": 1.0}, "its version is not 1, the only one that there is"),
    ({**LEAST, "expires": 60.0}, "expires is not a whole number from 1 to 10,000,000,000"),
]


@pytest.mark.parametrize(("document", "why"), [*REFUSED, *REFUSED_BY_CODE_ALONE])
def test_what_is_no_manifest_is_refused(document: Any, why: str) -> None:
    """With the first thing that is wrong, in words for who wrote it."""
    with pytest.raises(ManifestError) as error:
        manifest_of(text(document))

    assert str(error.value) == why


def test_the_schema_refuses_what_it_can_say() -> None:
    """And accepts the rest, which only code can tell."""
    assert [why for document, why in REFUSED if VALIDATOR.is_valid(document)] == []
    left = [why for document, why in REFUSED_BY_CODE_ALONE if not VALIDATOR.is_valid(document)]
    assert left == []


_LENGTHS = st.sampled_from([0, 1, 255, 256, 320, 321, 1024, 1025, 2000, 2001])
_TEXTS = st.one_of(
    st.builds(lambda length: "x" * length, _LENGTHS),
    st.text(st.characters(codec="ascii"), max_size=5),
    st.sampled_from(["null", "share", "\x1c", " \u3000\n", ",", "a,b", ".s3link/shares/", "ä" * 9]),
    st.builds(
        lambda end: f".s3link/shares/{end}", st.text(st.sampled_from("a/\n.json"), max_size=4)
    ),
)
_NUMBERS = st.sampled_from([-1, 0, 1, 10**6, 10**6 + 1, 10**10, 10**10 + 1, 50 * 1024**4])
_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), _TEXTS, _NUMBERS, st.just(0.5)),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXTS, inner, max_size=2),
    max_leaves=3,
)


@given(st.data())
def test_the_schema_accepts_what_is_a_manifest(data: st.DataObject) -> None:
    """Of whatever somebody makes of one, but for what REFUSED_BY_CODE_ALONE stands for."""
    document: Any = deepcopy(data.draw(st.sampled_from([WHOLE, LEAST])))
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(st.sampled_from([document, *document["files"]]), label="place")
        name = data.draw(st.sampled_from([*SCHEMA["properties"], *FILE, "name", "more"]))
        if data.draw(st.booleans()):
            place[name] = data.draw(_VALUES | st.lists(_TEXTS, max_size=2))
        else:
            place.pop(name, None)
        if not isinstance(document.get("files"), list) or not all(
            isinstance(one, dict) for one in document["files"]
        ):
            break
    is_valid = VALIDATOR.is_valid(document)

    try:
        manifest = manifest_of(text(document))
    except ManifestError as exc:
        assert not is_valid or "twice" in str(exc)
    else:
        assert is_valid
        assert manifest_of(manifest.text) == manifest


@given(st.binary(max_size=200) | st.builds(text, _VALUES))
def test_whatever_lies_there_is_a_manifest_or_refused(content: bytes) -> None:
    """With one sentence's end, on one line."""
    try:
        manifest_of(content)
    except ManifestError as exc:
        assert len(str(exc).splitlines()) == 1
        assert str(exc).isprintable()


@given(st.text(max_size=60), st.text(max_size=60).filter(str.strip))
def test_its_words_arrive_as_they_were_written(note: str, sender: str) -> None:
    """They are plain text, also where they look like what a header would have to decode."""
    metadata = metadata_of(Manifest((SharedFile("a", "v", 1),), ("b@x", "=?x"), sender, note))

    assert decoded(metadata.get("note", "")) == note
    assert decoded(metadata["sender"]) == sender
    assert decoded(metadata["recipients"]) == "b@x,=?x"


@pytest.mark.parametrize(
    ("key", "name", "folder"),
    [
        ("report.pdf", "report.pdf", ""),
        ("photos/2026/a.jpg", "a.jpg", "photos / 2026"),
        ("//photos//a.jpg", "a.jpg", "photos"),
        ("a\nb/c\u202ed", "cd", "a_b"),
        ("..\\x/y", "y", ".._x"),
    ],
)
def test_a_file_has_a_name_and_folders(key: str, name: str, folder: str) -> None:
    """Each as one harmless line."""
    file = SharedFile(key, "v1", 5)

    assert (file.name, file.folder) == (name, folder)


def test_a_name_of_its_own_is_no_path() -> None:
    """It is downloaded under it."""
    assert SharedFile("6f1c", "v1", 5, "../offer\n.pdf").name == "offer_.pdf"


def test_the_title_tells_the_first_file() -> None:
    """And how many more there are."""
    shared = [SharedFile(f"{n}.pdf", "v1", 5) for n in range(12)]

    assert Manifest(tuple(shared)).title == "0.pdf and 11 more files"
    assert Manifest(tuple(shared[:2])).title == "0.pdf and 1 more file"
    assert Manifest(tuple(shared[:1])).title == "0.pdf"
    assert Manifest(tuple(shared)).total_size == 60


@pytest.mark.parametrize(
    "key",
    [
        ".s3link/shares/short.json",
        f".s3link/shares/{'x' * 65}.json",
        ".s3link/shares/abcdefgh",
        ".s3link/shares/abcdefgh.JSON",
        ".s3link/shares/abcdefgh.json.json",
        ".s3link/shares/sub/abcdefgh.json",
        ".s3link/shares/abcdefgh.json\n",
        ".s3link/shares/äbcdefgh.json",
        ".s3link/shares/../abcdefgh.json",
    ],
)
def test_what_lies_among_manifests_is_meant_as_one(key: str) -> None:
    """So that it is refused, and not announced as a file."""
    assert is_manifest(key)
    with pytest.raises(ManifestError, match=r"its key is not \.s3link/shares/ID\.json with an ID"):
        share_id_of(key)


def test_the_key_of_a_manifest_has_its_id() -> None:
    """And their folder itself is none."""
    assert share_id_of(manifest_key("aB3_-678")) == "aB3_-678"
    assert not is_manifest(".s3link/shares/")
    assert not is_manifest("x/.s3link/shares/abcdefgh.json")
