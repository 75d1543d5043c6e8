"""The survey about a version: its questions, a member's own answers, and all answers for admins.

A member's row has the member's id in its key, which comes from the token and from nowhere else: so
nobody reads or changes another's. Of two answers at once the later one stands, whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artifacts.versions import SURVEY_KEY
from botocore.exceptions import BotoCoreError, ClientError
from function.errors import code_of
from function.text import shown
from http_api.answers import Answer, json_answer
from http_api.errors import Unavailable
from http_api.fields import check_names, optional_text, page_parts, page_token, text
from http_api.requests import BadRequest, Request, json_object_of, parameters_of
from survey.answers import MEMBER_ID, VERSION, Answered, InvalidAnswers, answers_of
from survey.questions import (
    DEFAULT_QUESTIONS,
    LONGEST_SURVEY,
    InvalidQuestions,
    Questions,
    questions_of,
)
from survey.spreadsheet import csv_of
from tables.rows import Key

from members import log
from members.artifacts import LONGEST_KEY, find_version
from members.caller import Caller
from members.errors import NotAllowed, no_version, storage_fault
from members.settings import Services, Settings

# The name of the header that says how a CSV goes on.
NEXT = "x-s3link-next"

_ANSWERS_PER_PAGE = 100
_JSON, _CSV = "json", "csv"


def show(
    request: Request, caller: Caller, settings: Settings, services: Services
) -> dict[str, Any]:
    """The questions about a version, and what this member has answered."""
    parameters = parameters_of(request.query)
    check_names(parameters, ("version",), "query parameter")
    version = _version(parameters, settings, services)
    questions = _questions(settings, services)
    row = services.survey.read(_key(version, caller))
    answered = Answered.of_row(row) if row else None
    answers = answered.answers if answered else {}
    return {
        "version": version,
        "questions": questions.as_json(),
        # Without those to questions that are asked no more.
        "answers": {name: answers[name] for name in questions.ids if name in answers},
        "answeredAt": answered.answered_at_text if answered else None,
    }


def answer(
    request: Request, caller: Caller, settings: Settings, services: Services
) -> dict[str, Any]:
    """Keep the answers, in place of earlier ones of this member about this version."""
    check_names(parameters_of(request.query), (), "query parameter")
    body = json_object_of(request.body)
    check_names(body, ("version", "answers"), "field")
    version = _version(body, settings, services)
    try:
        answers = answers_of(_questions(settings, services), body.get("answers"))
    except InvalidAnswers as exc:
        raise BadRequest(str(exc)) from exc
    answered = Answered(
        version=version,
        member_id=caller.member_id,
        member=_address_of(caller, settings, services),
        answered_at=services.clock(),
        answers=answers,
    )
    services.survey.put(answered.as_row())
    log.done("Answered the survey about", version, caller, request)
    return {"answeredAt": answered.answered_at_text}


def all_answers(request: Request, caller: Caller, settings: Settings, services: Services) -> Answer:
    """A page of all answers, or of those about a version. Raises NotAllowed but for admins."""
    if not caller.is_admin:
        raise NotAllowed("Only admins see what others have answered.", "they are no admin")
    parameters = parameters_of(request.query)
    check_names(parameters, ("version", "format", "next"), "query parameter")
    kind = optional_text(parameters, "format") or _JSON
    if kind not in (_JSON, _CSV):
        raise BadRequest(f"format is {shown(kind)}, but must be {_JSON} or {_CSV}.")
    version = optional_text(parameters, "version")
    if version and len(version.encode()) > LONGEST_KEY:
        raise no_version(version)  # DynamoDB would refuse such a key as a fault
    of = {VERSION: version} if version else None
    page = services.survey.page(_ANSWERS_PER_PAGE, _after(parameters, version), of)
    rows = [Answered.of_row(row) for row in page.rows]
    following = page_token(page.next[VERSION], page.next[MEMBER_ID]) if page.next else None
    if kind == _CSV:
        return _csv_answer(csv_of(rows, _questions(settings, services).ids), following)
    return json_answer(200, {"answers": [row.as_json() for row in rows], "next": following})


def _csv_answer(text: str, following: str | None) -> Answer:
    headers = {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": 'attachment; filename="answers.csv"',
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    more = {NEXT: following} if following else {}
    return {"statusCode": 200, "headers": {**headers, **more}, "body": text}


def _after(parameters: Mapping[str, str], version: str | None) -> Key | None:
    after = page_parts(parameters, "next", 2)
    if after is None:
        return None
    if version and after[0] != version:
        raise BadRequest("next belongs to answers about another version; ask without it.")
    return dict(zip((VERSION, MEMBER_ID), after, strict=True))


def _version(given: Mapping[str, Any], settings: Settings, services: Services) -> str:
    version = text(given, "version")
    if find_version(version, settings, services) is None:
        raise no_version(version)
    return version


def _questions(settings: Settings, services: Services) -> Questions:
    """Those of the bucket, else the default. Raises Unavailable where they cannot be read."""
    try:
        answer = services.store.get_object(
            Bucket=settings.bucket, Key=SURVEY_KEY, Range=f"bytes=0-{LONGEST_SURVEY}"
        )
        content = answer["Body"].read()
    except (ClientError, BotoCoreError) as exc:
        if code_of(exc) == "NoSuchKey":
            return DEFAULT_QUESTIONS
        if code_of(exc) != "InvalidRange":  # S3's word for an empty file
            raise storage_fault("The questions were not read", exc) from exc
        content = b""
    try:
        return questions_of(content.decode("utf-8", errors="replace"))
    except InvalidQuestions as exc:
        raise Unavailable(
            f"The survey cannot be shown, for {SURVEY_KEY} is not right: {exc} Tell whoever "
            "runs this page."
        ) from exc


def _address_of(caller: Caller, settings: Settings, services: Services) -> str:
    """For the admin who reads the answers; empty where Cognito does not say."""
    try:
        user = services.users.admin_get_user(UserPoolId=settings.pool_id, Username=caller.member_id)
    except (ClientError, BotoCoreError) as exc:
        log.address_not_known(caller, code_of(exc))
        return ""
    attributes = {one["Name"]: one["Value"] for one in user.get("UserAttributes", ())}
    return str(attributes.get("email", ""))


def _key(version: str, caller: Caller) -> Key:
    return {VERSION: version, MEMBER_ID: caller.member_id}
