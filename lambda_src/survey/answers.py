"""What counts as an answer, and one member's answers as a row of SurveyTable. Pure."""
# ruff: noqa: N818 - names say what happened, as in function.errors

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from function.text import paragraphs, shown

from survey.questions import CHOICE, RATING, Question, Questions, SurveyError

LONGEST_TEXT = 4_000  # characters
LOWEST_RATING, HIGHEST_RATING = 1, 5

# The attributes of SurveyTable; the first two are its key.
VERSION = "Version"
MEMBER_ID = "MemberId"
MEMBER = "Member"
ANSWERS = "Answers"
ANSWERED_AT = "AnsweredAt"

Answer = str | int


class InvalidAnswers(SurveyError):
    """The member's own mistake, as a sentence for the member."""


def answers_of(questions: Questions, body: object) -> dict[str, Answer]:
    """The answers in the questions' order, texts made harmless; what is empty is no answer.

    `body` is {id: value}. Raises InvalidAnswers.
    """
    if not isinstance(body, Mapping):
        raise InvalidAnswers("The answers must be an object of question ids and values.")
    for identifier in body:
        if identifier not in questions.ids:
            raise InvalidAnswers(
                f"There is no question {shown(str(identifier))} in this survey; it may have "
                "changed. Reload the page."
            )
    answers: dict[str, Answer] = {}
    for question in questions.all:
        answer = _answer(question, body.get(question.id))
        if answer is not None:
            answers[question.id] = answer
        elif question.required:
            raise InvalidAnswers(f"{shown(question.text)} needs an answer.")
    return answers


def _answer(question: Question, value: object) -> Answer | None:
    if value is None or value == "":
        return None
    if question.kind == RATING:
        # To Python true is 1, to JSON it is no number.
        if type(value) is not int or not LOWEST_RATING <= value <= HIGHEST_RATING:
            raise InvalidAnswers(
                f"{shown(question.text)} takes a whole number from {LOWEST_RATING} to "
                f"{HIGHEST_RATING}."
            )
        return value
    if question.kind == CHOICE:
        if not isinstance(value, str) or value not in question.choices:
            raise InvalidAnswers(f"{shown(question.text)} takes one of its choices.")
        return value
    if not isinstance(value, str):
        raise InvalidAnswers(f"{shown(question.text)} takes text.")
    if len(value) > LONGEST_TEXT:
        raise InvalidAnswers(
            f"{shown(question.text)} takes at most {LONGEST_TEXT:,} characters, and the answer "
            f"has {len(value):,}."
        )
    return paragraphs(value) or None


@dataclass(frozen=True)
class Answered:
    """One member's answers about one version; `member` is an address, empty if it is not known."""

    version: str
    member_id: str
    member: str
    answered_at: datetime
    answers: Mapping[str, Answer]

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Answered:
        """From SurveyTable, whose numbers are Decimals."""
        answers = {
            name: int(value) if isinstance(value, Decimal) else str(value)
            for name, value in row.get(ANSWERS, {}).items()
        }
        return cls(
            version=row[VERSION],
            member_id=row[MEMBER_ID],
            member=row.get(MEMBER, ""),
            answered_at=datetime.fromtimestamp(int(row[ANSWERED_AT]), UTC),
            answers=answers,
        )

    def as_row(self) -> dict[str, Any]:
        return {
            VERSION: self.version,
            MEMBER_ID: self.member_id,
            MEMBER: self.member,
            ANSWERS: dict(self.answers),
            ANSWERED_AT: int(self.answered_at.timestamp()),
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "member": self.member,
            "memberId": self.member_id,
            "answeredAt": self.answered_at_text,
            "answers": dict(self.answers),
        }

    @property
    def answered_at_text(self) -> str:
        """In UTC: "2026-11-25T06:58:01Z"."""
        return f"{self.answered_at:%Y-%m-%dT%H:%M:%SZ}"
