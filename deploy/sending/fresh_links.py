"""Gives the sender links of their own to what was sent, once it was mailed.

Each link is the one in the mail, with a token more: what one uses up is used up for the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_bytes
from typing import TYPE_CHECKING

from deploy.lambda_packages import NotWritten, link_to, new_token
from deploy.links.portal import PortalLinks, explained_table_errors, links_of
from deploy.sending.wait import CLOCK_DIFFERENCE
from deploy.stacks.lookup import require_portal
from deploy.watching.deliveries import ALL_DELIVERIES, find_ledger, read_deliveries

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.deployment import Deployment
    from deploy.sending.sent import Sent


@dataclass(frozen=True)
class FreshLink:
    """A link to a file or a share for one recipient; None when there is none that could be given.

    `key` is the file's, or that of the share's manifest.
    """

    key: str
    title: str
    recipient: str
    url: str | None = field(repr=False)


@dataclass(frozen=True)
class LinkGiver:
    """The portal of a deployment, as whoever gives links needs it."""

    links: PortalLinks
    portal_url: str

    def links_to(self, sent: Sent) -> Iterator[FreshLink]:
        """A link for each recipient of each file or share, all of whom were mailed."""
        ids = self._ids(min(one.begun for one in sent.announced))
        for one in sent.announced:
            for recipient in one.recipients:
                link_id = ids.get((one.key, one.version_id, recipient.lower()))
                url = self._with_new_token(link_id) if link_id else None
                yield FreshLink(one.key, one.title, recipient, url)

    def _ids(self, since: datetime) -> dict[tuple[str, str | None, str], str]:
        """The links' ids, which are those of the deliveries that mailed them."""
        deployment = self.links.deployment
        ledger = find_ledger(self.links.clients, deployment)
        now = datetime.now(UTC)
        return {
            (one.file, one.version, one.recipient.lower()): one.id
            for one in read_deliveries(ledger, ALL_DELIVERIES, now, since - CLOCK_DIFFERENCE)
        }

    def _with_new_token(self, link_id: str) -> str | None:
        token = new_token(link_id, token_bytes)
        with explained_table_errors():
            written = self.links.store.add_token(token)
        return None if isinstance(written, NotWritten) else link_to(self.portal_url, token)


def find_link_giver(clients: Clients, deployment: Deployment) -> LinkGiver:
    """Raises StackError where mails carry direct links, which nobody but LinkGenerator signs."""
    portal = require_portal(clients, deployment)
    return LinkGiver(links_of(clients, deployment, portal), portal.outputs["PortalUrl"])
