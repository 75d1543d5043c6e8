"""Files that are kept for their links: what recipients find before, meanwhile and afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto.s3.models import s3_backends

from deploy.aws.clients import connect_with_keys
from deploy.deployment import Deployment
from deploy.lambda_packages import COPY_OF
from deploy.links.changing import Extension, LinkChange, extend
from deploy.links.copying import Pieces
from deploy.links.portal import find_portal_links
from deploy.links.prolonging import Prolonging
from deploy.local import LOCAL_ACCESS_KEY, LOCAL_ACCOUNT, LOCAL_SECRET_KEY
from tests.e2e.ageing import grow_older
from tests.e2e.portal import Portal, Shared, follow, press
from tests.local.apis import ask
from tests.waiting import until

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
LARGE = b"first part".ljust(5 * MIB, b".") + b"second part".ljust(5 * MIB, b".") + b"the last"
IN_PARTS = Pieces(above=6 * MIB, size=5 * MIB)


@pytest.fixture
def shared(portal: Portal) -> Shared:
    """A file of which four hours are left."""
    return aged(portal, portal.share(note="Mind page 3"))


def aged(portal: Portal, shared: Shared) -> Shared:
    names = portal.names
    bucket, table = names["FileExchangeBucket"], names["LinksTable"]
    grow_older(portal.account, bucket, table, shared.key, timedelta(hours=20))
    return shared


def downloaded(shared: Shared) -> bytes:
    return follow(press(shared.link)).body


def nobody_was_mailed_about_the_copy(portal: Portal, shared: Shared) -> None:
    """LinkGenerator has heard of it, and mailed nobody."""
    said = f'"{shared.key}" stays longer now, by `links extend`; nobody is mailed'
    until(lambda: said in portal.s3link("logs").stdout)
    assert len(portal.mails_to(shared.recipient)) == 1
    assert portal.dead_letters() == "[]"


class Meanwhile:
    """The clients of somebody who does not notice what happens before each transaction."""

    def __init__(self, clients: Any, happens: Callable[[], object]) -> None:
        self._clients, self._happens = clients, happens

    def __getattr__(self, name: str) -> Any:
        return self if name == "dynamodb" else getattr(self._clients, name)

    def transact_write_items(self, **request: Any) -> Any:
        self._happens()
        return self._clients.dynamodb.transact_write_items(**request)

    def get_item(self, **request: Any) -> Any:
        return self._clients.dynamodb.get_item(**request)

    def update_item(self, **request: Any) -> Any:
        return self._clients.dynamodb.update_item(**request)

    def get_paginator(self, operation: str) -> Any:
        return self._clients.dynamodb.get_paginator(operation)


def extended(
    portal: Portal,
    shared: Shared,
    pieces: Pieces | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> LinkChange:
    """The link for ten hours more, as the command does it."""
    aws = portal.aws
    clients: Any = Meanwhile(
        connect_with_keys(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY, aws.region, aws.endpoint), meanwhile
    )
    links = find_portal_links(clients, Deployment("s3link", LOCAL_ACCOUNT, aws.region, {}))
    now = datetime.now(UTC).replace(microsecond=0)
    files = Prolonging(links, now, print, pieces or Pieces())
    link = links.store.of_id(shared.id)
    assert link
    return extend(links, link, Extension(by=timedelta(hours=10)), now, files)


def test_a_file_stays_for_its_link(portal: Portal, shared: Shared) -> None:
    """The same bytes under the same link, when the version that was mailed is long gone."""
    assert downloaded(shared) == shared.content

    ran = portal.s3link(f"links extend {shared.id} --by 10h --output json")

    assert ran.exit_code == 0, ran.stderr
    [link] = ran.document["links"]
    assert (link["file_prolonged"], link["ends_with_file"], link["problem"]) == (True, False, None)
    assert f'Copying "{shared.key}" (' in ran.stderr
    nobody_was_mailed_about_the_copy(portal, shared)
    portal.remove(shared.key, shared.version)
    assert "Mind page 3" in ask(shared.link).body.decode()
    assert downloaded(shared) == shared.content
    row = portal.row(shared.id)
    assert int(row["ExpiresAt"]) < int(row["FileEndsAt"])
    assert row["Version"] == link["version"] != shared.version
    assert int(row["Downloads"]) == 1  # the second was a retry


def test_whoever_asks_for_more_than_a_copy_brings_is_told(portal: Portal, shared: Shared) -> None:
    """The link goes as far as the copy, and the way out is to do it again, or to keep all files."""
    ran = portal.s3link(f"links extend {shared.id} --by 30d")

    title = f'{shared.id[:12]} ("{shared.key}" for {shared.recipient})'
    ends = datetime.fromtimestamp(int(portal.row(shared.id)["FileEndsAt"]), UTC)
    until = f"{ends:%Y-%m-%d %H:%M} UTC"
    assert ran.exit_code == 0
    assert ran.stdout == f"{title} was extended: Usable, until {until}, 0 downloads.\n"
    assert ran.stderr.splitlines()[1:] == [
        "Warning: 1 link cannot work for longer than until its file is removed; extend again "
        "later, or let files stay longer with `s3link deploy --set ExchangableObjectsTTL=DAYS`."
    ]


def test_a_large_file_is_copied_in_parts(portal: Portal) -> None:
    """S3 tells LinkGenerator of it as of an upload in parts."""
    shared = aged(portal, portal.share("large.bin", LARGE))

    change = extended(portal, shared, IN_PARTS)

    assert (change.problem, change.is_prolonged) == ("", True)
    nobody_was_mailed_about_the_copy(portal, shared)
    portal.remove(shared.key, shared.version)
    assert downloaded(shared) == LARGE


def test_clicks_between_the_copy_and_the_move_download(portal: Portal, shared: Shared) -> None:
    """They are counted as any other."""
    clicks: list[bytes] = []

    def click() -> None:
        portal.change_row(shared.id, GraceUntil=1)
        clicks.append(downloaded(shared))

    change = extended(portal, shared, meanwhile=click)

    assert change.is_prolonged
    assert clicks == [shared.content] * 2  # before the copy, and after it
    portal.change_row(shared.id, GraceUntil=1)
    assert downloaded(shared) == shared.content
    assert int(portal.row(shared.id)["Downloads"]) == 3


def test_what_was_used_up_or_withdrawn_stays_so(portal: Portal) -> None:
    """Their pages go on saying it; used up is what was downloaded before the copy."""
    key = "reports/both.pdf"
    one_time = {"max-downloads": "1", "recipients": "used@example.com,withdrawn@example.com"}
    version = portal.upload(key, b"for both", **one_time)
    used, withdrawn = (
        Shared(key, version, b"for both", recipient, portal.mail_to(recipient))
        for recipient in ("used@example.com", "withdrawn@example.com")
    )
    assert downloaded(used) == b"for both"
    portal.change_row(used.id, GraceUntil=1)
    assert portal.s3link(f"links revoke {withdrawn.id} --yes").exit_code == 0
    aged(portal, used)

    ran = portal.s3link(f"links extend {used.id} --by 10h")

    assert ran.exit_code == 0, ran.stderr
    assert "was extended: UsedUp" in ran.stdout
    copied = portal.row(used.id)["Version"]
    assert portal.row(withdrawn.id)["Version"] == copied != version
    assert "This link has been used up" in press(used.link).body.decode()
    assert "This link has been withdrawn" in press(withdrawn.link).body.decode()


def test_a_file_that_was_sent_anew_or_deleted_stays_as_it_is(
    portal: Portal, shared: Shared
) -> None:
    """A copy would hide the newer one, and bring back what somebody meant to be gone."""
    portal.upload(shared.key, b"a newer one")
    newer = portal.s3link(f"links extend {shared.id} --by 10h")
    s3 = portal.account.client("s3")
    s3.delete_object(Bucket=portal.names["FileExchangeBucket"], Key=shared.key)
    deleted = portal.s3link(f"links extend {shared.id} --by 10h")

    said = f'Warning: {shared.id[:12]} ("{shared.key}" for {shared.recipient}) was not extended: '
    failed = "Error: 1 of 1 link was not extended.\n"
    assert (newer.exit_code, newer.stdout) == (1, "")
    assert newer.stderr == (
        f"{said}its file has a newer version, which a copy of this one would hide; send that one "
        f"instead.\n{failed}"
    )
    assert (deleted.exit_code, deleted.stderr) == (
        1,
        f"{said}its file is gone; send the file again.\n{failed}",
    )


def test_no_file_is_prolonged_for_longer_than_the_operator_has_set(
    portal: Portal, shared: Shared
) -> None:
    """It counts from the file's arrival: after a year, by default, its links end."""
    assert portal.s3link(f"links extend {shared.id} --by 10h").exit_code == 0
    version = portal.row(shared.id)["Version"]
    bucket = portal.names["FileExchangeBucket"]
    copy = s3_backends[LOCAL_ACCOUNT]["aws"].head_object(bucket, shared.key, version)
    named = f"x-amz-meta-{COPY_OF}"
    [mark, arrived] = copy.metadata[named].rsplit(" ", 1)
    year_before = datetime.fromisoformat(arrived) - timedelta(days=365)
    copy.metadata[named] = f"{mark} {year_before.isoformat()}"

    ran = portal.s3link(f"links extend {shared.id} --by 10h")

    assert ran.exit_code == 1
    assert ", and MaxExtension ends links to prolonged files after 365 days, on " in ran.stderr
    assert portal.row(shared.id)["Version"] == version
