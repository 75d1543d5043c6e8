"""`s3link logs`: read the log of LinkGenerator, or of an optional stack's function."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from deploy.cli.options import Invocation, common_options
from deploy.cli.types import DURATION

if TYPE_CHECKING:
    from deploy.watching.logs import Record

# No log is older than CloudWatch Logs itself.
_FURTHEST_BACK = timedelta(days=3650)
_COLOURS = {"WARNING": "yellow", "ERROR": "red", "CRITICAL": "red"}


@click.command()
@click.option("--follow", "-f", is_flag=True, help="Go on showing new lines until Ctrl-C.")
@click.option(
    "--since", type=DURATION, default="1h", show_default=True, help="How far to look back."
)
@click.option("--portal", is_flag=True, help="Read the log of the portal's functions instead.")
@click.option("--programs", is_flag=True, help="Read the log of the API for programs instead.")
@click.option("--members", is_flag=True, help="Read the log of the members area instead.")
@common_options
def command(
    invocation: Invocation, follow: bool, since: int, portal: bool, programs: bool, members: bool
) -> None:
    """Show what LinkGenerator did, one line each.

    \b
    s3link logs
    s3link logs --since 2d
    s3link logs --follow
    s3link logs --portal
    s3link logs --programs
    s3link logs --members
    """
    if portal + programs + members > 1:
        raise click.UsageError("Say only one of --portal, --programs and --members.")
    if follow and invocation.output == "json":
        raise click.UsageError("--output json prints one document and --follow never ends.")
    from deploy.stacks.lookup import (
        require_generator,
        require_members,
        require_portal,
        require_programs,
    )
    from deploy.watching import logs
    from deploy.wording import moment

    require, output = require_generator, "LinkGeneratorLogGroupName"
    if portal:
        require, output = require_portal, "PortalLogGroupName"
    if programs:
        require, output = require_programs, "ProgramsLogGroupName"
    if members:
        require, output = require_members, "MembersLogGroupName"
    group = require(invocation.clients, invocation.deployment).outputs[output]
    start = datetime.now(UTC) - min(timedelta(seconds=since), _FURTHEST_BACK)
    if follow:
        _print_until_stopped(invocation, logs.follow_log(invocation.clients, group, start))
        return
    records = logs.read_log(invocation.clients, group, start)
    invocation.console.result(
        {"records": [record.as_dict() for record in records]},
        "\n".join(map(_coloured, records))
        or f"Nothing was logged since {moment(start)}; look further back, such as with --since 7d.",
    )


def _print_until_stopped(invocation: Invocation, records: Iterator[Record]) -> None:
    """Ctrl-C is how one stops reading: no error."""
    try:
        for record in records:
            invocation.console.result_line(record.as_dict(), _coloured(record))
    except KeyboardInterrupt:
        return


def _coloured(record: Record) -> str:
    return click.style(record.line, fg=_COLOURS.get(record.level))
