"""Reads the portal's links: which there are, for whom, and whether they work. Changes nothing.

A link's state is told by the portal's own rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from deploy.aws.explain import explain
from deploy.errors import LinkError
from deploy.lambda_packages import USABLE, Link, Links, TableError
from deploy.patterns import key_pattern
from deploy.stacks.lookup import require_generator, require_portal

if TYPE_CHECKING:
    import re

    from deploy.aws.clients import Clients
    from deploy.deployment import Deployment
    from deploy.stacks.lookup import StackState


@dataclass(frozen=True)
class PortalLinks:
    """The links of a deployment's portal.

    `usual_downloads` is its MaxDownloads, 0 any number.
    """

    clients: Clients
    deployment: Deployment
    table: str
    mailer: str
    usual_downloads: int

    @cached_property
    def days_to_live(self) -> int:
        """ExchangableObjectsTTL, which is the generator's. Raises StackError without one."""
        generator = require_generator(self.clients, self.deployment)
        return int(generator.parameters["ExchangableObjectsTTL"])

    @property
    def store(self) -> Links:
        """The portal's own way to its links; raises TableError, see `told`."""
        return Links(self.clients.dynamodb, self.table)

    def state(self, link: Link, now: datetime) -> str:
        return link.state(now, self.usual_downloads)


@dataclass(frozen=True)
class Wanted:
    """Which links are asked for. In `file`, each * stands for any characters."""

    file: str | None = None
    recipient: str | None = None
    state: str | None = None

    def includes(self, link: Link, state: str) -> bool:
        return (
            (self._file is None or self._file.fullmatch(link.key) is not None)
            and (self.recipient is None or self.recipient.lower() == link.recipient.lower())
            and (self.state is None or self.state == state)
        )

    @cached_property
    def _file(self) -> re.Pattern[str] | None:
        return None if self.file is None else key_pattern(self.file)


ALL = Wanted()


def find_portal_links(clients: Clients, deployment: Deployment) -> PortalLinks:
    """Where the deployment's links are. Raises StackError without a portal."""
    return links_of(clients, deployment, require_portal(clients, deployment))


def links_of(clients: Clients, deployment: Deployment, portal: StackState) -> PortalLinks:
    """The links of a portal stack."""
    return PortalLinks(
        clients,
        deployment,
        portal.outputs["LinksTableName"],
        portal.outputs["LinkMailerName"],
        int(portal.parameters["MaxDownloads"]),
    )


def read(
    portal: PortalLinks, wanted: Wanted, now: datetime, limit: int | None = None
) -> list[Link]:
    """The wanted links, newest first; at most `limit` of them. Nobody keeps them in that order."""
    with told():
        found = [
            link for link in _all(portal, wanted) if wanted.includes(link, portal.state(link, now))
        ]
    found.sort(key=lambda link: (link.created_at, link.id), reverse=True)
    return list(islice(found, limit))


def count_usable(portal: PortalLinks, now: datetime) -> int:
    """How many links work now."""
    return len(read(portal, Wanted(state=USABLE), now))


@contextmanager
def told() -> Iterator[None]:
    """A table that does not answer, as the sentence that AWS's own error deserves."""
    try:
        yield
    except TableError as exc:
        cause = exc.__cause__
        explained = explain(cause) if isinstance(cause, Exception) else None
        raise explained or LinkError(
            f"The portal's links could not be read or changed ({exc.code}); run the command again."
        ) from exc


def _all(portal: PortalLinks, wanted: Wanted) -> Iterable[Link]:
    if wanted.recipient is not None:
        return portal.store.of_recipient(wanted.recipient.lower())
    return _scanned(portal)


def _scanned(portal: PortalLinks) -> Iterator[Link]:
    pages = portal.clients.dynamodb.get_paginator("scan").paginate(
        TableName=portal.table, ConsistentRead=True
    )
    for page in pages:
        for item in page["Items"]:
            yield Link.of_row(_plain(item))


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """A row without DynamoDB's types; what is a number stays text, as Link takes it."""
    return {name: next(iter(value.values())) for name, value in item.items()}
