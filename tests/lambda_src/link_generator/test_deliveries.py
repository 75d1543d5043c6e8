"""A link for each recipient."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from files.errors import FileNotReadable
from files.store import StoredFile
from files.uploads import Upload
from link_generator.deliveries import Delivery, delivery_id
from link_generator.linking import DirectLinking
from mail.addresses import parse_address

from tests.lambda_src.fakes import BUCKET, World, settings

NOW = datetime(2026, 11, 21, 13, 5, 30, tzinfo=UTC)
BOB = parse_address("bob@example.com")
EVE = parse_address("eve@example.com")


def deliveries(upload: Upload, seconds: int = 18000) -> list[Delivery]:
    file = StoredFile(upload, 5, NOW, {})
    linking = DirectLinking(file, settings(LinkExpirationPeriod=str(seconds)), World().services)
    return linking.links_for([BOB, EVE], NOW, lambda tries: False).deliveries


def test_a_link_is_pinned_named_and_dated() -> None:
    """It carries the version, the file's name, the moment, its seconds, and the delivery."""
    bob, _ = deliveries(Upload(BUCKET, "folder/my report.pdf", "version-1"), seconds=90)

    parts = urlsplit(bob.link)
    query = {name: value for name, [value] in parse_qs(parts.query).items()}

    assert parts.hostname == "example-files.s3.eu-west-1.amazonaws.com"
    assert unquote(parts.path) == "/folder/my report.pdf"
    assert query["versionId"] == "version-1"
    assert query["response-content-disposition"] == (
        "attachment; filename=\"my report.pdf\"; filename*=UTF-8''my%20report.pdf"
    )
    assert (query["X-Amz-Date"], query["X-Amz-Expires"]) == ("20261121T130530Z", "90")
    assert query["x-s3link-delivery"] == bob.id
    assert query["X-Amz-Credential"].endswith("/20261121/eu-west-1/s3/aws4_request")


def test_each_recipient_has_a_link_of_their_own() -> None:
    """So that a download can be traced to one delivery in the bucket's access log."""
    bob, eve = deliveries(Upload(BUCKET, "report.pdf", None))

    assert bob.id != eve.id
    assert bob.link != eve.link
    assert "versionId" not in bob.link


def test_a_delivery_keeps_its_id() -> None:
    """A second attempt has the same id; another version, key, bucket or person another one."""
    upload = Upload(BUCKET, "report.pdf", "version-1")
    others = [
        Upload(BUCKET, "report.pdf", "version-2"),
        Upload(BUCKET, "report2.pdf", "version-1"),
        Upload("other-files", "report.pdf", "version-1"),
        Upload(BUCKET, "report.pdf", None),
        Upload(BUCKET, "report.pdf", None, "0055AED6DCD90281E5"),
    ]

    identifier = delivery_id(upload, BOB)

    assert identifier == delivery_id(upload, parse_address("BOB@Example.com"))
    assert len({identifier, delivery_id(upload, EVE), *(delivery_id(o, BOB) for o in others)}) == 7
    assert len(identifier) == 32
    assert set(identifier) <= set("0123456789abcdef")


@pytest.mark.parametrize("key", ["../report.pdf", "a/../report.pdf", "./report.pdf", "a/."])
def test_a_key_that_browsers_cannot_reach_is_an_error(key: str) -> None:
    """Browsers resolve dots before they ask: the link would lead to another file or to none."""
    with pytest.raises(FileNotReadable, match="upload it again under another name"):
        deliveries(Upload(BUCKET, key, None))


def test_a_delivery_does_not_show_its_link() -> None:
    """Its repr may end in an error report."""
    bob, _ = deliveries(Upload(BUCKET, "report.pdf", None))

    assert "https" not in repr(bob)
