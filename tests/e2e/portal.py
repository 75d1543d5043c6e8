"""A deployment with the portal: files that are shared by it, and what stands in their links' rows.

A link is opened in two ways: by a browser (tests/browser.py), or here, request by request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from files.manifest import Manifest, SharedFile, manifest_key
from files.metadata import SHARE
from portal_links.tokens import parse_token

from deploy.local.inbox.mailbox import Mail
from deploy.local.server import EmbeddedAws
from tests.e2e.deployed import Deployed
from tests.local.apis import Reply, ask
from tests.mails import link_in
from tests.waiting import until

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Shared:
    """A file, the one whom it is for, and the mail that they got."""

    key: str
    version: str
    content: bytes
    recipient: str
    mail: Mail

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]

    @property
    def link(self) -> str:
        return link_in(self.mail)

    @property
    def id(self) -> str:
        return id_in(self.mail)


@dataclass(frozen=True)
class SharedFiles:
    """Several files in one mail, and whom they are for."""

    recipient: str
    mail: Mail

    @property
    def link(self) -> str:
        return link_in(self.mail)

    @property
    def id(self) -> str:
        return id_in(self.mail)


class Portal(Deployed):
    """s3link with its portal."""

    stacks: tuple[str, ...] = ("portal",)

    def __init__(self, aws: EmbeddedAws, directory: Path, **parameters: str) -> None:
        super().__init__(aws, directory, self.stacks, **parameters)
        self._numbers = count(1)

    @property
    def url(self) -> str:
        """Where the portal is, without a slash at the end."""
        api = self.account.client("apigatewayv2").get_api(ApiId=self.names["PortalApi"])
        return str(api["ApiEndpoint"])

    def share(self, name: str = "report.pdf", content: bytes = b"", **metadata: str) -> Shared:
        """Upload a file for somebody who has had no mail yet, and wait for their mail."""
        recipient = f"reader{next(self._numbers)}@example.com"
        key, content = f"{recipient}/{name}", content or f"content of {name}".encode()
        options = {word.replace("_", "-"): value for word, value in metadata.items()}
        version = self.upload(key, content, **options)
        return Shared(key, version, content, recipient, self.mail_to(recipient))

    def share_files(self, sizes: Mapping[str, int | bytes], **said: Any) -> SharedFiles:
        """Put a share's files into the bucket, each of this size or with this in it, then its
        manifest; wait for its mail."""
        number = next(self._numbers)
        recipient, share_id = f"reader{number}@example.com", f"share-number-{number}"
        files = []
        for key, size in sizes.items():
            content = bytes(size) if isinstance(size, int) else size
            version = self.upload(key, content, **{SHARE: share_id})
            files.append(SharedFile(key, version, len(content)))
        manifest = Manifest(tuple(files), recipients=(recipient,), **said)
        self.upload(manifest_key(share_id), manifest.text)
        return SharedFiles(recipient, self.mail_to(recipient))

    def mail_to(self, recipient: str, number: int = 1) -> Mail:
        """The mail that somebody gets as their first, second …, and no more have come then."""
        until(lambda: len(self.mails_to(recipient)) >= number)
        [*_, mail] = self.mails_to(recipient)
        assert len(self.mails_to(recipient)) == number
        return mail

    def mails_to(self, recipient: str) -> list[Mail]:
        return [mail for mail in self.mails() if mail.recipients == (recipient,)]

    def row(self, link_id: str) -> dict[str, Any]:
        """A link's row as it is now."""
        item = self.account.client("dynamodb").get_item(
            TableName=self.names["LinksTable"], Key={"LinkId": {"S": link_id}}, ConsistentRead=True
        )["Item"]
        read = TypeDeserializer()
        return {name: read.deserialize(value) for name, value in item.items()}

    def change_row(self, link_id: str, **values: Any) -> None:
        """Set attributes of a link's row, as time or an operator would."""
        write = TypeSerializer()
        self.account.client("dynamodb").update_item(
            TableName=self.names["LinksTable"],
            Key={"LinkId": {"S": link_id}},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues={f":{n}": write.serialize(v) for n, v in values.items()},
        )

    def remove(self, key: str, version: str) -> None:
        """Remove a version of a file for good."""
        self.account.client("s3").delete_object(
            Bucket=self.names["FileExchangeBucket"], Key=key, VersionId=version
        )


def id_in(mail: Mail) -> str:
    """The id of the row of a mail's link."""
    token = parse_token(link_in(mail).rpartition("/")[2])
    assert token, mail.text
    return token.link_id


def press(link: str, **fields: str) -> Reply:
    """What a browser sends at the press of a link page's button; its redirect is not followed."""
    return ask(link, "POST", urlencode(fields).encode(), FORM)


def follow(answer: Reply, headers: Mapping[str, str] | None = None) -> Reply:
    """Go where an answer sends the browser."""
    assert answer.status == 303, answer
    location = answer.header("location")
    assert location
    return ask(location, headers=headers)
