"""The survey: its questions, one answer for each member and version, and all of them for admins."""

from __future__ import annotations

import csv
import json
import logging
from io import StringIO
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from http_api.fields import page_token
from hypothesis import given
from hypothesis import strategies as st
from survey.questions import DEFAULT_QUESTIONS

from tests.lambda_src.fakes import NOW
from tests.lambda_src.members_world import (
    ADMIN,
    BOB,
    EVE,
    Answered,
    MembersWorld,
    claims_of,
    request_for,
)

THEN = f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
OWN = {"questions": [{"id": "why", "text": "Why?", "kind": "text"}]}
AGAIN = "Try again in a minute; if it stays so, tell whoever runs this page."


def answer(
    world: MembersWorld, answers: object, claims: Any = None, version: str = "1.4.0"
) -> Answered:
    return world.post("/survey", {"version": version, "answers": answers}, claims)


def shown(world: MembersWorld, claims: Any = None, version: str = "1.4.0") -> Any:
    return world.get("/survey", claims, version=version).body


def test_the_questions() -> None:
    """The default, and nothing answered yet."""
    assert shown(MembersWorld()) == {
        "version": "1.4.0",
        "questions": DEFAULT_QUESTIONS.as_json(),
        "answers": {},
        "answeredAt": None,
    }


def test_questions_of_the_bucket() -> None:
    world = MembersWorld()
    world.bucket.publish("survey.json", json.dumps(OWN))

    assert shown(world)["questions"] == [
        {"id": "why", "text": "Why?", "kind": "text", "required": False}
    ]
    assert answer(world, {"why": "Fun"}).status == 200
    assert answer(world, {"rating": 5}).status == 400


def test_an_answer_is_kept_and_may_be_changed() -> None:
    """One row for each member and version, with the address for whoever reads them."""
    world = MembersWorld()
    given_ = {"rating": 2, "works": "Most of it", "comment": "<b>Slow</b>\n=cmd()"}

    first = answer(world, given_)
    world.clock.passes(hours=1)
    assert shown(world)["answers"] == given_
    assert shown(world)["answeredAt"] == THEN
    second = answer(world, {"rating": 5, "comment": ""})

    assert (first.status, first.body) == (200, {"answeredAt": THEN})
    assert second.status == 200
    assert world.survey_table.rows == [
        {
            "Version": "1.4.0",
            "MemberId": BOB,
            "Member": "bob@example.com",
            "Answers": {"rating": 5},
            "AnsweredAt": int(NOW.timestamp()) + 3600,
        }
    ]


def test_nobody_reads_or_changes_anothers_answers() -> None:
    """Whose they are is said by the token alone; whoever says it elsewhere is refused."""
    world = MembersWorld()
    answer(world, {"rating": 1, "comment": "mine"})

    assert shown(world, claims_of(EVE))["answers"] == {}
    assert answer(world, {"rating": 5}, claims_of(EVE)).status == 200
    for name in ("memberId", "MemberId", "member", "sub"):
        body = {"version": "1.4.0", "answers": {"rating": 5}, name: BOB}
        assert world.post("/survey", body, claims_of(EVE)).status == 400
        assert world.get("/survey", claims_of(EVE), version="1.4.0", **{name: BOB}).status == 400

    assert shown(world)["answers"] == {"rating": 1, "comment": "mine"}
    assert shown(world, claims_of(EVE))["answers"] == {"rating": 5}


@pytest.mark.parametrize(
    "version", ["2.0", "", "..", "survey.json", "1.4.0/", "<b>", "a" * 100_000]
)
def test_a_version_that_is_not_there(version: str) -> None:
    """Is neither asked about nor answered."""
    world = MembersWorld()

    for answered in (
        answer(world, {"rating": 5}, version=version),
        world.get("/survey", version=version),
    ):
        assert answered.status == (404 if version else 400)
        assert len(answered.error) < 200
    assert not world.survey_table.calls


def test_a_version_that_is_withdrawn_meanwhile() -> None:
    """The answers that were given stay, for whoever reads them; more are not taken."""
    world = MembersWorld()
    answer(world, {"rating": 5})
    world.bucket.withdraw("1.4.0/game.zip")

    answered = answer(world, {"rating": 1})

    assert (answered.status, answered.error) == (
        404,
        'There is no version "1.4.0", or not any more; load the list again.',
    )
    [row] = world.get("/survey/answers", ADMIN).body["answers"]
    assert row["answers"] == {"rating": 5}


def test_two_answers_at_once() -> None:
    """The one that is written last stands, whole."""
    world = MembersWorld()

    def another_comes_first() -> None:
        world.survey_table.before_writing = lambda: None
        assert answer(world, {"rating": 1, "comment": "first"}).status == 200

    world.survey_table.before_writing = another_comes_first

    assert answer(world, {"rating": 5, "works": "Most of it"}).status == 200
    assert shown(world)["answers"] == {"rating": 5, "works": "Most of it"}


def test_questions_that_changed_meanwhile() -> None:
    """What was answered to questions that are gone is not shown; the member is told to reload."""
    world = MembersWorld()
    answer(world, {"rating": 5})
    world.bucket.publish("survey.json", json.dumps(OWN))

    answered = answer(world, {"rating": 5})

    assert shown(world)["answers"] == {}
    assert (answered.status, answered.error) == (
        400,
        'There is no question "rating" in this survey; it may have changed. Reload the page.',
    )


BODIES: dict[str, tuple[str | None, str]] = {
    "nothing": (None, "The body is not JSON in UTF-8; send one JSON object."),
    "a list": ("[]", "The body is JSON, but not an object; send one JSON object."),
    "300 kB": ("a" * 300_000, "The body is longer than 262144 bytes."),
    "no version": ('{"answers": {}}', "version is missing."),
    "a number": ('{"version": 1.4}', "version must be text."),
    "half a character": ('{"version": "\\ud800"}', "version has half of a character in it."),
    "no answers": (
        '{"version": "1.4.0"}',
        "The answers must be an object of question ids and values.",
    ),
    "none that is required": (
        '{"version": "1.4.0", "answers": {}}',
        '"How do you like this version?" needs an answer.',
    ),
    "not a number": (
        '{"version": "1.4.0", "answers": {"rating": NaN}}',
        '"How do you like this version?" takes a whole number from 1 to 5.',
    ),
    "100 kB": (
        json.dumps({"version": "1.4.0", "answers": {"rating": 5, "comment": "=" * 100_000}}),
        '"What went wrong, and what would you like to see next?" takes at most 4,000 characters, '
        "and the answer has 100,000.",
    ),
    "a name twice": (
        '{"version": "1.4.0", "version": "1.4.0"}',
        "The body is not JSON in UTF-8; send one JSON object.",
    ),
    "more": (
        '{"version": "1.4.0", "answers": {}, "x": 1}',
        'There is no field "x" here; known: version, answers.',
    ),
}


@pytest.mark.parametrize(("body", "said"), BODIES.values(), ids=BODIES.keys())
def test_a_wrong_body_is_refused(body: str | None, said: str) -> None:
    """With a sentence, and nothing is kept."""
    world = MembersWorld()

    answered = world.answer(request_for("POST /survey", body=body))

    assert (answered.status, answered.error) == (400, said)
    assert not world.survey_table.calls


WRONG_SURVEYS = {
    "": 'The survey is not JSON (line 1, column 1: Expecting value); write {"questions": [...]}.',
    '{"questions": []}': '"questions" must be a list of 1 to 20 questions.',
    " " * 300_000: "The survey is longer than 262144 bytes.",
}


@pytest.mark.parametrize(("content", "why"), WRONG_SURVEYS.items(), ids=["empty", "none", "long"])
def test_a_survey_that_is_not_right(
    content: str, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody put it there past the tool. Nobody is asked other questions instead."""
    world = MembersWorld()
    world.bucket.publish("survey.json", content)

    for answered in (world.get("/survey", version="1.4.0"), answer(world, {"rating": 5})):
        assert (answered.status, answered.error) == (
            503,
            f"The survey cannot be shown, for survey.json is not right: {why} Tell whoever runs "
            "this page.",
        )
    assert {record.levelno for record in caplog.records} == {logging.ERROR}


def test_a_survey_that_cannot_be_read() -> None:
    """S3 says why; the default is for a bucket without a survey only."""
    world = MembersWorld()
    world.bucket.cannot_be_read("survey.json", "AccessDenied")

    answered = world.get("/survey", version="1.4.0")

    assert (answered.status, answered.error) == (
        503,
        f"The questions were not read: S3 does not do it at present (AccessDenied). {AGAIN}",
    )


@pytest.mark.parametrize(
    "fault",
    [
        ClientError({"Error": {"Code": "TooManyRequestsException"}}, "AdminGetUser"),
        ReadTimeoutError(endpoint_url="https://example.com"),
    ],
)
def test_answers_are_kept_without_an_address(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """When Cognito does not say it: the member's id is in the row, and the log has the reason."""
    world = MembersWorld()
    caplog.set_level(logging.INFO)
    world.people.does_not_answer(fault)

    assert answer(world, {"rating": 5}).status == 200

    [row] = world.survey_table.rows
    assert (row["MemberId"], row["Member"]) == (BOB, "")
    failed, _ = caplog.records
    assert failed.levelno == logging.ERROR
    assert failed.getMessage().startswith("The address of a member could not be looked up (")


def test_a_table_that_does_not_answer() -> None:
    """Nothing is said to be kept that is not."""
    world = MembersWorld()
    world.survey_table.fails_with("ThrottlingException")

    for answered in (
        answer(world, {"rating": 5}),
        world.get("/survey", version="1.4.0"),
        world.get("/survey/answers", ADMIN),
    ):
        assert (answered.status, answered.error) == (
            503,
            f"That was not done: DynamoDB does not do it at present (ThrottlingException). {AGAIN}",
        )


def test_all_answers_come_by_pages() -> None:
    """100 each, every one once; of one version where that is asked for."""
    world = MembersWorld()
    for version in ("1.4.0", "2.0"):
        world.bucket.publish(f"{version}/a")
        for number in range(120):
            world.people.addresses[f"m{number}"] = f"m{number}@example.com"
            answer(world, {"rating": 3}, claims_of(f"m{number}"), version)

    assert sizes(world, {}) == [100, 100, 40]
    assert sizes(world, {"version": "2.0"}) == [100, 20]
    assert sizes(world, {"version": "none"}) == [0]


def sizes(world: MembersWorld, query: dict[str, str]) -> list[int]:
    found: set[tuple[str, str]] = set()
    counted: list[int] = []
    while True:
        body = world.get("/survey/answers", ADMIN, **query).body
        counted.append(len(body["answers"]))
        found |= {(one["version"], one["memberId"]) for one in body["answers"]}
        if body["next"] is None:
            assert len(found) == sum(counted)
            return counted
        query = {**query, "next": body["next"]}


def test_an_answer_as_an_admin_sees_it() -> None:
    """With who answered, and when."""
    world = MembersWorld()
    answer(world, {"rating": 5, "comment": "Fun"})

    assert world.get("/survey/answers", ADMIN).body == {
        "answers": [
            {
                "version": "1.4.0",
                "member": "bob@example.com",
                "memberId": BOB,
                "answeredAt": THEN,
                "answers": {"rating": 5, "comment": "Fun"},
            }
        ],
        "next": None,
    }


def test_answers_as_csv() -> None:
    """With a column for each question, and nothing that a spreadsheet would run."""
    world = MembersWorld()
    answer(world, {"rating": 5, "comment": '=HYPERLINK("https://example.com")'})

    answered = world.get("/survey/answers", ADMIN, format="csv")

    assert answered.status == 200
    assert answered.headers["content-type"] == "text/csv; charset=utf-8"
    assert answered.headers["content-disposition"] == 'attachment; filename="answers.csv"'
    assert answered.headers["cache-control"] == "no-store"
    assert "x-s3link-next" not in answered.headers
    assert answered.text == (
        '"version","member","answered_at","rating","works","comment"\r\n'
        f'"1.4.0","bob@example.com","{THEN}","5","","\'=HYPERLINK(""https://example.com"")"\r\n'
    )


def test_csv_comes_by_pages_too() -> None:
    """A header says how it goes on; each page has the same columns."""
    world = MembersWorld()
    for number in range(101):
        world.people.addresses[f"m{number}"] = f"m{number}@example.com"
        answer(world, {"rating": 3}, claims_of(f"m{number}"))

    first = world.get("/survey/answers", ADMIN, format="csv")
    second = world.get("/survey/answers", ADMIN, format="csv", next=first.headers["x-s3link-next"])

    tables = [list(csv.reader(StringIO(one.text))) for one in (first, second)]
    assert [len(table) for table in tables] == [101, 2]
    assert tables[0][0] == tables[1][0]
    assert "x-s3link-next" not in second.headers


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"format": "xml"}, 'format is "xml", but must be json or csv.'),
        ({"version": ""}, "version is empty."),
        ({"next": "x"}, 'next is "x", which this API has not given; ask without it.'),
        (
            {"next": page_token("a" * 1025, "b")},
            f'next is "{page_token("a" * 1025, "b")[:80]}…", which this API has not given; ask '
            "without it.",
        ),
        (
            {"next": "WyJhIiwiYiJd", "version": "1.4.0"},  # ["a","b"]
            "next belongs to answers about another version; ask without it.",
        ),
        (
            {"member": "bob"},
            'There is no query parameter "member" here; known: version, format, next.',
        ),
    ],
)
def test_a_wrong_query_for_answers_is_refused(query: dict[str, str], said: str) -> None:
    answered = MembersWorld().get("/survey/answers", ADMIN, **query)

    assert (answered.status, answered.error) == (400, said)


def test_a_version_that_no_key_can_have() -> None:
    """DynamoDB would call it a fault of ours."""
    answered = MembersWorld().get("/survey/answers", ADMIN, version="щ" * 513)

    assert answered.status == 404
    assert answered.error.startswith('There is no version "щщщ')


def test_no_answer_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Nor an address, nor the token; who answered about what is."""
    world = MembersWorld()
    caplog.set_level(logging.DEBUG)
    answer(world, {"rating": 5, "comment": "a-secret-opinion"})
    answer(world, {"rating": 9, "comment": "a-secret-opinion", "a-secret-opinion": 1})
    world.get("/survey", version="1.4.0")
    world.get("/survey/answers", ADMIN)

    [record] = caplog.records
    assert record.getMessage() == 'Answered the survey about "1.4.0"'
    assert record.__dict__["member"] == BOB
    logged = str(record.__dict__)
    for secret in ("a-secret-opinion", "bob@example.com", "eyJ"):
        assert secret not in logged


@given(
    st.dictionaries(
        st.sampled_from(["rating", "works", "comment"]),
        st.integers(0, 6) | st.text(max_size=30) | st.sampled_from(["Most of it", "=1", "\u202e"]),
    )
)
def test_any_answers_are_shown_as_they_are_kept(answers: dict[str, Any]) -> None:
    """To the member, to the admin, in JSON and in CSV; or they are refused and not kept."""
    world = MembersWorld()

    if answer(world, answers).status == 400:
        assert not world.survey_table.rows
        return

    kept = shown(world)["answers"]
    [row] = world.get("/survey/answers", ADMIN).body["answers"]
    assert row["answers"] == kept
    text = world.get("/survey/answers", ADMIN, format="csv").text
    _, line = csv.reader(StringIO(text, newline=""))
    assert [cell.replace("'", "") for cell in line[3:]] == [
        str(kept.get(name, "")).replace("'", "") for name in ("rating", "works", "comment")
    ]
    assert answer(world, kept).status == 200
