"""What Programs and NonceGate act on, without AWS; and requests as API Gateway passes them on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from botocore.exceptions import ClientError
from programs.nonces import Nonces
from programs.one_time import authorize
from programs.routes import answer_to
from programs.settings import Services, Settings
from signing.signer import Signer

from tests.lambda_src.fakes import BUCKET, SIGNER, Bucket, Clock
from tests.lambda_src.table import Table

REQUEST_ID = "JKJaXmPLvHcESHA="
CALLER = "arn:aws:iam::123456789012:user/program"
ENVIRONMENT = {
    "AccountId": "123456789012",
    "FileExchangeBucketName": BUCKET,
    "ProgramsKeys": "*",
    "EmailRecipient": "team@example.com",
    "AuthorizedRecipients": "@example.com",
    "CountsDownloads": "true",
    "NoncesTableName": "s3link-programs-NoncesTable-1",
    "ProgramsApiUrl": "https://programs.example.com",
    "ExchangableObjectsTTL": "4",
}


def request_for(
    route: str, query: str | Mapping[str, object] = "", body: str | None = None, **more: Any
) -> dict[str, Any]:
    """The event of an HTTP API (payload 2.0), as far as the functions read it."""
    raw = query if isinstance(query, str) else urlencode(query, quote_via=quote)
    iam = {"userArn": CALLER}
    return {
        "version": "2.0",
        "routeKey": route,
        "rawQueryString": raw,
        "requestContext": {"requestId": REQUEST_ID, "authorizer": {"iam": iam}},
        "body": body,
        "isBase64Encoded": False,
        **more,
    }


@dataclass(frozen=True)
class Answered:
    """An answer of the function; its body is JSON, always."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def error(self) -> str:
        return str(self.body["error"])


class PartsBucket(Bucket):
    """A bucket that takes uploads in parts, too."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[dict[str, Any]] = []
        self.completed: list[dict[str, Any]] = []
        self.aborted: list[dict[str, Any]] = []
        self._upload_fault: Exception | None = None
        self._before_answer: Callable[[], None] = lambda: None

    def answers_after(self, act: Callable[[], None]) -> None:
        """What happens before each answer about a file."""
        self._before_answer = act

    def head_object(self, **parameters: str) -> dict[str, Any]:
        self._before_answer()
        return super().head_object(**parameters)

    def fails_uploads_with(self, fault: Exception | str) -> None:
        """Every call about uploads ends like this; text is a code of S3's."""
        if isinstance(fault, str):
            fault = ClientError({"Error": {"Code": fault}}, "CompleteMultipartUpload")
        self._upload_fault = fault

    def archives(self, key: str) -> None:
        """The file can be downloaded only once it is restored."""
        self._heads[key]["StorageClass"] = "DEEP_ARCHIVE"

    def create_multipart_upload(self, **parameters: Any) -> dict[str, Any]:
        return {"UploadId": f"upload-{len(self._done(self.begun, parameters))}"}

    def complete_multipart_upload(self, **parameters: Any) -> dict[str, Any]:
        self._done(self.completed, parameters)
        return {"VersionId": "v1"}

    def abort_multipart_upload(self, **parameters: Any) -> dict[str, Any]:
        self._done(self.aborted, parameters)
        return {}

    def _done(self, calls: list[dict[str, Any]], call: dict[str, Any]) -> list[dict[str, Any]]:
        if self._upload_fault:
            raise self._upload_fault
        calls.append(call)
        return calls


@dataclass
class ProgramsWorld:
    """The API without AWS, as programs see it. `signer_fault`: why nothing can be signed."""

    bucket: PartsBucket = field(default_factory=PartsBucket)
    table: Table = field(default_factory=Table)
    clock: Clock = field(default_factory=Clock)
    numbers: Iterator[int] = field(default_factory=count)
    signer_fault: Exception | None = None

    @property
    def nonces(self) -> Nonces:
        return Nonces(self.table, ENVIRONMENT["NoncesTableName"])

    @property
    def services(self) -> Services:
        return Services(
            self.bucket,
            self.nonces,
            self._signer,
            lambda: self.clock.now,
            sleep=self.clock.sleep,
        )

    def _signer(self) -> Signer:
        if self.signer_fault:
            raise self.signer_fault
        return SIGNER

    def answer(self, event: object, **parameters: str) -> Answered:
        """What Programs answers to an event."""
        settings = Settings.from_environment({**ENVIRONMENT, **parameters})
        answer = answer_to(event, settings, self.services)
        body = json.loads(answer["body"]) if answer["body"] else {}
        return Answered(answer["statusCode"], body, answer["headers"])

    def presign(
        self,
        query: str = "",
        *,
        keys: str = "*",
        environment: Mapping[str, str] | None = None,
        **parameters: object,
    ) -> Answered:
        """`GET /presigned-url` with a query as it is sent, or with these parameters."""
        event = request_for("GET /presigned-url", query or parameters)
        return self.answer(event, **{"ProgramsKeys": keys, **(environment or {})})

    def post(self, route: str, body: object, *, keys: str = "*") -> Answered:
        """`POST` of a JSON document."""
        return self.answer(request_for(f"POST {route}", body=json.dumps(body)), ProgramsKeys=keys)

    def one_time_link(self, key: str = "report.pdf", **fields: object) -> str:
        """The link that `POST /generate-url` answers."""
        body = {"bucket_name": BUCKET, "object_name": key, **fields}
        answered = self.post("/generate-url", body)
        assert answered.status == 200, answered
        return str(answered.body["url"])

    def open(self, link: str) -> dict[str, Any]:
        """What NonceGate says to `GET` of a link."""
        return self.pass_gate(urlsplit(link).query)

    def pass_gate(self, query: str) -> dict[str, Any]:
        return authorize(request_for("GET /access-object", query), self.nonces, self.clock.now)

    def follow(self, context: Mapping[str, str] | None, request_id: str | None = None) -> Answered:
        """What `GET` of a link gets, with what NonceGate has said of it; each is a new request."""
        event = request_for("GET /access-object")
        event["requestContext"]["authorizer"] = {"lambda": context}
        event["requestContext"]["requestId"] = request_id or f"{REQUEST_ID}{next(self.numbers)}"
        return self.answer(event)

    def get(self, link: str) -> int:
        """The status of `GET` of a link: through the gate, and then to Programs."""
        gate = self.open(link)
        return self.follow(gate["context"]).status if gate["isAuthorized"] else 403


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
