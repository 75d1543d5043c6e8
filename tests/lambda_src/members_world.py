"""What Members acts on, without AWS; and requests as API Gateway passes them on."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlencode

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError
from members.discovery import Login
from members.routes import answer_to
from members.sessions import SignedOut
from members.settings import Services, Settings
from tables.rows import Rows

from tests.lambda_src.fakes import NOW, SIGNER, Bucket, Clock

BUCKET = "s3link-members-artifactsbucket-1"
CLIENT = "1example23456789"
POOL = "eu-west-1_Example"
ENVIRONMENT = {
    "AccountId": "123456789012",
    "ArtifactsBucketName": BUCKET,
    "SurveyTableName": "s3link-members-SurveyTable-1",
    "SignedOutTableName": "s3link-members-SignedOutTable-1",
    "Issuer": f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL}",
    "ClientId": CLIENT,
    "PoolId": POOL,
    "MembersUrl": "https://members.example.com",
}
SETTINGS = Settings.from_environment(ENVIRONMENT)
REQUEST_ID = "JKJaXmPLvHcESHA="
BOB, EVE = "b0b00000-0000-4000-8000-000000000001", "e4e00000-0000-4000-8000-000000000002"
LOGIN = "https://s3link-example.auth.eu-west-1.amazoncognito.com"
DISCOVERED = {
    "issuer": ENVIRONMENT["Issuer"],
    "authorization_endpoint": f"{LOGIN}/oauth2/authorize",
    "token_endpoint": f"{LOGIN}/oauth2/token",
    "revocation_endpoint": f"{LOGIN}/oauth2/revoke",
    "end_session_endpoint": f"{LOGIN}/logout",
    "jwks_uri": f"{ENVIRONMENT['Issuer']}/.well-known/jwks.json",
}
SIGNED_IN_AT = int(NOW.timestamp()) - 600


def claims_of(
    member: str = BOB, groups: str | list[str] = "[members]", **changes: object
) -> dict[str, Any]:
    """An access token's, as an HTTP API passes them on; a change to None leaves one out."""
    claims = {
        "sub": member,
        "iss": ENVIRONMENT["Issuer"],
        "client_id": CLIENT,
        "origin_jti": f"session-of-{member}",
        "event_id": "a1",
        "token_use": "access",
        "scope": "openid s3link-members/use",
        "auth_time": str(SIGNED_IN_AT),
        "exp": str(SIGNED_IN_AT + 300),
        "iat": str(SIGNED_IN_AT),
        "jti": "token-1",
        "username": member,
        "cognito:groups": groups,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


ADMIN = claims_of("ad300000-0000-4000-8000-000000000003", "[admins members]")


def request_for(
    route: str,
    query: str | Mapping[str, str] = "",
    body: str | None = None,
    claims: Mapping[str, object] | None = None,
    **path: str,
) -> dict[str, Any]:
    """The event of an HTTP API (payload 2.0), as far as the function reads it."""
    raw = query if isinstance(query, str) else urlencode(query, quote_via=quote)
    jwt = {"claims": claims_of() if claims is None else claims, "scopes": ["s3link-members/use"]}
    return {
        "version": "2.0",
        "routeKey": route,
        "rawQueryString": raw,
        "headers": {"authorization": "Bearer eyJ.secret.token"},
        "pathParameters": path,
        "requestContext": {"requestId": REQUEST_ID, "authorizer": {"jwt": jwt}},
        "body": body,
        "isBase64Encoded": False,
    }


class Releases(Bucket):
    """A bucket that can be listed, and whose small files can be read."""

    def __init__(self) -> None:
        super().__init__()
        self.contents: dict[str, bytes] = {}
        self._in_order: list[str] = []
        self.calls: list[str] = []
        self.page_size = 1_000
        self._listing_fault: str | None = None
        self._reading_faults: dict[str, str] = {}

    def publish(self, key: str, content: bytes | str = b"bytes", *, hours_ago: float = 1) -> None:
        if key not in self.contents:
            insort(self._in_order, key)
        self.contents[key] = content.encode() if isinstance(content, str) else content
        self.put(key, size=len(self.contents[key]), age=timedelta(hours=hours_ago))

    def withdraw(self, key: str) -> None:
        del self.contents[key]
        self._in_order.remove(key)
        self.remove(key)

    def cannot_be_listed(self, code: str) -> None:
        self._listing_fault = code

    def cannot_be_read(self, key: str, code: str) -> None:
        self._reading_faults[key] = code

    def head_object(self, **parameters: str) -> dict[str, Any]:
        self.calls.append("head")
        return super().head_object(**parameters)

    def list_objects_v2(self, **parameters: Any) -> dict[str, Any]:
        self.calls.append("list")
        assert parameters["Bucket"] == BUCKET
        if len(parameters["Prefix"].encode()) > 1024:
            raise ClientError({"Error": {"Code": "KeyTooLongError"}}, "ListObjectsV2")
        if self._listing_fault:
            raise ClientError({"Error": {"Code": self._listing_fault}}, "ListObjectsV2")
        prefix = parameters["Prefix"]
        begin = max(
            bisect_left(self._in_order, prefix),
            bisect_right(self._in_order, parameters.get("ContinuationToken", "")),
        )
        after = self._in_order[begin : begin + self.page_size + 1]
        page = [key for key in after[: self.page_size] if key.startswith(prefix)]
        contents = [
            {
                "Key": key,
                "Size": self._heads[key]["ContentLength"],
                "LastModified": self._heads[key]["LastModified"],
            }
            for key in page
        ]
        is_cut = len(after) > self.page_size and after[-1].startswith(prefix)
        more = {"NextContinuationToken": page[-1]} if is_cut else {}
        return {"IsTruncated": bool(more), **more, **({"Contents": contents} if contents else {})}

    def get_object(self, **parameters: str) -> dict[str, Any]:
        self.calls.append("get")
        key = parameters["Key"]
        if code := self._reading_faults.get(key):
            raise ClientError({"Error": {"Code": code}}, "GetObject")
        if key not in self.contents:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        first, last = map(int, parameters["Range"].removeprefix("bytes=").split("-"))
        if first >= len(self.contents[key]):
            raise ClientError({"Error": {"Code": "InvalidRange"}}, "GetObject")
        return {"Body": BytesIO(self.contents[key][first : last + 1])}


class RowTable:
    """A DynamoDB table in memory, whose key may have two attributes; whole rows only."""

    def __init__(self, *key: str) -> None:
        self._key = key
        self._items: dict[tuple[str, ...], dict[str, Any]] = {}
        self.calls: list[str] = []
        self.before_writing: Callable[[], None] = lambda: None
        self._fault: str | None = None
        self._busy = False

    @property
    def rows(self) -> list[dict[str, Any]]:
        plain = TypeDeserializer().deserialize
        return [{n: plain(v) for n, v in item.items()} for item in self._items.values()]

    def fails_with(self, code: str | None) -> None:
        """From now on every call ends like this."""
        self._fault = code

    def is_busy(self) -> None:
        """Calls for several rows succeed and leave some out."""
        self._busy = True

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        self._begin("batch_get_item")
        [(name, wanted)] = RequestItems.items()
        assert wanted["ConsistentRead"]
        if self._busy:
            return {"Responses": {name: []}, "UnprocessedKeys": RequestItems}
        found = [self._items.get(self._place(key)) for key in wanted["Keys"]]
        return {"Responses": {name: [one for one in found if one]}, "UnprocessedKeys": {}}

    def get_item(self, **parameters: Any) -> dict[str, Any]:
        self._begin("get_item")
        assert parameters["ConsistentRead"]
        item = self._items.get(self._place(parameters["Key"]))
        return {"Item": item} if item else {}

    def put_item(self, **parameters: Any) -> dict[str, Any]:
        self._begin("put_item")
        self.before_writing()
        self._items[self._place(parameters["Item"])] = parameters["Item"]
        return {}

    def scan(self, **parameters: Any) -> dict[str, Any]:
        self._begin("scan")
        return self._paged(self._items.values(), parameters)

    def query(self, **parameters: Any) -> dict[str, Any]:
        self._begin("query")
        assert parameters["KeyConditionExpression"] == "#partition = :value"
        name = parameters["ExpressionAttributeNames"]["#partition"]
        value = parameters["ExpressionAttributeValues"][":value"]
        assert name == self._key[0]
        _check_key(value["S"])
        items = (one for one in self._items.values() if one[name] == value)
        return self._paged(items, parameters)

    def _begin(self, call: str) -> None:
        self.calls.append(call)
        if self._fault:
            raise ClientError({"Error": {"Code": self._fault}}, call)

    def _paged(
        self, items: Iterable[dict[str, Any]], parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        start = parameters.get("ExclusiveStartKey")
        after = self._place(start) if start else ()
        left = sorted((one for one in items if self._place(one) > after), key=self._place)
        page = left[: parameters["Limit"]]
        more = (
            {"LastEvaluatedKey": {n: page[-1][n] for n in self._key}}
            if len(left) > len(page)
            else {}
        )
        return {"Items": page, **more}

    def _place(self, item: Mapping[str, Any]) -> tuple[str, ...]:
        place = tuple(item[name]["S"] for name in self._key)
        _check_key(*place)
        return place


def _check_key(*parts: str) -> None:
    """As DynamoDB does: 2,048 bytes for the partition's part, 1,024 for the other."""
    if any(len(part.encode()) > most for part, most in zip(parts, (2048, 1024), strict=False)):
        raise ClientError({"Error": {"Code": "ValidationException"}}, "Query")


class Issuer:
    """Says where the login is, as a user pool with a domain does; counts how often it was asked."""

    def __init__(self, document: object = None, fault: Exception | None = None) -> None:
        self.document = DISCOVERED if document is None else document
        self.fault = fault
        self.asked: list[str] = []

    def fetch(self, address: str) -> bytes:
        self.asked.append(address)
        if self.fault:
            raise self.fault
        if isinstance(self.document, bytes):
            return self.document
        return json.dumps(self.document).encode()


class People:
    """Answers like Cognito about the addresses of members."""

    def __init__(self) -> None:
        self.addresses = {BOB: "bob@example.com", EVE: "eve@example.com"}
        self._fault: Exception | None = None

    def does_not_answer(self, fault: Exception) -> None:
        self._fault = fault

    def admin_get_user(self, **parameters: str) -> dict[str, Any]:
        assert parameters["UserPoolId"] == POOL
        if self._fault:
            raise self._fault
        address = self.addresses[parameters["Username"]]
        attributes = [{"Name": "sub", "Value": parameters["Username"]}]
        return {"UserAttributes": [*attributes, {"Name": "email", "Value": address}]}


@dataclass(frozen=True)
class Answered:
    """An answer of the function; its body is JSON, but for CSV."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.text)
        return body

    @property
    def error(self) -> str:
        [(name, sentence)] = self.body.items()
        assert name == "error"
        return str(sentence)


@dataclass(frozen=True)
class MembersWorld:
    """The members area without AWS, as its page sees it."""

    bucket: Releases = field(default_factory=Releases)
    survey_table: RowTable = field(default_factory=lambda: RowTable("Version", "MemberId"))
    signed_out_table: RowTable = field(default_factory=lambda: RowTable("Id"))
    people: People = field(default_factory=People)
    issuer: Issuer = field(default_factory=Issuer)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.bucket.publish("1.4.0/game.zip")

    @property
    def services(self) -> Services:
        return Services(
            store=self.bucket,
            survey=Rows(self.survey_table, SETTINGS.survey_table),
            signed_out=SignedOut(self.signed_out_table, SETTINGS.signed_out_table),
            users=self.people,
            login=Login(SETTINGS.issuer, CLIENT, SETTINGS.url, self.issuer.fetch),
            signer=lambda: SIGNER,
            clock=lambda: self.clock.now,
        )

    def answer(self, event: object) -> Answered:
        """What Members answers to an event."""
        answer = answer_to(event, SETTINGS, self.services)
        return Answered(answer["statusCode"], answer["body"], answer["headers"])

    def get(self, path: str, claims: Mapping[str, object] | None = None, **query: str) -> Answered:
        return self.answer(request_for(f"GET {path}", query, claims=claims))

    def post(
        self, path: str, body: object = None, claims: Mapping[str, object] | None = None
    ) -> Answered:
        text = None if body is None else json.dumps(body)
        return self.answer(request_for(f"POST {path}", body=text, claims=claims))

    def download(
        self, version: str, claims: Mapping[str, object] | None = None, **query: str
    ) -> Answered:
        route = "GET /artifacts/{version}"
        return self.answer(request_for(route, query, claims=claims, version=version))

    def asks_everything(self, claims: Mapping[str, object]) -> list[Answered]:
        """Every route, about what is there and about what is not."""
        answers = {"version": "1.4.0", "answers": {"rating": 5}}
        return [
            self.get("/artifacts", claims),
            self.get("/artifacts", claims, next="nonsense"),
            self.download("1.4.0", claims),
            self.download("none", claims),
            self.download("1.4.0", claims, file="none"),
            self.get("/survey", claims, version="1.4.0"),
            self.get("/survey", claims, version="none"),
            self.post("/survey", answers, claims),
            self.post("/survey", {"version": "none"}, claims),
            self.get("/survey/answers", claims),
            self.get("/survey/answers", claims, format="nonsense"),
            self.get("/no-such-route", claims),
            self.post("/sign-out", None, claims),
        ]

    @property
    def is_untouched(self) -> bool:
        """Whether nobody has looked at a version or an answer, or changed anything."""
        return not (self.bucket.calls or self.survey_table.calls or self.signed_out_table.rows)
