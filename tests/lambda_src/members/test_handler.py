"""The handler of Members as Lambda imports it, against moto."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import boto3
import pytest
import requests
from function.errors import SettingsError
from members.routes import PAGE, ROUTES
from moto import mock_aws

from tests.lambda_src.members_world import ADMIN, BUCKET, ENVIRONMENT, claims_of, request_for
from tests.templates.reading import MEMBERS
from tests.waiting import PATIENCE

pytestmark = pytest.mark.slow

REGION: Any = "eu-west-1"
HANDLER = "members.handler"
TABLES = ("SurveyTable", "SignedOutTable")
TABLE_PROPERTIES = ("AttributeDefinitions", "KeySchema", "BillingMode")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The account, with a pool, and the function's environment."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        boto3.client("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        boto3.client("s3").put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        for table in TABLES:
            properties = MEMBERS.properties(table)
            made: Any = {name: properties[name] for name in TABLE_PROPERTIES}
            boto3.client("dynamodb").create_table(TableName=ENVIRONMENT[f"{table}Name"], **made)
        pool = boto3.client("cognito-idp").create_user_pool(
            PoolName="members", UsernameAttributes=["email"]
        )
        monkeypatch.setenv("PoolId", pool["UserPool"]["Id"])
        yield boto3


@pytest.fixture
def members(aws: Any) -> Iterator[ModuleType]:
    """Imported afresh, as in a new execution environment."""
    yield importlib.import_module(HANDLER)
    del sys.modules[HANDLER]


def answered(
    members: ModuleType,
    route: str,
    query: Mapping[str, str] | None = None,
    *,
    status: int = 200,
    claims: Any = None,
    body: object = None,
    **path: str,
) -> Any:
    text = json.dumps(body) if body else None
    event = request_for(route, query or {}, body=text, claims=claims, **path)
    answer = members.handle(event, None)
    assert answer["statusCode"] == status, answer
    return json.loads(answer["body"])


def invited(aws: Any, members: ModuleType) -> dict[str, Any]:
    """The claims of somebody who is in the pool."""
    client = aws.client("cognito-idp")
    user = client.admin_create_user(
        UserPoolId=members.SETTINGS.pool_id,
        Username="bob@example.com",
        UserAttributes=[{"Name": "email", "Value": "bob@example.com"}],
    )["User"]
    [sub] = (one["Value"] for one in user["Attributes"] if one["Name"] == "sub")
    return claims_of(sub, username=user["Username"])


def test_a_visit(members: ModuleType, aws: Any) -> None:
    """See a version, download its bytes, answer, change the answer, sign out."""
    claims = invited(aws, members)
    s3 = aws.client("s3")
    s3.put_object(Bucket=BUCKET, Key="1.4.0/übung & mehr.zip", Body=b"bytes")
    s3.put_object(Bucket=BUCKET, Key="1.4.0/NOTES.md", Body=b"New levels")

    [version] = answered(members, "GET /artifacts", claims=claims)["versions"]
    assert (version["version"], version["notes"]) == ("1.4.0", "New levels")
    assert version["files"] == [{"name": "übung & mehr.zip", "size": 5}]

    url = answered(members, "GET /artifacts/{version}", claims=claims, version="1.4.0")["url"]
    assert requests.get(url, timeout=PATIENCE).content == b"bytes"

    asked = {"version": "1.4.0"}
    for answers in ({"rating": 2}, {"rating": 5, "comment": "Fun"}):
        body = {"version": "1.4.0", "answers": answers}
        answered(members, "POST /survey", claims=claims, body=body)
        assert answered(members, "GET /survey", asked, claims=claims)["answers"] == answers
    [row] = answered(members, "GET /survey/answers", asked, claims=ADMIN)["answers"]
    assert (row["member"], row["memberId"]) == ("bob@example.com", claims["sub"])

    answered(members, "POST /sign-out", claims=claims)
    answered(members, "GET /artifacts", claims=claims, status=401)
    answered(members, "GET /artifacts", claims=claims_of())


def test_questions_of_the_bucket(members: ModuleType, aws: Any) -> None:
    """S3 names a key that is not there, and an empty file, as the function expects."""
    s3, asked = aws.client("s3"), {"version": "1.4.0"}
    s3.put_object(Bucket=BUCKET, Key="1.4.0/game.zip", Body=b"bytes")
    questions = [{"id": "why", "text": "Why?", "kind": "text", "required": False}]

    assert len(answered(members, "GET /survey", asked)["questions"]) == 3
    s3.put_object(Bucket=BUCKET, Key="survey.json", Body=json.dumps({"questions": questions}))
    assert answered(members, "GET /survey", asked)["questions"] == questions
    s3.put_object(Bucket=BUCKET, Key="survey.json", Body=b"")
    answered(members, "GET /survey", asked, status=503)


@pytest.mark.parametrize("query", [{}, {"version": "1.4.0"}])
def test_pages_of_answers(members: ModuleType, query: dict[str, str]) -> None:
    """DynamoDB goes on where the page before ended, in a scan and in a query."""
    for number in range(130):
        row = {"Version": "1.4.0", "MemberId": f"m{number}", "AnsweredAt": 1, "Answers": {"a": 1}}
        members.SERVICES.survey.put(row)

    first = answered(members, "GET /survey/answers", query, claims=ADMIN)
    more = {**query, "next": first["next"]}
    second = answered(members, "GET /survey/answers", more, claims=ADMIN)

    assert (len(first["answers"]), len(second["answers"]), second["next"]) == (100, 30, None)
    assert len({one["memberId"] for one in first["answers"] + second["answers"]}) == 130


def test_200_versions(members: ModuleType, aws: Any) -> None:
    """All of them, over ten pages."""
    s3 = aws.client("s3")
    for number in range(200):
        s3.put_object(Bucket=BUCKET, Key=f"{number}.0/game.zip", Body=b"bytes")
        s3.put_object(Bucket=BUCKET, Key=f"{number}.0/NOTES.md", Body=str(number).encode())

    query: dict[str, str] = {}
    found = {}
    for _ in range(10):
        body = answered(members, "GET /artifacts", query)
        found.update({one["version"]: one["notes"] for one in body["versions"]})
        query = {"next": body["next"]}

    assert body["next"] is None
    assert found == {f"{number}.0": str(number) for number in range(200)}


def test_every_route_of_the_api_is_answered(members: ModuleType) -> None:
    """And the function has no other; all but the page ask who it is."""
    routes = {
        one["Properties"]["RouteKey"]
        for one in MEMBERS.of_type("AWS::ApiGatewayV2::Route").values()
    }

    assert routes == {PAGE, *ROUTES}
    for route in ROUTES:
        answered(members, route, claims={}, status=401)


def test_a_defect_is_an_error_that_quotes_nothing(
    members: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    """Lambda counts it, and the alarm of the function tells the admin; the line is named."""
    # An answer of S3 without what its own model promises.
    members.SERVICES.store.meta.events.register(
        "after-call.s3.ListObjectsV2",
        lambda parsed, **_: (
            parsed.update(IsTruncated=True, NextContinuationToken=None)
            or parsed.pop("NextContinuationToken")
        ),
    )
    event = request_for("GET /artifacts")

    with pytest.raises(Exception, match=r"KeyError in artifacts\.py, line \d+\.") as raised:
        members.handle(event, None)

    assert type(raised.value).__name__ == "UnexpectedFailure"
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    assert str(raised.value) in caplog.text


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_without_its_environment_it_does_not_start(
    name: str, aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function that cannot answer must not look as if it could."""
    monkeypatch.delenv(name)

    with pytest.raises(SettingsError, match=f"no {name}"):
        importlib.import_module(HANDLER)
