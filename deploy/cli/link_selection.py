"""Which links a subcommand of `s3link links` is about, and telling what became of each."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
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
    from deploy.links.portal import PortalLinks

# Before a question about many.
_MOST_SHOWN = 20

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


@dataclass(frozen=True)
class Action:
    """What is to be done to links, and to which; those for which it `is_done` are only named."""

    verb: str
    is_eligible: Callable[[Link], bool]
    is_done: Callable[[Link], bool] = lambda link: False
    cannot_be_undone: bool = False


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
    from deploy.links.portal import find_portal_links

    return find_portal_links(invocation.clients, invocation.deployment)


def choose_links(
    invocation: Invocation, portal: PortalLinks, selection: Selection, action: Action, now: datetime
) -> list[Link]:
    """The links that are meant. Those found by file or recipient are counted, and asked about."""
    from deploy.links.reading import LinkFilter, links_by_ids, read_links

    if selection.ids:
        chosen = links_by_ids(portal, selection.ids, now)
        if action.cannot_be_undone:
            _ask(invocation, action, [link for link in chosen if action.is_eligible(link)])
        return chosen
    matching = read_links(portal, LinkFilter(selection.file, selection.recipient), now)
    found = [link for link in matching if action.is_eligible(link)]
    done = [link for link in matching if action.is_done(link)]
    if not found and not done:
        raise LinkError(
            f"There is no such link to {action.verb}; see "
            f"`{invocation.deployment.command('links list')}`."
        )
    _ask(invocation, action, found)
    return found or done


def _ask(invocation: Invocation, action: Action, links: Sequence[Link]) -> None:
    """Raise LinkError unless the operator agrees to what is done to these links."""
    from deploy.links import wording
    from deploy.wording import counted

    for link in links[:_MOST_SHOWN]:
        invocation.console.progress(f"  {wording.title(link)}")
    if len(links) > _MOST_SHOWN:
        invocation.console.progress(f"  and {len(links) - _MOST_SHOWN:,} more")
    warning = " This cannot be undone." if action.cannot_be_undone else ""
    question = f"{action.verb.capitalize()} {counted(len(links), 'link')}?{warning}"
    if links and not invocation.consent(question):
        by_ids = "" if action.cannot_be_undone else f"; {action.verb} links by their ids"
        raise LinkError(f"Nothing was done{by_ids or '; agree to the question'}, or add --yes.")


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
    from deploy.wording import part_of

    done: list[LinkChange] = []
    try:
        for change in changes:
            done.append(change)
            title = wording.title(change.link)
            if change.problem:
                invocation.console.warn(f"{title} was not {participle}: {change.problem}.")
            elif invocation.output == "text" and not (change.is_done and change.ends_with_file):
                state = portal.state(change.link, now)
                validity = wording.validity(change.link, state, portal.usual_downloads)
                before = " before" if change.is_done else ""
                invocation.console.result_line(
                    {}, f"{title} was {participle}{before}: {state}, {validity}."
                )
    finally:
        if invocation.output == "json" and done:
            documents = [_document(portal, change, now) for change in done]
            invocation.console.result({"links": documents}, "")
    _tell_of_ends(invocation, portal, done)
    problems = sum(bool(change.problem) for change in done)
    if problems:
        raise LinkError(f"{part_of(problems, len(done), 'link')} not {participle}.")


def _tell_of_ends(invocation: Invocation, portal: PortalLinks, done: Sequence[LinkChange]) -> None:
    """Say once that links end with their files. Raises LinkError when that changed nothing."""
    from deploy.wording import counted

    ending = [change for change in done if change.ends_with_file]
    if not ending:
        return
    deploy = invocation.deployment.command("deploy --set ExchangableObjectsTTL=DAYS")
    their = "its file is" if len(ending) == 1 else "their files are"
    until = f"{counted(len(ending), 'link')} cannot work for longer than until {their} removed"
    way_out = f"let files stay longer with `{deploy}`, or send the file again"
    if any(change.is_prolonged for change in ending):
        way_out = f"extend again later, or let files stay longer with `{deploy}`"
    elif prolong := portal.way_to_prolong:
        way_out = f"{prolong}, or send the file again"
    if all(change.is_done for change in done):
        raise LinkError(f"Nothing was extended, because {until}; {way_out}.")
    invocation.console.warn(f"{until[0].upper()}{until[1:]}; {way_out}.")


def _document(portal: PortalLinks, change: LinkChange, now: datetime) -> dict[str, Any]:
    from deploy.links import wording

    state = portal.state(change.link, now)
    return {
        **wording.document(change.link, state, portal.usual_downloads),
        "problem": change.problem or None,
        "unchanged": bool(change.problem) or change.is_done,
        "ends_with_file": change.ends_with_file,
        "file_prolonged": change.is_prolonged,
    }
