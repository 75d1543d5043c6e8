"""The list of versions: newest first, by pages, with files and notes."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lambda_src.fakes import NOW
from tests.lambda_src.members_world import MembersWorld

_LAMBDA_ANSWERS = 6 * 1024 * 1024  # bytes at most
AN_HOUR_AGO = f"{NOW.replace(microsecond=0) - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"


def names(answered: Any) -> list[str]:
    return [one["version"] for one in answered.body["versions"]]


def test_a_version() -> None:
    """Its files with their sizes, its notes as text, and when its newest file came."""
    world = MembersWorld()
    world.bucket.publish("1.4.0/docs/read me.txt", b"", hours_ago=5)
    world.bucket.publish("1.4.0/NOTES.md", "# New\r\n- levels\n", hours_ago=2)

    answered = world.get("/artifacts")

    assert answered.status == 200
    assert answered.headers["cache-control"] == "no-store"
    assert answered.body == {
        "versions": [
            {
                "version": "1.4.0",
                "publishedAt": AN_HOUR_AGO,
                "files": [
                    {"name": "docs/read me.txt", "size": 0},
                    {"name": "game.zip", "size": 5},
                ],
                "filesNotListed": 0,
                "notes": "# New\n- levels",
            }
        ],
        "next": None,
    }


def test_what_is_no_version() -> None:
    """Files without a folder, what the S3 console makes of an empty one, and folders that no URL
    can name; nothing else hides."""
    world = MembersWorld()
    for key, content in {
        "survey.json": "{}",
        "readme.txt": "x",
        "/nameless.zip": "x",
        "2.0/": "",
        "3.0/sub/": "",
        "survey.json/x": "x",
        "../x": "x",
        "./x": "x",
        "notes only/NOTES.txt": "x",
    }.items():
        world.bucket.publish(key, content, hours_ago=2)

    assert sorted(names(world.get("/artifacts"))) == ["1.4.0", "notes only", "survey.json"]


def test_no_versions() -> None:
    """Before the first is published."""
    world = MembersWorld()
    world.bucket.withdraw("1.4.0/game.zip")

    assert world.get("/artifacts").body == {"versions": [], "next": None}


def test_200_versions_come_by_pages_newest_first() -> None:
    """Each page asks S3 for one list, and for the notes of the versions on it only."""
    world = MembersWorld()
    world.bucket.withdraw("1.4.0/game.zip")
    for number in range(200):
        # Their names sort in another order.
        name = f"{number * 7 % 200}.0"
        world.bucket.publish(f"{name}/game.zip", hours_ago=number + 1)
        world.bucket.publish(f"{name}/NOTES.md", f"Notes of {name}", hours_ago=number + 1)

    found: list[str] = []
    query: dict[str, str] = {}
    for _ in range(10):
        world.bucket.calls.clear()
        answered = world.get("/artifacts", **query)
        assert [one["notes"] for one in answered.body["versions"]] == [
            f"Notes of {name}" for name in names(answered)
        ]
        assert sorted(world.bucket.calls) == ["get"] * 20 + ["list"]
        found += names(answered)
        query = {"next": answered.body["next"]}

    assert answered.body["next"] is None
    assert found == [f"{number * 7 % 200}.0" for number in range(200)]


def test_a_list_of_more_than_s3_gives_at_once() -> None:
    """Is asked for again and again, until all is known."""
    world = MembersWorld()
    world.bucket.page_size = 2
    for number in range(5):
        world.bucket.publish(f"{number}/a", hours_ago=2)
        world.bucket.publish(f"{number}/b", hours_ago=2)

    answered = world.get("/artifacts")

    assert names(answered) == ["1.4.0", "4", "3", "2", "1", "0"]
    assert world.bucket.calls.count("list") == 6
    assert {len(one["files"]) for one in answered.body["versions"][1:]} == {2}


def test_what_is_published_meanwhile_moves_no_page() -> None:
    """A version that came since the first page is on no later one, and none is shown twice."""
    world = MembersWorld()
    for number in range(30):
        world.bucket.publish(f"{number}/a", hours_ago=number + 2)
    first = world.get("/artifacts")
    world.bucket.publish("new/a", hours_ago=0)
    world.bucket.withdraw(f"{first.body['versions'][-1]['version']}/a")

    second = world.get("/artifacts", next=first.body["next"])

    assert names(first) + names(second) == ["1.4.0", *map(str, range(30))]


def test_a_page_ends_early_when_versions_have_many_files() -> None:
    """Lambda answers with 6 MB at most. A version is on a page whole, whatever it has."""
    world = MembersWorld()
    for number in range(3):
        for file in range(1_500):
            world.bucket.publish(f"{number}/{file}", hours_ago=number + 2)

    first = world.get("/artifacts")
    second = world.get("/artifacts", next=first.body["next"])
    third = world.get("/artifacts", next=second.body["next"])

    assert [names(one) for one in (first, second, third)] == [["1.4.0", "0"], ["1"], ["2"]]
    assert third.body["next"] is None


@pytest.mark.parametrize(
    ("versions", "files", "name"),
    [
        (20, 100, "щ" * 500),
        (1, 5_000, "語" * 300),
        (1, 15_000, "語" * 80),
        (1, 30_000, "a" * 170),
        (1, 30_000, '"\\' * 85),
    ],
    ids=["many versions", "long names", "many files", "plain names", "quotes"],
)
@pytest.mark.slow
def test_long_names_keep_nobody_from_the_list(versions: int, files: int, name: str) -> None:
    """Each answer is one that Lambda can give, and what it leaves out is counted or follows."""
    world = MembersWorld()
    world.bucket.withdraw("1.4.0/game.zip")
    for number in range(versions):
        for file in range(files):
            world.bucket.publish(f"{number}/{name}{file}", hours_ago=number + 2)

    assert files_listed(world) == versions * files


@pytest.mark.parametrize("note", [b"\xff", b'"', b"\x01"], ids=["no UTF-8", "quotes", "control"])
@pytest.mark.slow
def test_long_notes_beside_long_names_keep_nobody_from_the_list(note: bytes) -> None:
    """As many notes as a page has, each character of which takes the most room, and of names."""
    world = MembersWorld()
    world.bucket.withdraw("1.4.0/game.zip")
    for number in range(20):
        version = f"{number:02}" + "\x01" * 900
        world.bucket.publish(f"{version}/NOTES.md", note * 20_000, hours_ago=number + 2)
        for file in range(1_500):
            world.bucket.publish(f"{version}/" + "\x02" * 96 + str(file), hours_ago=number + 2)

    assert files_listed(world) == 20 * 1_500


def files_listed(world: MembersWorld) -> int:
    """How many there are on all pages, those included that a page tells of only by number; each
    page is one that Lambda can give."""
    listed, query = 0, {}
    while True:
        answered = world.get("/artifacts", **query)
        body = answered.body
        assert len(json.dumps({"body": answered.text})) < _LAMBDA_ANSWERS
        assert body["versions"]
        listed += sum(len(one["files"]) + one["filesNotListed"] for one in body["versions"])
        if body["next"] is None:
            return listed
        query = {"next": body["next"]}


NOTES: dict[str, tuple[dict[str, bytes], str]] = {
    "none": ({}, ""),
    "text": ({"NOTES.txt": b"plain"}, "plain"),
    "both": ({"NOTES.txt": b"plain", "NOTES.md": b"marked"}, "marked"),
    "empty": ({"NOTES.md": b""}, ""),
    "empty, and text": ({"NOTES.md": b"", "NOTES.txt": b"plain"}, "plain"),
    "HTML": ({"NOTES.md": b"<script>alert(1)</script>"}, "<script>alert(1)</script>"),
    "a formula": ({"NOTES.md": b"=cmd()"}, "=cmd()"),
    "backwards": ({"NOTES.md": "a\u202eb\u2066".encode()}, "ab"),
    "control characters": ({"NOTES.md": b"a\x00\x1b[31m"}, "a__[31m"),
    "Latin 1": ({"NOTES.md": b"gr\xfcn"}, "gr\ufffdn"),
    "100 kB": ({"NOTES.md": b"a" * 100_000}, "a" * 16_384),
    "elsewhere": ({"docs/NOTES.md": b"x", "notes.md": b"x"}, ""),
}


@pytest.mark.parametrize(("stored", "notes"), NOTES.values(), ids=NOTES.keys())
def test_notes(stored: dict[str, bytes], notes: str) -> None:
    """Their first 16 KiB, as text whose lines are harmless in themselves; no file is lost."""
    world = MembersWorld()
    for name, content in stored.items():
        world.bucket.publish(f"1.4.0/{name}", content)

    [version] = world.get("/artifacts").body["versions"]

    assert version["notes"] == notes
    files = [one["name"] for one in version["files"]]
    assert files == sorted(["game.zip", *({*stored} - {"NOTES.md", "NOTES.txt"})])


def test_notes_that_cannot_be_read_keep_nobody_from_the_list(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The admin finds it in the log; withdrawn meanwhile is no fault."""
    world = MembersWorld()
    world.bucket.publish("1.4.0/NOTES.md", "notes")
    world.bucket.cannot_be_read("1.4.0/NOTES.md", "AccessDenied")

    assert world.get("/artifacts").body["versions"][0]["notes"] == ""

    [record] = caplog.records
    assert (record.levelno, record.getMessage()) == (
        logging.ERROR,
        'The notes of "1.4.0" could not be read (AccessDenied); the list was shown without them',
    )
    caplog.clear()
    world.bucket.cannot_be_read("1.4.0/NOTES.md", "NoSuchKey")
    assert world.get("/artifacts").status == 200
    assert not caplog.records


@pytest.mark.parametrize("code", ["AccessDenied", "SlowDown", "NoSuchBucket"])
def test_a_bucket_that_does_not_answer(code: str) -> None:
    """The page is told to try again, and the API's alarm counts it."""
    world = MembersWorld()
    world.bucket.cannot_be_listed(code)

    for answered in (world.get("/artifacts"), world.download("1.4.0")):
        assert (answered.status, answered.error) == (
            503,
            f"Which versions there are is not known: S3 does not do it at present ({code}). Try "
            "again in a minute; if it stays so, tell whoever runs this page.",
        )


NEXT = "which this API has not given; ask without it."


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"next": "nonsense"}, f'next is "nonsense", {NEXT}'),
        ({"next": "WyJhIl0"}, f'next is "WyJhIl0", {NEXT}'),  # ["a"]
        ({"next": "WzEsMl0"}, f'next is "WzEsMl0", {NEXT}'),  # [1,2]
        ({"next": "W1tdLCJhIl0"}, f'next is "W1tdLCJhIl0", {NEXT}'),  # [[],"a"]
        ({"next": "x" * 5_000}, f'next is "{"x" * 80}…", {NEXT}'),
        ({"next": ""}, "next is empty."),
        ({"page": "2"}, 'There is no query parameter "page" here; known: next.'),
    ],
)
def test_a_wrong_query_is_refused(query: dict[str, str], said: str) -> None:
    answered = MembersWorld().get("/artifacts", **query)

    assert (answered.status, answered.error) == (400, said)


_SEGMENTS = st.sampled_from(["..", "1.0", "NOTES.md"]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/"), max_size=6
)


@given(
    st.dictionaries(
        st.lists(_SEGMENTS | st.sampled_from(["..", "NOTES.md"]), min_size=1, max_size=3).map(
            "/".join
        ),
        st.integers(0, 100),
        min_size=1,
        max_size=60,
    )
)
def test_every_file_is_listed_once(keys: dict[str, int]) -> None:
    """Whatever its name is, over all pages; the newest versions first."""
    world = MembersWorld()
    world.bucket.withdraw("1.4.0/game.zip")
    for key, age in keys.items():
        if key:
            world.bucket.publish(key, b"x", hours_ago=age)

    listed: list[str] = []
    moments: list[str] = []
    query: dict[str, str] = {}
    while True:
        body = world.get("/artifacts", **query).body
        for one in body["versions"]:
            moments.append(one["publishedAt"])
            listed += [f"{one['version']}/{file['name']}" for file in one["files"]]
        if body["next"] is None:
            break
        query = {"next": body["next"]}

    expected = []
    for key in keys:
        version, _, name = key.partition("/")
        if version not in ("", ".", "..") and name and name not in ("NOTES.md", "NOTES.txt"):
            expected.append(key)
    assert sorted(listed) == sorted(expected)
    assert moments == sorted(moments, reverse=True)
