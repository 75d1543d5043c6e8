"""Stands in for what LinkMailer acts on: the portal, a post office, and the admin's topic."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError
from function.invocation import Invocation
from link_mailer.settings import Services, Settings
from link_mailer.tasks import do
from portal_links.request_counts import RequestCounts
from portal_links.tasks import Tasks
from portal_links.tokens import parse_token

from tests.lambda_src.fakes import Mail, PostOffice
from tests.lambda_src.portal_world import URL, PortalWorld

ENVIRONMENT = {
    "AccountId": "123456789012",
    "EmailSender": "files@example.com",
    "EmailRecipient": "team@example.com",
    "AuthorizedRecipients": "@example.com",
    "LinksTableName": "links",
    "RequestCountsTableName": "counts",
    "PortalUrl": URL,
    "MaxDownloads": "0",
    "MaxRequestedMailsPerDay": "100",
    "NotifyOnDownload": "sender",
    "PortalMailTemplateName": "s3link-portal-mail",
    "ConfigSetName": "s3link-sender-mails",
    "DeploymentName": "files",
    "CommonAlarmTopicArn": "arn:aws:sns:eu-west-1:123456789012:alarms",
}
OTHER = "e" * 32
LATE = timedelta(hours=23)


class Topic:
    """Answers like an SNS client and keeps what was published."""

    def __init__(self) -> None:
        self.news: list[dict[str, str]] = []
        self.is_down = False

    def publish(self, **parameters: str) -> dict[str, str]:
        if self.is_down:
            raise ClientError({"Error": {"Code": "InternalError"}}, "Publish")
        self.news.append(parameters)
        return {"MessageId": "1"}


@dataclass
class Office:
    """A portal, and the function that mails for it."""

    portal: PortalWorld = field(default_factory=PortalWorld)
    post: PostOffice = field(default_factory=PostOffice)
    topic: Topic = field(default_factory=Topic)
    random_bytes: Callable[[int], bytes] = random.Random(3).randbytes  # noqa: S311

    def do(
        self, task: str, seconds: int = 300, request: str | None = None, **event: Any
    ) -> dict[str, Any]:
        """One invocation; Lambda's tries of one event are one `request`."""
        environment = {**ENVIRONMENT, **event.pop("settings", {})}
        services = Services(
            store=self.portal.bucket,
            mail=self.post,
            topic=self.topic,
            links=self.portal.links,
            counts=RequestCounts(self.portal.counts_table, "counts"),
            tasks=Tasks(self.portal.counts_table, "counts"),
            random_bytes=self.random_bytes,
        )
        clock = self.portal.clock
        invocation = Invocation(
            request or uuid4().hex,
            clock.now + timedelta(seconds=seconds),
            lambda: clock.now,
            clock.sleep,
            lambda: 0.5,
        )
        settings = Settings.from_environment(environment)
        return do({"task": task, **event}, settings, services, invocation)

    @property
    def mail(self) -> Mail:
        [mail] = self.post.mails
        return mail


def share_many(office: Office, count: int, **metadata: str) -> None:
    """So many files for bob@example.com, each a millisecond newer than the one before."""
    for number in range(count):
        office.portal.clock.passes(milliseconds=1)
        office.portal.share(f"{number}.pdf", link_id=f"{number:032x}", metadata=metadata)


def links_in(mail: Mail) -> list[str]:
    """The ids of the links that a mail carries."""
    data: Any = mail.data
    tokens = [parse_token(file["link"].removeprefix(f"{URL}/d/")) for file in data["files"]]
    return [token.link_id for token in tokens if token]


def opens(office: Office, mail: Mail) -> bool:
    """Whether each link of a mail opens its page."""
    data: Any = mail.data
    tokens = [file["link"].removeprefix(f"{URL}/d/") for file in data["files"]]
    return all(office.portal.open(token).status == 200 for token in tokens)
