"""What survey.json may say, and the sentence for what it may not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from survey.questions import (
    DEFAULT_QUESTIONS,
    LONGEST_SURVEY,
    InvalidQuestions,
    Question,
    Questions,
    questions_of,
)

RATING: dict[str, Any] = {"id": "stars", "text": "How is it?", "kind": "rating"}
CHOICE: dict[str, Any] = {"id": "os", "text": "Where?", "kind": "choice", "choices": ["A", "B"]}


def survey(*questions: Any) -> str:
    return json.dumps({"questions": questions})


def test_questions_keep_their_order() -> None:
    """One of each kind, at their longest."""
    text = {"id": "a" * 40, "text": "ü" * 300, "kind": "text", "required": True}

    questions = questions_of(survey(text, CHOICE, RATING))

    assert questions.all == (
        Question("a" * 40, "ü" * 300, "text", required=True),
        Question("os", "Where?", "choice", ("A", "B")),
        Question("stars", "How is it?", "rating"),
    )


def test_the_default_is_a_survey_that_could_be_in_the_bucket() -> None:
    """Three questions, and an operator may begin with them."""
    text = json.dumps({"questions": DEFAULT_QUESTIONS.as_json()})

    assert questions_of(text) == DEFAULT_QUESTIONS
    assert len(DEFAULT_QUESTIONS.all) == 3


NO_CHOICES = 'Question 1: "choices" must be a list of 2 to 20 texts.'
NO_ID = 'Question 1 needs an id of 1 to 40 of a to z, 0 to 9 and "-", such as "rating".'
NO_TEXT = "Question 1: its text must be text of 1 to 300 characters."
NO_LIST = '"questions" must be a list of 1 to 20 questions.'
NO_JSON = (
    'The survey is not JSON (line 1, column {}: Expecting value); write {{"questions": [...]}}.'
)
NO_OBJECT = 'The survey must be one JSON object, {"questions": [...]}.'
REFUSED = {
    "nothing": ("", NO_JSON.format(1)),
    "half": ('{"questions": [', NO_JSON.format(16)),
    "a name twice": (
        '{"questions": [], "questions": []}',
        'The survey is not clear: "questions" is twice in one object.',
    ),
    "deep": ("[" * 100_000, "The survey is not clear: it is nested too deeply."),
    "half a character": ('"\ud800"', "The survey has half of a character in it."),
    "a list": ("[]", NO_OBJECT),
    "100 kB too long": (
        survey() + " " * (LONGEST_SURVEY + 1),
        "The survey is longer than 262144 bytes.",
    ),
    "a slip": (
        '{"question": []}',
        'The survey has "question", which is not known; known: questions.',
    ),
    "no list": ('{"questions": {}}', NO_LIST),
    "none": (survey(), NO_LIST),
    "21": (survey(*[{**RATING, "id": str(n)} for n in range(21)]), NO_LIST),
    "no object": (survey("?"), "Question 1 must be an object with id, text and kind."),
    "a slip in a field": (
        survey({**RATING, "requird": True}),
        'Question 1 has "requird", which is not known; known: id, text, kind, choices, required.',
    ),
    "no id": (survey({"text": "?", "kind": "text"}), NO_ID),
    "an id with capitals": (survey({**RATING, "id": "Stars"}), NO_ID),
    "an id that is a formula": (survey({**RATING, "id": "=cmd()"}), NO_ID),
    "an id too long": (survey({**RATING, "id": "a" * 41}), NO_ID),
    "an id with a line break": (survey({**RATING, "id": "a\n"}), NO_ID),
    "an id twice": (
        survey(RATING, CHOICE, RATING),
        'Two questions have the id "stars"; answers are kept by it, so each needs its own.',
    ),
    "another kind": (
        survey({**RATING, "kind": ["text"]}),
        'Question 1: its kind must be "text", "choice" or "rating".',
    ),
    "required in words": (
        survey({**RATING, "required": "yes"}),
        'Question 1: "required" must be true or false.',
    ),
    "an empty text": (survey({**RATING, "text": " "}), NO_TEXT),
    "a text too long": (survey({**RATING, "text": "a" * 301}), NO_TEXT),
    "a text of 100 kB": (survey({**RATING, "text": "a" * 100_000}), NO_TEXT),
    "two lines": (
        survey({**RATING, "text": "a\nb"}),
        "Question 1: its text must be one line, without spaces around it and without control "
        'characters: "a\\nb".',
    ),
    "written backwards": (
        survey({**RATING, "text": "a\u202eb"}),
        "Question 1: its text must be one line, without spaces around it and without control "
        'characters: "a\\u202eb".',
    ),
    "choices of a rating": (
        survey({**RATING, "choices": ["A", "B"]}),
        'Question 1 has choices, but its kind is not "choice".',
    ),
    "no choices": (survey({**CHOICE, "choices": None}), NO_CHOICES),
    "one choice": (survey({**CHOICE, "choices": ["A"]}), NO_CHOICES),
    "21 choices": (survey({**CHOICE, "choices": [str(n) for n in range(21)]}), NO_CHOICES),
    "a choice twice": (survey({**CHOICE, "choices": ["A", "A"]}), "Question 1 has a choice twice."),
    "a choice too long": (
        survey({**CHOICE, "choices": ["A", "a" * 101]}),
        "Question 1: each choice must be text of 1 to 100 characters.",
    ),
    "a choice that is a number": (
        survey({**CHOICE, "choices": ["A", 1]}),
        "Question 1: each choice must be text of 1 to 100 characters.",
    ),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_wrong_survey_is_refused(text: str, said: str) -> None:
    """With a sentence that says which question, and what to write."""
    with pytest.raises(InvalidQuestions) as refused:
        questions_of(text)

    assert str(refused.value) == said


def test_html_in_a_question_is_text() -> None:
    """The page shows it as such."""
    [question] = questions_of(survey({**RATING, "text": "<b>How</b> & why?"})).all

    assert question.text == "<b>How</b> & why?"


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "text", "kind", "choices", "required", "x"]), inner, max_size=5
        )
    ),
    max_leaves=8,
)


@given(_JSON | st.lists(_JSON, max_size=3).map(lambda all_: {"questions": all_}))
def test_any_document_is_a_survey_or_refused_with_a_sentence(document: Any) -> None:
    """Nothing else is raised, and what is taken is taken again as it is then."""
    try:
        questions = questions_of(json.dumps(document))
    except InvalidQuestions as exc:
        assert str(exc).endswith(".")
        return

    assert isinstance(questions, Questions)
    assert questions_of(json.dumps({"questions": questions.as_json()})) == questions
