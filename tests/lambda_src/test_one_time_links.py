"""Links that work exactly once: made by PresignApi, let in by NonceGate."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from portal_links import rows
from portal_links.store import NewLink
from portal_links.tokens import new_token
from tables.service import TableError

from tests.lambda_src.fakes import BUCKET, NOW
from tests.lambda_src.programs import ProgramsWorld, query_of

NO = {"isAuthorized": False}
KEY = "report.pdf"


@pytest.fixture
def world() -> ProgramsWorld:
    world = ProgramsWorld()
    world.bucket.put(KEY)
    world.bucket.suspends_versioning()
    return world


def test_a_link_is_made(world: ProgramsWorld) -> None:
    """To this version, once, until the file's end, and of no use to whoever reads the table."""
    link = world.one_time_link()

    assert link.startswith("https://portal.example.com/access-object?nonce=")
    [row] = world.table.rows
    file_ends = int((NOW.replace(microsecond=0) + timedelta(days=4, seconds=-1)).timestamp())
    assert {name: row.get(name) for name in (rows.KIND, rows.BUCKET, rows.FILE, rows.VERSION)} == {
        rows.KIND: rows.PROGRAM,
        rows.BUCKET: BUCKET,
        rows.FILE: KEY,
        rows.VERSION: "null",
    }
    assert (row[rows.MAX_DOWNLOADS], row[rows.EXPIRES_AT]) == (1, file_ends)
    assert rows.RECIPIENT not in row
    assert query_of(link)["nonce"] not in str(row)


def test_it_works_once(world: ProgramsWorld) -> None:
    """The gate names the link to the portal; a second time it refuses, at once and later."""
    link = world.one_time_link()
    [row] = world.table.rows

    assert world.open(link) == {"isAuthorized": True, "context": {"linkId": row[rows.LINK_ID]}}
    assert world.open(link) == NO
    world.clock.passes(hours=1)
    assert world.open(link) == NO


def test_one_of_many_at_the_same_moment_passes(world: ProgramsWorld) -> None:
    """The update decides; whoever has read the link before does not count."""
    link = world.one_time_link()
    before_the_others: list[dict[str, Any]] = []

    def open_first() -> None:
        """Somebody else is through between this one's look and its update."""
        if world.table.calls == calls_before + 2 and not before_the_others:
            before_the_others.append({})
            before_the_others[0] = world.open(link)

    calls_before = world.table.calls
    world.table.while_writing = open_first
    late = world.open(link)

    assert before_the_others[0]["isAuthorized"]
    assert late == NO
    with ThreadPoolExecutor(8) as pool:
        assert not any(one["isAuthorized"] for one in pool.map(world.open, [link] * 40))


@pytest.mark.parametrize(
    ("expires", "age", "passes"),
    [
        (None, timedelta(days=4, seconds=-2), True),
        (None, timedelta(days=4), False),
        (60, timedelta(seconds=58), True),
        (60, timedelta(seconds=60), False),
        (10**9, timedelta(days=4), False),
    ],
)
def test_it_works_until_its_end(
    world: ProgramsWorld, expires: int | None, age: timedelta, passes: bool
) -> None:
    """The caller's wish or the file's end, whichever is first."""
    link = world.one_time_link(**({} if expires is None else {"expires": expires}))

    world.clock.now += age

    assert world.open(link)["isAuthorized"] is passes


def test_a_link_that_was_taken_back_does_not_work(world: ProgramsWorld) -> None:
    """`s3link links revoke` knows these too."""
    link = world.one_time_link()
    world.links.revoke(world.table.rows[0][rows.LINK_ID], NOW)

    assert world.open(link) == NO


def test_the_gate_opens_no_link_of_a_mail(world: ProgramsWorld) -> None:
    """Its token counts for its page only; here it would pass by what the page asks."""
    token = new_token("0" * 32, lambda count: b"x" * count)
    mail = NewLink(
        token, rows.MAIL, BUCKET, KEY, "v1", "bob@example.com", *[NOW + timedelta(days=1)] * 4
    )
    world.links.make([mail], NOW, lambda tries: False)

    assert world.pass_gate(f"nonce={token.text}") == NO
    assert world.table.rows[0][rows.DOWNLOADS] == 0


@pytest.mark.parametrize(
    "query",
    [
        *("", "nonce", "nonce=", "nonce=abc", "NONCE={}", "nonce={}&nonce={}", "nonce={},{}"),
        *("nonce={}&more=1", "nonce={}%20", "nonce={}=", "nonce=%{}", "nonce={}\ud800"),
        *("nonce=" + "A" * 43, "nonce=" + "é" * 43),
    ],
)
def test_a_nonce_that_is_none_is_refused(world: ProgramsWorld, query: str) -> None:
    """And the real one in it is not taken by that."""
    link = world.one_time_link()
    nonce = query_of(link)["nonce"]

    assert world.pass_gate(query.replace("{}", nonce)) == NO
    assert world.open(link)["isAuthorized"]


def test_a_guess_next_to_a_nonce_is_refused(world: ProgramsWorld) -> None:
    """The link's id is in every log; the secret is not."""
    link = world.one_time_link()
    nonce = query_of(link)["nonce"]

    assert world.pass_gate(f"nonce={nonce[:22]}{'A' * 21}") == NO
    assert world.open(link)["isAuthorized"]


@pytest.mark.parametrize("failing", [("InternalServerError",), (None, "InternalServerError")])
def test_without_the_table_nobody_passes_and_nothing_is_taken(
    world: ProgramsWorld, failing: tuple[str | None, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """An error makes API Gateway answer 500; the same link works when the table is back."""
    link = world.one_time_link()
    world.table.fails(*failing)

    with pytest.raises(TableError, match="InternalServerError"):
        world.open(link)

    assert "does not answer (InternalServerError)" in caplog.records[-1].getMessage()
    assert world.open(link)["isAuthorized"]


def test_the_gates_log_tells_no_nonce(
    world: ProgramsWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does the log of PresignApi: who passed, and why somebody did not."""
    caplog.set_level("DEBUG")
    link = world.one_time_link()
    world.open(link)
    world.open(link)
    world.pass_gate("nonce=abc")

    assert [one.getMessage() for one in caplog.records] == [
        'Made a one-time link to "report.pdf"',
        "Let a program in",
        "Refused a program: UsedUp",
        "Refused a program: there is no nonce, or not one",
    ]
    said = "\n".join(str(vars(one)) for one in caplog.records)
    assert query_of(link)["nonce"] not in said
    assert urlsplit(link).query not in said


MISTAKES: dict[str, tuple[dict[str, object], int, str]] = {
    "another bucket": (
        {"bucket_name": "example-files-2"},
        400,
        "bucket_name is not the bucket of this portal; name that one.",
    ),
    "no bucket": ({"bucket_name": ""}, 400, "bucket_name is empty."),
    "no object": ({"object_name": None}, 400, "object_name is missing."),
    "a file that is not there": (
        {"object_name": "b.pdf"},
        404,
        'There is no file "b.pdf"; upload it first.',
    ),
    "the folder above": (
        {"object_name": "../report.pdf"},
        400,
        'object_name is "../report.pdf", but no folder or file may be called "." or "..": '
        "browsers cannot open it.",
    ),
    "no time": ({"expires": 0}, 400, "expires must be a whole number from 1 to 1000000000."),
    "half a second": (
        {"expires": 0.5},
        400,
        "expires must be a whole number from 1 to 1000000000.",
    ),
    "an unknown field": (
        {"version": "v1"},
        400,
        'There is no field "version" here; known: bucket_name, object_name, expires.',
    ),
}


@pytest.mark.parametrize(("changes", "status", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named(
    world: ProgramsWorld, changes: dict[str, object], status: int, said: str
) -> None:
    """One sentence; no link is made."""
    body = {"bucket_name": BUCKET, "object_name": KEY, **changes}

    answered = world.post("/generate-url", body)

    assert (answered.status, answered.error) == (status, said)
    assert world.table.rows == []


def test_keys_are_confined(world: ProgramsWorld) -> None:
    """To what ProgramsKeys allows; whether another file is there is not told."""
    body = {"bucket_name": BUCKET, "object_name": KEY}
    missing = {"bucket_name": BUCKET, "object_name": "none.pdf"}

    answered = world.post("/generate-url", body, keys="programs/*")

    assert answered.status == 400
    assert world.post("/generate-url", missing, keys="programs/*").status == 400


def test_no_link_is_made_when_the_files_time_is_over(world: ProgramsWorld) -> None:
    """S3 may remove it at any moment."""
    world.clock.passes(days=4)

    answered = world.post("/generate-url", {"bucket_name": BUCKET, "object_name": KEY})

    assert (answered.status, answered.error) == (
        404,
        '"report.pdf" may be removed at any moment, for its time is over; upload it again.',
    )


def test_a_busy_table_is_asked_again(world: ProgramsWorld) -> None:
    """Twice, in less than a second; the program waits."""
    world.table.cancels("TransactionConflict", "TransactionConflict")

    assert world.open(world.one_time_link())["isAuthorized"]
    assert sum(world.clock.slept) < 1


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "ProvisionedThroughputExceededException",
            'No link to "report.pdf" was made: the portal\'s table does not take it at present '
            "(ProvisionedThroughputExceededException). Try again in a minute.",
        ),
        (
            "ResourceNotFoundException",
            'No link to "report.pdf" was made: the portal\'s table does not take it '
            "(ResourceNotFoundException). Ask whoever runs this portal to look into its log, and "
            "to deploy the portal stack again.",
        ),
    ],
)
def test_a_fault_of_the_table_is_told_and_logged(
    world: ProgramsWorld, code: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """503, whose count tells the admin; no link is half made."""
    world.table.fails(code, code, code)

    answered = world.post("/generate-url", {"bucket_name": BUCKET, "object_name": KEY})

    assert (answered.status, answered.error) == (503, said)
    assert (caplog.records[-1].levelname, caplog.records[-1].getMessage()) == ("ERROR", said)
    assert world.table.rows == []
