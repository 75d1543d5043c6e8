"""The questions of a survey: what survey.json may say, and what is asked without one. Pure.

{"questions": [{"id": "rating", "text": "How do you like it?", "kind": "rating", "required": true}]}
"""
# ruff: noqa: N818 - names say what happened, as in function.errors

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from function.documents import json_object
from function.errors import FunctionError
from function.text import paragraphs, shown

TEXT, CHOICE, RATING = "text", "choice", "rating"
KINDS = (TEXT, CHOICE, RATING)

MOST_QUESTIONS = 20
LEAST_CHOICES, MOST_CHOICES = 2, 20
LONGEST_QUESTION = 300  # characters
LONGEST_CHOICE = 100  # characters
# 20 questions with 20 choices each, at their longest and in any script, take less.
LONGEST_SURVEY = 256 * 1024  # bytes

_ID = re.compile("[a-z0-9-]{1,40}")
_QUESTION_FIELDS = ("id", "text", "kind", "choices", "required")


class SurveyError(FunctionError):
    """One sentence on what is wrong: with the questions, or with an answer."""


class InvalidQuestions(SurveyError):
    """survey.json does not say what to ask."""


@dataclass(frozen=True)
class Question:
    """`choices` are there for a choice only."""

    id: str
    text: str
    kind: str
    choices: tuple[str, ...] = ()
    required: bool = False

    def as_json(self) -> dict[str, Any]:
        """As survey.json has it, and as the page is told."""
        choices = {"choices": list(self.choices)} if self.kind == CHOICE else {}
        return {
            "id": self.id,
            "text": self.text,
            "kind": self.kind,
            **choices,
            "required": self.required,
        }


@dataclass(frozen=True)
class Questions:
    """All questions, in the order in which they are asked."""

    all: tuple[Question, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(question.id for question in self.all)

    def as_json(self) -> list[dict[str, Any]]:
        return [question.as_json() for question in self.all]


DEFAULT_QUESTIONS = Questions(
    (
        Question("rating", "How do you like this version?", RATING, required=True),
        Question(
            "works",
            "Does everything work?",
            CHOICE,
            ("Yes, everything", "Most of it", "Hardly anything"),
        ),
        Question("comment", "What went wrong, and what would you like to see next?", TEXT),
    )
)


def questions_of(text: str) -> Questions:
    """The questions of survey.json. Raises InvalidQuestions with what to change."""
    try:
        size = len(text.encode())
        document = json_object(text) if size <= LONGEST_SURVEY else None
    except json.JSONDecodeError as exc:
        raise InvalidQuestions(
            f"The survey is not JSON (line {exc.lineno}, column {exc.colno}: {exc.msg}); write "
            '{"questions": [...]}.'
        ) from exc
    except UnicodeEncodeError as exc:
        raise InvalidQuestions("The survey has half of a character in it.") from exc
    except ValueError as exc:
        raise InvalidQuestions(f"The survey is not clear: {exc}.") from exc
    if size > LONGEST_SURVEY:
        raise InvalidQuestions(f"The survey is longer than {LONGEST_SURVEY} bytes.")
    if document is None:
        raise InvalidQuestions('The survey must be one JSON object, {"questions": [...]}.')
    _check_names("The survey", document, ("questions",))
    listed = document.get("questions")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_QUESTIONS:
        raise InvalidQuestions(f'"questions" must be a list of 1 to {MOST_QUESTIONS} questions.')
    questions = Questions(tuple(_question(number, one) for number, one in enumerate(listed, 1)))
    for number, question in enumerate(questions.all):
        if question.id in questions.ids[:number]:
            raise InvalidQuestions(
                f"Two questions have the id {shown(question.id)}; answers are kept by it, so "
                "each needs its own."
            )
    return questions


def _question(number: int, given: Any) -> Question:
    name = f"Question {number}"
    if not isinstance(given, Mapping):
        raise InvalidQuestions(f"{name} must be an object with id, text and kind.")
    _check_names(name, given, _QUESTION_FIELDS)
    identifier, kind = given.get("id"), given.get("kind")
    required = given.get("required", False)
    if not isinstance(identifier, str) or not _ID.fullmatch(identifier):
        raise InvalidQuestions(
            f'{name} needs an id of 1 to 40 of a to z, 0 to 9 and "-", such as "rating".'
        )
    if kind not in KINDS:
        raise InvalidQuestions(f'{name}: its kind must be "text", "choice" or "rating".')
    if not isinstance(required, bool):
        raise InvalidQuestions(f'{name}: "required" must be true or false.')
    text = _line(f"{name}: its text", given.get("text"), LONGEST_QUESTION)
    return Question(identifier, text, str(kind), _choices(name, str(kind), given), required)


def _choices(name: str, kind: str, given: Mapping[str, Any]) -> tuple[str, ...]:
    if kind != CHOICE:
        if "choices" in given:
            raise InvalidQuestions(f'{name} has choices, but its kind is not "choice".')
        return ()
    listed = given.get("choices")
    if not isinstance(listed, list) or not LEAST_CHOICES <= len(listed) <= MOST_CHOICES:
        raise InvalidQuestions(
            f'{name}: "choices" must be a list of {LEAST_CHOICES} to {MOST_CHOICES} texts.'
        )
    choices = tuple(_line(f"{name}: each choice", one, LONGEST_CHOICE) for one in listed)
    if len(set(choices)) < len(choices):
        raise InvalidQuestions(f"{name} has a choice twice.")
    return choices


def _line(what: str, text: Any, longest: int) -> str:
    """One line that says something, without spaces around it or characters that nobody sees."""
    if not isinstance(text, str) or not text.strip() or len(text) > longest:
        raise InvalidQuestions(f"{what} must be text of 1 to {longest} characters.")
    if text != paragraphs(text) or "\n" in text:
        raise InvalidQuestions(
            f"{what} must be one line, without spaces around it and without control "
            f"characters: {shown(text)}."
        )
    return text


def _check_names(what: str, given: Mapping[str, Any], known: Collection[str]) -> None:
    for name in given:
        if name not in known:
            raise InvalidQuestions(
                f"{what} has {shown(name)}, which is not known; known: {', '.join(known)}."
            )
