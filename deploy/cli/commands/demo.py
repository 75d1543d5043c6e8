"""`s3link demo FILE`: one file all the way on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from deploy.cli.options import Invocation, local_options
from deploy.cli.stack_options import WITH


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@WITH
@local_options
def command(invocation: Invocation, file: Path) -> None:
    """Send one file all the way on this machine and compare the bytes.

    Deploys to an embedded AWS, uploads FILE, waits for the mail, opens its link and compares.
    With the members area, a member also signs in, downloads FILE, answers the survey and signs
    out. The exit code is 0 only if the same bytes come back, and to nobody who may not have them.

    \b
    s3link demo "my report (final).pdf"
    s3link demo report.pdf --with portal
    s3link demo report.pdf --with programs
    s3link demo game.zip --with members
    """
    from deploy.local.demo import demonstrate

    shown = demonstrate(
        file,
        name=invocation.name,
        region=invocation.named_region,
        parameters=invocation.settings.parameters,
        optional_kinds=invocation.settings.optional_kinds,
        console=invocation.console,
    )
    document = {
        "file": str(shown.file),
        "recipient": shown.recipient,
        "subject": shown.subject,
        "text": shown.text,
        "downloaded_name": shown.downloaded_name,
        "size": shown.size,
        "same_bytes": True,
    }
    mail = f"To: {shown.recipient}\nSubject: {shown.subject}\n\n{shown.text.strip()}"
    invocation.console.result(document, f"\n{mail}\n\nsame bytes")
