"""The survey's questions, which it reads and writes, and what was answered, which it only reads.

What a survey may say and what a spreadsheet may get are the function's own rules.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from deploy.aws.explain import error_code
from deploy.errors import MembersError
from deploy.lambda_packages import (
    DEFAULT_QUESTIONS,
    LONGEST_SURVEY,
    SURVEY_KEY,
    Answered,
    Questions,
    SurveyError,
    csv_of,
    questions_of,
)
from deploy.members.area import MembersArea, explained_errors


@dataclass(frozen=True)
class Survey:
    """What members are asked; without a survey.json, what the function asks then."""

    questions: Questions
    is_default: bool

    def document(self) -> dict[str, Any]:
        """As survey.json has it, to be changed and set again."""
        return {"questions": self.questions.as_json()}


def read_survey(area: MembersArea) -> Survey:
    """Raises MembersError for a survey.json that the function could not use either."""
    try:
        with explained_errors("The survey could not be read"):
            text = _stored(area)
        return Survey(questions_of(text), False) if text else Survey(DEFAULT_QUESTIONS, True)
    except SurveyError as exc:
        raise MembersError(
            f"{SURVEY_KEY} in bucket {area.bucket} cannot be used: {exc} Set another with "
            f"`{area.deployment.command('members survey set FILE')}`."
        ) from exc


def set_survey(area: MembersArea, path: Path) -> Survey:
    """Put the questions of a file where the function reads them, once they are known to be good."""
    survey = Survey(_questions_in(path), False)
    with explained_errors("The survey was not set"):
        area.clients.s3.put_object(
            Bucket=area.bucket,
            Key=SURVEY_KEY,
            Body=json.dumps(survey.document(), ensure_ascii=False, indent=2).encode(),
            ContentType="application/json",
            ExpectedBucketOwner=area.clients.account,
        )
    return survey


def read_answers(area: MembersArea, version: str | None) -> list[Answered]:
    """What was answered, about one version or about all, the newest first."""
    with explained_errors("The answers could not be read"):
        answered = [Answered.of_row(_plain(row)) for row in _rows(area, version)]
    return sorted(answered, key=lambda one: (one.answered_at, one.member_id), reverse=True)


def count_answers(area: MembersArea) -> int:
    """How many members answered about how many versions, together."""
    pages = area.clients.dynamodb.get_paginator("scan").paginate(
        TableName=area.survey_table, Select="COUNT"
    )
    return sum(page["Count"] for page in pages)


def answers_as_csv(area: MembersArea, answered: list[Answered]) -> str:
    """A table for a spreadsheet, its columns in the order in which the survey asks."""
    return csv_of(answered, read_survey(area).questions.ids)


def _stored(area: MembersArea) -> str:
    """survey.json as it is in the bucket; empty without one."""
    try:
        answer = area.clients.s3.get_object(
            Bucket=area.bucket, Key=SURVEY_KEY, ExpectedBucketOwner=area.clients.account
        )
    except ClientError as exc:
        if error_code(exc) == "NoSuchKey":
            return ""
        raise
    return answer["Body"].read(LONGEST_SURVEY + 1).decode("utf-8", "replace")


def _questions_in(path: Path) -> Questions:
    """Raises MembersError, and says what to change."""
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST_SURVEY + 1).decode("utf-8-sig")  # Windows editors add a mark
        return questions_of(text)
    except FileNotFoundError as exc:
        raise MembersError(f'There is no file "{path}"; check the name.') from exc
    except OSError as exc:
        raise MembersError(f'"{path}" cannot be read: {exc.strerror}.') from exc
    except UnicodeDecodeError as exc:
        raise MembersError(f'"{path}" is not UTF-8 text; save it as UTF-8.') from exc
    except SurveyError as exc:
        raise MembersError(f'"{path}" cannot be used, and nothing was changed: {exc}') from exc


def _rows(area: MembersArea, version: str | None) -> Iterator[Mapping[str, Any]]:
    table: Any = {"TableName": area.survey_table, "ConsistentRead": True}
    if version is None:
        pages = area.clients.dynamodb.get_paginator("scan").paginate(**table)
        yield from (row for page in pages for row in page["Items"])
        return
    of_version = area.clients.dynamodb.get_paginator("query").paginate(
        **table,
        KeyConditionExpression="#version = :version",
        ExpressionAttributeNames={"#version": "Version"},
        ExpressionAttributeValues={":version": {"S": version}},
    )
    yield from (row for page in of_version for row in page["Items"])


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without DynamoDB's types."""
    return {name: _value(typed) for name, typed in row.items()}


def _value(typed: Mapping[str, Any]) -> Any:
    [(kind, value)] = typed.items()
    match kind:
        case "M":
            return _plain(value)
        case "N":
            return Decimal(value)
    return value
