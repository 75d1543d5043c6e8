"""A portal without AWS: its tables, bucket and mailer, and requests as the HTTP API makes them."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import ClientError
from files.names import file_name
from portal.routes import answer
from portal.settings import Services, Settings
from portal_links.links import Link
from portal_links.request_counts import RequestCounts
from portal_links.store import Links, NewLink
from portal_links.tokens import Token, new_token

from tests.lambda_src.fakes import BUCKET, NOW, SIGNER, Bucket, Clock
from tests.lambda_src.table import Table

URL = "https://portal.example.com"
ENVIRONMENT = {
    "AccountId": "123456789012",
    "EmailSender": "files@example.com",
    "LinksTableName": "links",
    "RequestCountsTableName": "counts",
    "LinkMailerName": "mailer",
    "PortalUrl": URL,
    "MaxDownloads": "0",
    "DownloadGracePeriod": "600",
    "ConfirmRecipient": "false",
    "NotifyOnDownload": "nobody",
    "AllowedOrigins": "",
}
LINK_ID = "b0b" + "0" * 29
_RANDOM = random.Random(2)  # noqa: S311 - the same tokens in every run


class Mailer:
    """Answers like a Lambda client and keeps the events that were handed over; each has an id."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self._fault: str | None = None

    def fails_with(self, code: str) -> None:
        self._fault = code

    def invoke(self, **parameters: Any) -> dict[str, int]:
        assert parameters["FunctionName"] == "mailer"
        assert parameters["InvocationType"] == "Event"
        if self._fault:
            raise ClientError({"Error": {"Code": self._fault}}, "Invoke")
        event = json.loads(parameters["Payload"])
        self.ids.append(event.pop("id"))
        self.events.append(event)
        return {"StatusCode": 202}


@dataclass(frozen=True)
class Answer:
    """What the API sends back."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def text(self) -> str:
        """What a reader sees of the page."""
        reader = _Text()
        reader.feed(self.body)
        return " ".join(" ".join(reader.texts).split())


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("style", "script", "title")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "script", "title")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)


@dataclass(frozen=True)
class PortalWorld:
    bucket: Bucket = field(default_factory=Bucket)
    links_table: Table = field(default_factory=Table)
    counts_table: Table = field(default_factory=Table)
    mailer: Mailer = field(default_factory=Mailer)
    clock: Clock = field(default_factory=Clock)

    @property
    def links(self) -> Links:
        return Links(self.links_table, "links")

    @property
    def link(self) -> Link:
        """The one link, as the table has it."""
        found = self.links.of_id(LINK_ID)
        assert found is not None
        return found

    @property
    def token_hashes(self) -> frozenset[str]:
        """Of the one link."""
        [row] = self.links_table.rows
        return frozenset(row["TokenHashes"])

    def share(
        self,
        key: str = "report.pdf",
        *,
        metadata: dict[str, str] | None = None,
        disposition: str = "",
        **changes: Any,
    ) -> Token:
        """Put a file into the bucket and make a link to it for bob@example.com."""
        self.bucket.put(key, size=34039, metadata=metadata, disposition=disposition)
        token = new_token(changes.pop("link_id", LINK_ID), _RANDOM.randbytes)
        values: dict[str, Any] = {
            "recipient": "bob@example.com",
            "expires_at": NOW + timedelta(days=1),
            "file_ends_at": NOW + timedelta(days=1),
            "own_name": file_name(key, disposition) if disposition else "",
            **changes,
        }
        self.links.make(
            [
                NewLink(
                    token=token,
                    bucket=BUCKET,
                    key=key,
                    version=None,
                    removed_at=NOW + timedelta(days=90),
                    modified_at=NOW.replace(microsecond=0) - timedelta(seconds=1),
                    **values,
                )
            ],
            self.clock.now,
            lambda tries: False,
        )
        return token

    def open(self, token: Token | str, method: str = "GET", **settings: str) -> Answer:
        """The page of a link."""
        text = token if isinstance(token, str) else token.text
        return self.request(
            "ANY /d/{token}", method, f"/d/{text}", parameters={"token": text}, settings=settings
        )

    def click(
        self, token: Token | str, form: dict[str, str] | None = None, **settings: str
    ) -> Answer:
        """The button on the page of a link."""
        text = token if isinstance(token, str) else token.text
        return self.request(
            "ANY /d/{token}",
            "POST",
            f"/d/{text}",
            parameters={"token": text},
            form=form,
            settings=settings,
        )

    def ask(
        self, email: str, origin: str | None = URL, source: str = "192.0.2.1", **more: Any
    ) -> Answer:
        """The button on the page where people ask for their links."""
        form = {"email": email, **more.pop("form", {})}
        headers = {} if origin is None else {"origin": origin}
        return self.request(
            "POST /request-link",
            "POST",
            "/request-link",
            form=form,
            headers=headers,
            source=source,
            **more,
        )

    def request(
        self,
        route: str,
        method: str,
        path: str,
        *,
        parameters: dict[str, str] | None = None,
        query: str = "",
        form: dict[str, str] | None = None,
        body: str | None = None,
        headers: dict[str, str] | None = None,
        source: str = "192.0.2.1",
        authorizer: dict[str, Any] | None = None,
        settings: dict[str, str] | None = None,
    ) -> Answer:
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": route,
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers or {},
            "requestContext": {
                "http": {"method": method, "path": path, "sourceIp": source},
                "routeKey": route,
            },
            "isBase64Encoded": False,
        }
        if parameters:
            event["pathParameters"] = parameters
        if authorizer is not None:
            event["requestContext"]["authorizer"] = {"lambda": authorizer}
        if form is not None:
            # As HTTP APIs hand over forms.
            event["body"] = base64.b64encode(urlencode(form).encode()).decode()
            event["isBase64Encoded"] = True
        if body is not None:
            event["body"] = body
        environment = {**ENVIRONMENT, **(settings or {})}
        result = answer(event, Settings.from_environment(environment), self.services)
        return Answer(result["statusCode"], result["headers"], result["body"])

    @property
    def services(self) -> Services:
        return Services(
            store=self.bucket,
            links=self.links,
            counts=RequestCounts(self.counts_table, "counts"),
            functions=self.mailer,
            signer=lambda: SIGNER,
            clock=lambda: self.clock.now,
        )
