"""What one run of deploy or destroy carries with it, and how it shows the events of a stack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from deploy.wording import clock_time

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.aws.polling import Poll
    from deploy.console import Console
    from deploy.deployment import Deployment
    from deploy.stacks.events import Event
    from deploy.stacks.lookup import Missing
    from deploy.stacks.permissions.changes import PermissionChange

    # What of permissions the operator has agreed to: stack, resource and statement.
    Agreed = frozenset[tuple[str, str, PermissionChange]]

# Asks the operator a question; whether the answer is yes.
Consent = Callable[[str], bool]


class Oversight(Enum):
    """Who judges the permissions that an update changes."""

    ASK = "somebody at a terminal"
    YES = "--yes has answered"
    NOBODY = "the deploy goes on by itself"


@dataclass(frozen=True)
class Run:
    """One run: what it works on, whom it tells and asks, and how it waits.

    `missing` was deleted behind CloudFormation's back; with `reverts_drift` all that was changed
    there is undone, too. Dead stacks that are `recreated` were agreed to. While it `takes_away`
    for a moment what some may do, nobody is asked about that.
    """

    clients: Clients
    deployment: Deployment
    console: Console
    consent: Consent
    poll: Poll
    oversight: Oversight = Oversight.NOBODY
    agreed: Agreed = frozenset()
    missing: tuple[Missing, ...] = ()
    reverts_drift: bool = False
    recreated: frozenset[str] = frozenset()
    takes_away: bool = False

    def show_event(self, event: Event) -> None:
        """One line of progress."""
        if event.is_echo:
            return
        time = clock_time(event.time)
        line = f"  {time}  {event.status:<18}  {event.logical_id}  {event.reason}".rstrip()
        self.console.progress(line, fg="red" if event.is_failure else None)
