"""What counts as an answer, and answers as SurveyTable keeps them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st
from survey.answers import Answered, InvalidAnswers, answers_of
from survey.questions import Question, Questions

QUESTIONS = Questions(
    (
        Question("stars", "How is it?", "rating", required=True),
        Question("os", "Where?", "choice", ("Linux", "Windows")),
        Question("why", "Why?", "text"),
    )
)


def test_answers_come_in_the_order_of_the_questions() -> None:
    """However they were sent; an empty one is none."""
    assert list(answers_of(QUESTIONS, {"why": "Fun", "os": "Linux", "stars": 5}).items()) == [
        ("stars", 5),
        ("os", "Linux"),
        ("why", "Fun"),
    ]
    assert answers_of(QUESTIONS, {"stars": 1, "os": None, "why": ""}) == {"stars": 1}
    assert answers_of(QUESTIONS, {"stars": 1, "why": " \n\t "}) == {"stars": 1}


STARS = '"How is it?" takes a whole number from 1 to 5.'
REFUSED: dict[str, tuple[Any, str]] = {
    "no object": ([5], "The answers must be an object of question ids and values."),
    "required": ({"os": "Linux"}, '"How is it?" needs an answer.'),
    "0": ({"stars": 0}, STARS),
    "6": ({"stars": 6}, STARS),
    "half": ({"stars": 4.5}, STARS),
    "4.0": ({"stars": 4.0}, STARS),
    "true": ({"stars": True}, STARS),
    "text": ({"stars": "5"}, STARS),
    "no choice": ({"stars": 5, "os": "linux"}, '"Where?" takes one of its choices.'),
    "a list": ({"stars": 5, "os": ["Linux"]}, '"Where?" takes one of its choices.'),
    "a number": ({"stars": 5, "why": 5}, '"Why?" takes text.'),
    "4,001": (
        {"stars": 5, "why": "a" * 4_001},
        '"Why?" takes at most 4,000 characters, and the answer has 4,001.',
    ),
    "100 kB": (
        {"stars": 5, "why": "ü" * 100_000},
        '"Why?" takes at most 4,000 characters, and the answer has 100,000.',
    ),
    "another question": (
        {"stars": 5, "<script>": "x"},
        'There is no question "<script>" in this survey; it may have changed. Reload the page.',
    ),
}


@pytest.mark.parametrize(("body", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_wrong_answer_is_refused(body: Any, said: str) -> None:
    """With a sentence for the member, which names the question."""
    with pytest.raises(InvalidAnswers) as refused:
        answers_of(QUESTIONS, body)

    assert str(refused.value) == said


def test_text_is_made_harmless_and_keeps_its_lines() -> None:
    """No control character, no mark that turns the text around it, no half of a character."""
    body = {"stars": 5, "why": "<b>1</b>\r\n=cmd()\u202e\x00\ud800\u2028../.."}

    assert answers_of(QUESTIONS, body)["why"] == "<b>1</b>\n=cmd()__\n../.."


_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 7), st.floats(), st.text(max_size=40),
    st.sampled_from(["Linux", "Windows"]), st.text("\n\r\t\u202e\u2028 a\x00", max_size=12),
    st.lists(st.text(max_size=3), max_size=2),
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(["stars", "os", "why"]), _VALUES)
    | st.dictionaries(st.text(max_size=5), _VALUES)
    | _VALUES
)
def test_any_body_is_taken_or_refused_with_a_sentence(body: Any) -> None:
    """What is taken fits its question, can be kept and sent, and is taken again as it is then."""
    try:
        answers = answers_of(QUESTIONS, body)
    except InvalidAnswers as exc:
        assert str(exc).endswith(".")
        return

    assert answers["stars"] in range(1, 6)
    assert answers.get("os", "Linux") in ("Linux", "Windows")
    json.dumps(answers, ensure_ascii=False).encode()
    assert answers_of(QUESTIONS, answers) == answers


@given(
    st.dictionaries(st.sampled_from(["a", "b"]), st.integers(1, 5) | st.text(max_size=9)),
    st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)),
)
def test_a_row_is_read_as_it_was_written(answers: dict[str, Any], moment: datetime) -> None:
    """Through DynamoDB's own types; its numbers are no floats."""
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    answered = Answered("1.4.0", "sub-1", "bob@example.com", moment, answers)

    stored = TypeSerializer().serialize(answered.as_row())

    assert Answered.of_row(TypeDeserializer().deserialize(stored)) == answered


def test_a_row_as_json() -> None:
    """As the API and the tool show it."""
    answered = Answered("1.4.0", "sub-1", "", datetime(2026, 11, 21, 13, 5, 30, tzinfo=UTC), {})

    assert answered.as_json() == {
        "version": "1.4.0",
        "member": "",
        "memberId": "sub-1",
        "answeredAt": "2026-11-21T13:05:30Z",
        "answers": {},
    }
