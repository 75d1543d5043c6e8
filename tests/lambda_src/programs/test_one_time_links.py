"""Links that work exactly once: made and followed by Programs, let in by NonceGate."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError, CredentialRetrievalError, ReadTimeoutError
from programs import nonces
from tables.service import TableError

from tests.lambda_src.fakes import BUCKET, NOW
from tests.lambda_src.programs_world import ProgramsWorld, query_of

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

    assert link.startswith("https://programs.example.com/access-object?nonce=")
    [row] = world.table.rows
    file_ends = int((NOW.replace(microsecond=0) + timedelta(days=4, seconds=-1)).timestamp())
    assert {name: row[name] for name in (nonces.BUCKET, nonces.FILE, nonces.VERSION)} == {
        nonces.BUCKET: BUCKET,
        nonces.FILE: KEY,
        nonces.VERSION: "null",
    }
    assert row[nonces.EXPIRES_AT] == row[nonces.REMOVED_AT] == file_ends
    assert nonces.TAKEN_AT not in row
    assert query_of(link)["nonce"] not in str(row)


def test_it_works_once(world: ProgramsWorld) -> None:
    """The gate names it to the function behind it; a second time it refuses, at once and later."""
    link = world.one_time_link()
    [row] = world.table.rows

    gate = world.open(link)
    assert gate == {"isAuthorized": True, "context": {"nonceHash": row[nonces.NONCE_HASH]}}
    assert world.follow(gate["context"]).status == 303
    assert world.open(link) == NO
    world.clock.passes(hours=1)
    assert world.open(link) == NO


def test_one_of_many_at_the_same_moment_gets_the_file(world: ProgramsWorld) -> None:
    """All are past the gate before one of them takes it; the update decides, in any order."""
    link = world.one_time_link()
    contexts = [world.open(link)["context"] for _ in range(40)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(world.follow, contexts))

    assert sorted(answer.status for answer in answers) == [303] + [403] * 39
    refused = {answer.error for answer in answers if answer.status == 403}
    assert refused == {"The link was used already, or its time is over; ask for another one."}


@pytest.mark.parametrize("request_id", [None, "chosen"])
def test_somebody_else_may_be_faster(world: ProgramsWorld, request_id: str | None) -> None:
    """Between this one's look and its update, somebody else's was done; perhaps under the same id,
    which callers of REST APIs can choose."""
    link = world.one_time_link()
    late, fast = world.open(link)["context"], world.open(link)["context"]
    statuses: list[int] = []
    calls = world.table.calls

    def get_first() -> None:
        if world.table.calls == calls + 2 and not statuses:
            statuses.append(0)
            statuses[0] = world.follow(fast, request_id).status

    world.table.while_writing = get_first

    assert world.follow(late, request_id).status == 403
    assert statuses == [303]


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
    assert world.get(link) == (303 if passes else 403)


@pytest.mark.parametrize(
    "query",
    [
        *("", "nonce", "nonce=", "nonce=abc", "NONCE={}", "nonce={}&nonce={}", "nonce={},{}"),
        *("nonce={}&more=1", "nonce={}=", "nonce=%{}", "nonce={}\ud800"),
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


def test_without_the_table_nobody_passes_and_nothing_is_taken(
    world: ProgramsWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """An error makes API Gateway answer 500; the same link works when the table is back."""
    link = world.one_time_link()
    world.table.fails("InternalServerError")

    with pytest.raises(TableError, match="InternalServerError"):
        world.open(link)

    assert "does not answer (InternalServerError)" in caplog.records[-1].getMessage()
    assert world.open(link)["isAuthorized"]


def test_the_log_tells_no_nonce(world: ProgramsWorld, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the gate's nor Programs': who got a file, and why somebody did not."""
    caplog.set_level("DEBUG")
    link = world.one_time_link()
    world.get(link)
    world.get(link)
    world.pass_gate("nonce=abc")

    assert [one.getMessage() for one in caplog.records] == [
        'Made a one-time link to "report.pdf"',
        'Let a one-time link be followed to "report.pdf"',
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
        "bucket_name is not the bucket of this deployment; name that one.",
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
    busy = "ProvisionedThroughputExceededException"
    world.table.fails(busy, busy)

    assert world.open(world.one_time_link())["isAuthorized"]
    assert sum(world.clock.slept) < 1


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "ProvisionedThroughputExceededException",
            'No link to "report.pdf" was made: the table of nonces does not take it at present '
            "(ProvisionedThroughputExceededException). Try again in a minute.",
        ),
        (
            "ResourceNotFoundException",
            'No link to "report.pdf" was made: the table of nonces does not take it '
            "(ResourceNotFoundException). Ask whoever runs this API to look into its log, and to "
            "deploy the programs stack again.",
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


def let_in(world: ProgramsWorld) -> dict[str, str]:
    """What NonceGate says of a new link to the function behind it."""
    context: dict[str, str] = world.open(world.one_time_link())["context"]
    return context


def test_whoever_was_let_in_is_redirected(world: ProgramsWorld) -> None:
    """To the object, signed for a minute, which no cache keeps and no site is told."""
    answered = world.follow(let_in(world))

    assert (answered.status, answered.body) == (303, {})
    query = query_of(answered.headers["location"])
    assert (query["versionId"], query["X-Amz-Expires"]) == ("null", "60")
    assert answered.headers["cache-control"] == "no-store"
    assert answered.headers["referrer-policy"] == "no-referrer"


def test_without_the_gates_word_there_is_nothing(world: ProgramsWorld) -> None:
    """Nor for a link that is gone, nor for a file that is."""
    context = let_in(world)

    assert world.follow(None).status == world.follow({}).status == 404
    assert world.follow({**context, "nonceHash": "f" * 64}).status == 403
    world.bucket.remove(KEY)
    answered = world.follow(context)
    assert (answered.status, answered.error) == (404, "The object is not there any more.")


def test_without_versions_a_later_file_is_another_one(world: ProgramsWorld) -> None:
    """What was put under the key since is not given."""
    context = let_in(world)
    world.bucket.put(KEY, age=timedelta(0))

    assert world.follow(context).status == 404


AS_BEFORE = "did not answer; the link is as good as before, try again."


def test_s3_fails_behind_the_gate(world: ProgramsWorld, caplog: pytest.LogCaptureFixture) -> None:
    """The nonce was not taken yet: the answer says so, and the link works."""
    link = world.one_time_link()
    context = world.open(link)["context"]
    world.bucket.refuses_with(ClientError({"Error": {"Code": "503"}}, "HeadObject"))

    answered = world.follow(context)

    assert (answered.status, answered.error) == (503, f"S3 {AS_BEFORE}")
    assert "was not followed (FileNotReadable)" in caplog.records[-1].getMessage()
    world.bucket.refuses_nothing()
    assert [world.get(link) for _ in range(2)] == [303, 403]


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (
            lambda world: world.bucket.archives(KEY),
            "The object is archived in S3 and cannot be downloaded until it is restored.",
        ),
        (
            lambda world: world.bucket.encrypts(KEY, "AccessDenied"),
            "The object is encrypted with a KMS key that this API may not use any more.",
        ),
    ],
    ids=["archived", "encrypted"],
)
def test_a_file_that_cannot_be_downloaded_any_more_is_no_fault_of_s3(
    world: ProgramsWorld, happens: Callable[[ProgramsWorld], None], said: str
) -> None:
    """To try again would not help; and the nonce is not taken."""
    context = let_in(world)
    happens(world)

    answered = world.follow(context)

    assert (answered.status, answered.error) == (404, said)
    found = world.nonces.find(context["nonceHash"], world.clock.now)
    assert isinstance(found, nonces.OneTimeLink)


def test_no_signature_no_nonce(world: ProgramsWorld, caplog: pytest.LogCaptureFixture) -> None:
    """Credentials that cannot be renewed at the moment use up no link."""
    link = world.one_time_link()
    context = world.open(link)["context"]
    world.signer_fault = CredentialRetrievalError(provider="iam-role", error_msg="busy")

    answered = world.follow(context)

    assert (answered.status, answered.error) == (503, f"S3 {AS_BEFORE}")
    assert "(CredentialRetrievalError)" in caplog.records[-1].getMessage()
    world.signer_fault = None
    assert [world.get(link) for _ in range(2)] == [303, 403]


def test_what_is_ready_too_late_is_not_taken(world: ProgramsWorld) -> None:
    """API Gateway may have given the request up by then, and the program is told to try again."""
    link = world.one_time_link()
    context = world.open(link)["context"]
    world.bucket.answers_after(lambda: world.clock.passes(seconds=16))

    answered = world.follow(context)

    assert (answered.status, answered.error) == (503, f"S3 {AS_BEFORE}")
    world.bucket.answers_after(lambda: None)
    assert [world.get(link) for _ in range(2)] == [303, 403]


@pytest.mark.parametrize(
    "codes", [["InternalServerError"], [None, "InternalServerError"]], ids=["read", "update"]
)
def test_the_table_fails_behind_the_gate(
    world: ProgramsWorld, caplog: pytest.LogCaptureFixture, codes: list[str | None]
) -> None:
    """At whichever of its calls: it took nothing, S3 is not blamed, and the link works."""
    link = world.one_time_link()
    context = world.open(link)["context"]
    world.table.fails(*codes)

    answered = world.follow(context)

    assert (answered.status, answered.error) == (503, f"The table of nonces {AS_BEFORE}")
    assert "(InternalServerError)" in caplog.records[-1].getMessage()
    assert [world.get(link) for _ in range(2)] == [303, 403]


def test_a_nonce_that_was_taken_for_nobody_is_given_back(world: ProgramsWorld) -> None:
    """The table did it and said it had not: nobody got the file, so the link works."""
    link = world.one_time_link()
    context = world.open(link)["context"]
    world.table.answers_are_lost(ReadTimeoutError(endpoint_url="https://example.com"))

    answered = world.follow(context)

    assert (answered.status, answered.error) == (503, f"The table of nonces {AS_BEFORE}")
    assert [world.get(link) for _ in range(2)] == [303, 403]


def test_a_nonce_that_cannot_be_given_back_is_said_to_be_so(world: ProgramsWorld) -> None:
    """Its answer was lost, and then the table was: nobody can know."""
    link = world.one_time_link()
    context = world.open(link)["context"]
    world.table.answers_are_lost(ReadTimeoutError(endpoint_url="https://example.com"))
    world.table.fails(None, None, "InternalServerError")

    answered = world.follow(context)

    assert (answered.status, answered.error) == (
        503,
        "The table of nonces did not answer, and the link may be used up; try again, and ask for "
        "another one if it is.",
    )
    assert world.get(link) == 403


def test_a_request_knows_what_it_has_taken_itself(world: ProgramsWorld) -> None:
    """botocore sends an update again when its answer is lost; another request is another one."""
    world.one_time_link()
    [row] = world.table.rows
    taken = row[nonces.NONCE_HASH]

    assert world.nonces.take(taken, "this one", NOW) is None
    assert world.nonces.take(taken, "this one", NOW) is None
    assert world.nonces.take(taken, "another", NOW) == nonces.Refused("UsedUp")


def test_only_the_one_that_took_a_nonce_gives_it_back(world: ProgramsWorld) -> None:
    """A request that is late must not open the link for somebody else once more."""
    link = world.one_time_link()
    [row] = world.table.rows
    assert world.get(link) == 303

    world.nonces.give_back(row[nonces.NONCE_HASH], "a request that is late")

    assert world.get(link) == 403


def test_a_link_that_leaked_is_taken_back_by_hand(world: ProgramsWorld) -> None:
    """By deleting its row, which the gate misses then; or the file's version, which gives 404."""
    by_row, by_version = world.one_time_link(), world.one_time_link()
    nonce = query_of(by_row)["nonce"]

    del world.table.items[hashlib.sha256(nonce.encode()).hexdigest()]
    world.bucket.remove(KEY)

    assert world.open(by_row) == NO
    assert world.follow(world.open(by_version)["context"]).status == 404


@pytest.mark.parametrize("after", [".", ")", "%20", "+", "/", "%3E", "_", "%E2%80%9D"])
def test_a_link_works_with_what_mail_programs_append(after: str) -> None:
    """Once, as without it."""
    world = ProgramsWorld()
    world.bucket.put("report.pdf")
    link = world.one_time_link()

    assert world.follow(world.open(f"{link}{after}")["context"]).status == 303
    assert world.open(link) == NO


@pytest.mark.parametrize("after", ["a", "-", ".a", "%00", "%2E%2E%2E%2E%2E%2E%2E%2E%2E", "&x=1"])
def test_nothing_else_may_follow_a_nonce(after: str) -> None:
    """And the nonce is as good as before."""
    world = ProgramsWorld()
    world.bucket.put("report.pdf")
    link = world.one_time_link()

    assert world.open(f"{link}{after}") == NO
    assert world.follow(world.open(link)["context"]).status == 303
