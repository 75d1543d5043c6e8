"""Which links a subcommand of `s3link links` is about, and telling what became of each."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from deploy.cli.link_types import LINK_ID
from deploy.cli.options import Invocation, common_options
from deploy.cli.types import ADDRESS
from deploy.errors import LinkError

if TYPE_CHECKING:
    from deploy.lambda_packages import Link
    from deploy.links.changing import LinkChange
    from deploy.links.reading import PortalLinks

FILE = click.option("--file", metavar="KEY", help="Of this file; * stands for any characters.")
RECIPIENT = click.option("--recipient", type=ADDRESS, metavar="ADDRESS", help="For this address.")


@dataclass(frozen=True)
class Selection:
    """Links by their ids; or by file, recipient or both."""

    ids: tuple[str, ...]
    file: str | None
    recipient: str | None

    @property
    def is_clear(self) -> bool:
        return bool(self.ids) != (self.file is not None or self.recipient is not None)


def with_selection(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the common options and those that select links, which become a Selection."""

    @functools.wraps(command)
    def run(
        invocation: Invocation,
        ids: tuple[str, ...],
        file: str | None,
        recipient: str | None,
        **given: Any,
    ) -> None:
        command(invocation, Selection(ids, file, recipient), **given)

    ids = click.argument("ids", metavar="[ID]...", nargs=-1, type=LINK_ID)
    return ids(FILE(RECIPIENT(common_options(run))))


def find_portal(invocation: Invocation) -> PortalLinks:
    from deploy.links.reading import find_portal_links

    return find_portal_links(invocation.clients, invocation.deployment)


def choose_links(
    invocation: Invocation,
    portal: PortalLinks,
    selection: Selection,
    verb: str,
    is_eligible: Callable[[Link], bool],
    now: datetime,
) -> list[Link]:
    """The links that are meant. Those found by file or recipient are counted, and asked about."""
    from deploy.links.reading import LinkFilter, links_by_ids, read_links
    from deploy.wording import counted

    if selection.ids:
        return links_by_ids(portal, selection.ids, now)
    link_filter = LinkFilter(selection.file, selection.recipient)
    found = [link for link in read_links(portal, link_filter, now) if is_eligible(link)]
    if not found:
        raise LinkError(
            f"There is no such link to {verb}; see `{invocation.deployment.command('links list')}`."
        )
    if not invocation.consent(f"{verb.capitalize()} {counted(len(found), 'link')}?"):
        raise LinkError(f"Nothing was done; {verb} links by their ids, or add --yes.")
    return found


def require_clear_selection(selection: Selection, verb: str) -> None:
    if not selection.is_clear:
        raise click.UsageError(
            f"Say which links to {verb}: some ids from `s3link links list`, or --file or "
            "--recipient, not both."
        )


def report_changes(
    invocation: Invocation,
    portal: PortalLinks,
    changes: Iterable[LinkChange],
    participle: str,
    now: datetime,
) -> None:
    """Say of each link what became of it, as soon as it is known; fail if one is as before."""
    from deploy.links import wording
    from deploy.wording import counted

    done: list[LinkChange] = []
    try:
        for change in changes:
            done.append(change)
            title = wording.title(change.link)
            if change.problem:
                invocation.console.warn(f"{title} was not {participle}: {change.problem}.")
            elif invocation.output == "text":
                state = portal.state(change.link, now)
                validity = wording.validity(change.link, state, portal.usual_downloads)
                invocation.console.result_line(
                    {}, f"{title} was {participle}: {state}, {validity}."
                )
    finally:
        if invocation.output == "json" and done:
            documents = [_document(portal, change, now) for change in done]
            invocation.console.result({"links": documents}, "")
    problems = sum(bool(change.problem) for change in done)
    if problems:
        were = "was" if problems == 1 else "were"
        raise LinkError(f"{problems:,} of {counted(len(done), 'link')} {were} not {participle}.")


def _document(portal: PortalLinks, change: LinkChange, now: datetime) -> dict[str, Any]:
    from deploy.links import wording

    state = portal.state(change.link, now)
    return {
        **wording.document(change.link, state, portal.usual_downloads),
        "problem": change.problem or None,
    }
