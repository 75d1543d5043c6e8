"""`s3link members survey` as its user sees it: questions, answers, and a table of them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from survey.questions import DEFAULT_QUESTIONS, questions_of

from tests.deploy.members.account import BUCKET, MembersAccount
from tests.deploy.operator import Operator

pytestmark = pytest.mark.slow

QUESTIONS = [
    {"id": "fun", "text": "Was it fun? Größe ✓", "kind": "rating", "required": True},
    {"id": "os", "text": "Where did it run?", "kind": "choice", "choices": ["Linux", "Windows"]},
    {"id": "more", "text": "Anything else?", "kind": "text"},
]
HOSTILE = "=cmd|' /C calc'!A1\x1b[31m\n<b>\u202eevil"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return saved(tmp_path / "survey.json", {"questions": QUESTIONS})


def saved(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document), "utf-8")
    return path


def test_questions_are_set_and_shown(
    operator: Operator, account: MembersAccount, file: Path
) -> None:
    """Each with its id, by which the answers are kept."""
    ran = operator.s3link("members survey set", file)
    shown = operator.s3link("members survey show")

    stored = account.clients.s3.get_object(Bucket=BUCKET, Key="survey.json")
    assert ran.exit_code == 0, ran.stderr
    assert ran.stderr == "Members are asked this from now on:\n"
    assert shown.stdout == ran.stdout
    assert shown.stdout.splitlines() == [
        "1. Was it fun? Größe ✓ (fun: rating, required)",
        "2. Where did it run? (os: choice)",
        "   - Linux",
        "   - Windows",
        "3. Anything else? (more: text)",
    ]
    assert stored["ContentType"] == "application/json"
    assert questions_of(stored["Body"].read().decode()).ids == ("fun", "os", "more")


def test_without_questions_the_usual_ones_are_asked(operator: Operator, tmp_path: Path) -> None:
    """As JSON they are a beginning for one's own: they can be set as they are shown."""
    text = operator.s3link("members survey show")
    as_json = operator.s3link("members survey show --output json")
    again = operator.s3link("members survey set", saved(tmp_path / "own.json", as_json.document))

    assert text.stderr == "No questions are set: members are asked the usual ones.\n"
    assert questions_of(as_json.stdout) == DEFAULT_QUESTIONS
    assert again.exit_code == 0, again.stderr


def test_a_file_of_windows_can_be_set(operator: Operator, file: Path) -> None:
    """Its editors put a mark before the text."""
    file.write_text(file.read_text(), "utf-8-sig")

    assert operator.s3link("members survey set", file).exit_code == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"{",
            "cannot be used, and nothing was changed: The survey is not JSON (line 1, column 2: "
            "Expecting property name enclosed in double quotes); write "
            '{"questions": [...]}.',
        ),
        (
            b'{"questions": [{"id": "<b>", "text": "?", "kind": "text"}]}',
            "cannot be used, and nothing was changed: Question 1 needs an id of 1 to 40 of a to z, "
            '0 to 9 and "-", such as "rating".',
        ),
        (
            b" " * 1_000_000,
            "cannot be used, and nothing was changed: The survey is longer than 262144 bytes.",
        ),
        (b"\xff\xfe", "is not UTF-8 text; save it as UTF-8."),
    ],
)
def test_questions_that_the_function_would_refuse_are_not_set(
    operator: Operator, account: MembersAccount, file: Path, content: bytes, sentence: str
) -> None:
    """By the function's own rules, and before anything is changed."""
    file.write_bytes(content)

    ran = operator.s3link("members survey set", file)

    assert (ran.exit_code, ran.error) == (1, f'"{file}" {sentence}')
    assert account.contents() == {}


def test_a_file_that_is_not_there(operator: Operator, tmp_path: Path) -> None:
    ran = operator.s3link("members survey set", tmp_path / "no.json")

    assert ran.error == f'There is no file "{tmp_path}/no.json"; check the name.'


def test_questions_from_elsewhere_that_cannot_be_used(
    operator: Operator, account: MembersAccount
) -> None:
    """Whoever may write to the bucket may have put anything there."""
    account.put("survey.json", b'{"questions": []}')

    ran = operator.s3link("members survey show")

    assert (ran.exit_code, ran.error) == (
        1,
        'survey.json in bucket artifacts cannot be used: "questions" must be a list of 1 to 20 '
        "questions. Set another with `s3link members survey set FILE`.",
    )


def test_answers_are_shown_newest_first(operator: Operator, account: MembersAccount) -> None:
    """Of all versions, or of one; a text is one line, whatever is in it."""
    account.answer("1.4.0", "bob@example.com", 1_790_000_000, rating=4, comment="Fine")
    account.answer("1.5.0", "eve@example.com", 1_790_000_060, comment=HOSTILE)

    every = operator.s3link("members survey answers")
    one = operator.s3link("members survey answers --version 1.4.0 --output json")

    assert every.stdout.splitlines() == [
        'eve@example.com about "1.5.0", 2026-09-21 14:14 UTC',
        "  comment: \"=cmd|' /C calc'!A1\\x1b[31m\\n<b>\\u202eevil\"",
        'bob@example.com about "1.4.0", 2026-09-21 14:13 UTC',
        '  comment: "Fine"',
        "  rating: 4",
    ]
    assert one.document == {
        "answers": [
            {
                "version": "1.4.0",
                "member": "bob@example.com",
                "memberId": "id-of-bob@example.com",
                "answeredAt": "2026-09-21T14:13:20Z",
                "answers": {"rating": 4, "comment": "Fine"},
            }
        ]
    }


def test_no_answers_are_an_answer(operator: Operator, account: MembersAccount) -> None:
    """About a version that is there; one that is not is a mistake, unless somebody has answered."""
    account.put("1.4.0/game.zip")
    account.answer("0.9", "bob@example.com", 1_790_000_000, rating=4)

    about_one = operator.s3link("members survey answers --version 1.4.0")
    mistyped = operator.s3link("members survey answers --version 1.4.9")
    withdrawn = operator.s3link("members survey answers --version 0.9")

    assert about_one.stdout == 'Nobody has answered about "1.4.0" yet.\n'
    assert (mistyped.exit_code, mistyped.stdout, mistyped.error) == (
        1,
        "",
        'There is no version "1.4.9"; see `s3link members versions`. Did you mean 1.4.0?',
    )
    assert withdrawn.exit_code == 0
    assert "rating: 4" in withdrawn.stdout


def test_no_answers_at_all_are_an_answer(operator: Operator) -> None:
    """Nobody is at fault."""
    assert operator.s3link("members survey answers").stdout == "Nobody has answered yet.\n"


def test_answers_as_a_table_run_nothing(
    operator: Operator, account: MembersAccount, file: Path
) -> None:
    """Columns in the order of the questions, then those of older surveys; no cell is a formula."""
    operator.s3link("members survey set", file)
    account.answer("=1+1", "bob@example.com", 1_790_000_000, more=HOSTILE, fun=4, old="-2+3")

    ran = operator.s3link("members survey answers --output csv")

    header, row = csv.reader(io.StringIO(ran.stdout))
    assert ran.exit_code == 0, ran.stderr
    assert header == ["version", "member", "answered_at", "fun", "os", "more", "old"]
    assert row[:5] == ["'=1+1", "bob@example.com", "2026-09-21T14:13:20Z", "4", ""]
    assert row[5].startswith("'=cmd")
    assert row[6] == "'-2+3"


def test_many_answers_are_read_page_by_page(operator: Operator, account: MembersAccount) -> None:
    """DynamoDB gives a megabyte at a time."""
    for number in range(600):
        account.answer("1.4.0", f"m{number}@example.com", number, comment="x" * 4_000)

    ran = operator.s3link("members survey answers --version 1.4.0 --output json")

    assert len(ran.document["answers"]) == 600
