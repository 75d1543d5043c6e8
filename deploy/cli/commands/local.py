"""`s3link local`: the whole thing on this machine, until Ctrl-C."""

from __future__ import annotations

import click

from deploy.cli.options import Invocation, local_options
from deploy.cli.stack_options import WITH

DEFAULT_PORT = 5055


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)
@click.option(
    "--retry-delay",
    "retry_delays",
    type=click.FloatRange(min=0),
    multiple=True,
    metavar="SECONDS",
    help="Wait before a retry of a failed function; once per retry.  [default: 60 and 120, as AWS]",
)
@WITH
@local_options
def command(invocation: Invocation, port: int, retry_delays: tuple[float, ...]) -> None:
    """Run the whole thing on this machine, until Ctrl-C.

    The real templates and the real Lambda zip run on an embedded AWS that listens on 127.0.0.1
    only. Every mail lands in an inbox page. Parameters come from s3link.toml and --set, and from
    example addresses where those say nothing.

    \b
    s3link local
    s3link local --with portal
    s3link local --with programs
    s3link local --with members
    s3link local --port 0 --output json
    s3link local --retry-delay 2 --retry-delay 4
    """
    from deploy.local.serve import serve

    serve(
        name=invocation.name,
        region=invocation.named_region,
        parameters=invocation.settings.parameters,
        optional_kinds=invocation.settings.optional_kinds,
        port=port,
        retry_delays=retry_delays,
        console=invocation.console,
        brand=invocation.settings.brand,
    )
