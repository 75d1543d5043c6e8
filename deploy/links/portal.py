"""A deployment's portal, as the commands about its links need it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from deploy.aws.explain import explain
from deploy.errors import LinkError
from deploy.lambda_packages import Link, Links, TableError
from deploy.stacks.lookup import require_generator, require_portal

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.deployment import Deployment
    from deploy.stacks.lookup import StackState


@dataclass(frozen=True)
class PortalLinks:
    """The links of a deployment's portal.

    `usual_downloads` is its MaxDownloads, 0 any number, and `longest_extension` its MaxExtension in
    days. `code` is the key of the zip that its functions come from.
    """

    clients: Clients
    deployment: Deployment
    table: str
    mailer: str
    usual_downloads: int
    longest_extension: int = 0
    code: str = ""

    @cached_property
    def generator(self) -> StackState:
        """Raises StackError without one."""
        return require_generator(self.clients, self.deployment)

    @property
    def days_to_live(self) -> int:
        """ExchangableObjectsTTL, which is the generator's."""
        return int(self.generator.parameters["ExchangableObjectsTTL"])

    @property
    def days_of_logs(self) -> int:
        """LogsTTL, which is the generator's."""
        return int(self.generator.parameters["LogsTTL"])

    @property
    def max_extension(self) -> timedelta:
        """How long after its arrival a file may be prolonged; no time where none may be.

        A LinkGenerator from another zip than the portal's may be older, and mail everybody again.
        """
        return timedelta(days=self.longest_extension if self._is_of_one_zip else 0)

    @property
    def way_to_prolong(self) -> str:
        """What lets files be prolonged, as a phrase; empty where they may be."""
        if self.max_extension:
            return ""
        command = self.deployment.command
        if self._is_of_one_zip:
            return f"let files be prolonged with `{command('deploy --set MaxExtension=DAYS')}`"
        return f"let files be prolonged with `{command('deploy')}`, which updates LinkGenerator"

    @property
    def _is_of_one_zip(self) -> bool:
        return bool(self.generator.parameters.get("CodeKey") == self.code)

    @property
    def store(self) -> Links:
        """The portal's own way to its links; raises TableError, see `explained_table_errors`."""
        return Links(self.clients.dynamodb, self.table)

    def state(self, link: Link, now: datetime) -> str:
        return link.state(now, self.usual_downloads)


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
        # A stack may be older than this parameter.
        int(portal.outputs.get("MaxExtension", 0)),
        portal.parameters.get("CodeKey", ""),
    )


@contextmanager
def explained_table_errors() -> Iterator[None]:
    """A table that does not answer, as the sentence that AWS's own error deserves."""
    try:
        yield
    except TableError as exc:
        cause = exc.__cause__
        explained = explain(cause) if isinstance(cause, Exception) else None
        raise explained or LinkError(
            f"The portal's links could not be read or changed ({exc.code}); run the command again."
        ) from exc
