"""Links to files in S3: what they ask S3 to say with the bytes."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.lambda_src.fakes import World, arrival_of
from tests.lambda_src.members_world import MembersWorld
from tests.lambda_src.portal_world import PortalWorld
from tests.lambda_src.programs_world import ProgramsWorld


def mailed(encoding: str | None) -> str:
    world = World()
    world.bucket.put("logs.tar.gz")
    world.bucket.encodes("logs.tar.gz", encoding)
    world.announce(arrival_of("logs.tar.gz"))
    [mail] = world.post_office.mails
    return mail.data["link"]


def clicked(encoding: str | None) -> str:
    portal = PortalWorld()
    token = portal.share("logs.tar.gz")
    portal.bucket.encodes("logs.tar.gz", encoding)
    return portal.click(token).headers["location"]


def presigned(encoding: str | None) -> str:
    world = ProgramsWorld()
    world.bucket.put("logs.tar.gz")
    world.bucket.encodes("logs.tar.gz", encoding)
    return str(world.presign(operation="download", fileKey="logs.tar.gz").body["url"])


def published(encoding: str | None) -> str:
    world = MembersWorld()
    world.bucket.publish("2.0.0/logs.tar.gz")
    world.bucket.encodes("2.0.0/logs.tar.gz", encoding)
    return str(world.download("2.0.0").body["url"])


@pytest.mark.parametrize("link", [mailed, clicked, presigned, published])
@pytest.mark.parametrize(
    ("encoding", "asked"), [("gzip", "identity"), ("br,aws-chunked", "identity"), (None, None)]
)
def test_the_stored_bytes_are_saved(link: object, encoding: str | None, asked: str | None) -> None:
    """Browsers unpack what says that it is packed, and would save that under `.gz`."""
    assert callable(link)

    query = dict(parse_qsl(urlsplit(link(encoding)).query))

    assert query.get("response-content-encoding") == asked
