"""`s3link links`: the portal's links, and what an operator may do with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import chain, starmap

import click

from deploy.cli.link_selection import (
    FILE,
    RECIPIENT,
    Action,
    Selection,
    choose_links,
    find_portal,
    report_changes,
    require_clear_selection,
    with_selection,
)
from deploy.cli.link_types import FUTURE_MOMENT, LINK_STATE
from deploy.cli.options import Invocation, common_options
from deploy.cli.types import DURATION, MOST_DOWNLOADS
from deploy.table import Table

# No link lives so long; a longer span could not even be added to a date.
_LONGEST = timedelta(days=2 * 3_650)


@click.group()
def command() -> None:
    """List the links of the portal; revoke, extend or resend them.

    \b
    s3link links list --recipient bob@example.com
    s3link links revoke 4f2a9c01d3e7
    s3link links extend 4f2a9c01d3e7 --downloads 1
    s3link links resend --file report.pdf
    """


@command.command("list")
@FILE
@RECIPIENT
@click.option(
    "--state",
    type=LINK_STATE,
    metavar="STATE",
    help="Only Usable, Retryable, UsedUp, Expired, Revoked or Locked ones.",
)
@click.option("--limit", type=click.IntRange(min=1), help="At most so many, the newest ones.")
@common_options
def list_(
    invocation: Invocation,
    file: str | None,
    recipient: str | None,
    state: str | None,
    limit: int | None,
) -> None:
    """Show links: for whom, of which file, and whether they work.

    The newest comes first; more than 2,000 links come in the table's order.

    \b
    s3link links list --limit 20
    s3link links list --file "reports/*" --state Usable
    s3link links list --recipient bob@example.com --output json
    """
    from deploy.links import reading, wording

    portal, now = find_portal(invocation), datetime.now(UTC)
    link_filter = reading.LinkFilter(file, recipient, state)
    found = reading.list_links(portal, link_filter, now, limit)
    if not found.is_sorted:
        invocation.console.progress(
            "More than 2,000 links are listed in no order; add --limit 20 for the newest ones."
        )
    links = ((link, portal.state(link, now), portal.usual_downloads) for link in found.links)
    if invocation.output == "json":
        beside = {"newest_first": found.is_sorted}
        invocation.console.result_rows("links", starmap(wording.document, links), beside)
        return
    first = next(links, None)
    if first is None:
        what = "no links" if link_filter == reading.ALL_LINKS else "no link of this kind"
        invocation.console.result({}, f"The portal has {what}.")
        return
    rows = starmap(wording.row, chain([first], links))
    invocation.console.table(Table(wording.COLUMNS, rows))


@command.command()
@with_selection
def revoke(invocation: Invocation, selection: Selection) -> None:
    """Revoke links, whichever mails they are in. It asks, as this cannot be undone.

    \b
    s3link links revoke 4f2a9c01d3e7
    s3link links revoke --file report.pdf
    s3link links revoke --recipient bob@example.com --yes
    """
    require_clear_selection(selection, "revoke")
    from deploy.links import changing

    portal, now = find_portal(invocation), datetime.now(UTC)

    action = Action(
        "revoke",
        is_eligible=lambda link: changing.is_changeable(link, now),
        is_done=lambda link: link.revoked_at is not None,
        cannot_be_undone=True,
    )
    chosen = choose_links(invocation, portal, selection, action, now)
    done = (changing.revoke(portal, link, now) for link in chosen)
    report_changes(invocation, portal, done, "revoked", now)


@command.command()
@click.option("--by", type=DURATION, help="So much longer: 2d, 12h; from now if it has ended.")
@click.option("--until", type=FUTURE_MOMENT, metavar="DATE|TIME", help="Until the end of this day.")
@click.option(
    "--downloads",
    type=click.IntRange(0, MOST_DOWNLOADS),
    help="Allow so many more downloads; 0 any number.",
)
@with_selection
def extend(
    invocation: Invocation,
    selection: Selection,
    by: int | None,
    until: datetime | None,
    downloads: int | None,
) -> None:
    """Allow more downloads, or let links work longer.

    Where a file ends before its link is to, it is copied inside S3, of which nobody is mailed. A
    copy stays for ExchangableObjectsTTL days from now, and no link works longer than that. All
    files stay longer after `s3link deploy --set ExchangableObjectsTTL=7`. MaxExtension says how
    many days after its arrival a file may be prolonged.

    \b
    s3link links extend 4f2a9c01d3e7 --downloads 1
    s3link links extend 4f2a9c01d3e7 --by 12h
    s3link links extend --recipient bob@example.com --until 2026-12-24
    """
    require_clear_selection(selection, "extend")
    if by is None and until is None and downloads is None:
        raise click.UsageError("Say how far: --by, --until or --downloads.")
    if by is not None and until is not None:
        raise click.UsageError("Say either --by or --until, not both.")
    from deploy.links import changing
    from deploy.links.prolonging import Prolonging

    span = None if by is None else min(timedelta(seconds=by), _LONGEST)
    extension = changing.Extension(span, until, downloads)
    # In whole seconds, as S3 says when a copy was made.
    portal, now = find_portal(invocation), datetime.now(UTC).replace(microsecond=0)
    files = Prolonging(portal, now, invocation.console.progress)

    action = Action("extend", is_eligible=lambda link: changing.is_changeable(link, now))
    chosen = choose_links(invocation, portal, selection, action, now)
    done = (changing.extend(portal, link, extension, now, files) for link in chosen)
    report_changes(invocation, portal, done, "extended", now)


@command.command()
@with_selection
def resend(invocation: Invocation, selection: Selection) -> None:
    """Mail links to their recipients once more. What stands in older mails works on.

    \b
    s3link links resend 4f2a9c01d3e7
    s3link links resend --recipient bob@example.com
    """
    require_clear_selection(selection, "resend")
    from deploy.links import resending

    portal, now = find_portal(invocation), datetime.now(UTC)

    action = Action("resend", lambda link: resending.can_be_mailed(portal, link, now))
    chosen = choose_links(invocation, portal, selection, action, now)
    report_changes(invocation, portal, resending.resend(portal, chosen, now), "mailed", now)
