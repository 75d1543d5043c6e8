"""What one run of deploy or destroy carries with it, and how it shows the events of a stack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.aws.polling import Poll
    from deploy.console import Console
    from deploy.deployment import Deployment
    from deploy.stacks.events import Event
    from deploy.stacks.lookup import Missing

# Asks the operator a question; whether the answer is yes.
Consent = Callable[[str], bool]


@dataclass(frozen=True)
class Run:
    """One run: what it works on, whom it tells and asks, and how it waits.

    `missing` was deleted behind CloudFormation's back; with `reverts_drift` all that was changed
    there is undone, too.
    """

    clients: Clients
    deployment: Deployment
    console: Console
    consent: Consent
    poll: Poll
    missing: tuple[Missing, ...] = ()
    reverts_drift: bool = False

    def show_event(self, event: Event) -> None:
        """One line of progress, with the time of the operator's own clock."""
        if event.is_echo:
            return
        time = f"{event.time.astimezone():%H:%M:%S}"
        line = f"  {time}  {event.status:<18}  {event.logical_id}  {event.reason}".rstrip()
        self.console.progress(line, fg="red" if event.is_failure else None)
