"""`s3link demo FILE...`: files all the way on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from deploy.cli.options import Invocation, local_options
from deploy.cli.stack_options import WITH


@click.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@WITH
@local_options
def command(invocation: Invocation, files: tuple[Path, ...]) -> None:
    """Send files all the way on this machine and compare the bytes.

    Deploys to an embedded AWS, uploads FILE, waits for the mail, opens its link and compares.
    Several files come in one mail. With the members area, a member also signs in, downloads the
    first, answers the survey and signs out. The exit code is 0 only if the same bytes come back,
    and to nobody who may not have them.

    \b
    s3link demo "my report (final).pdf"
    s3link demo report.pdf --with portal
    s3link demo report.pdf slides.pdf --with portal
    s3link demo report.pdf --with programs
    s3link demo game.zip --with members
    """
    from deploy.local.demo import demonstrate

    shown = demonstrate(
        files,
        name=invocation.name,
        region=invocation.named_region,
        parameters=invocation.settings.parameters,
        optional_kinds=invocation.settings.optional_kinds,
        console=invocation.console,
        brand=invocation.settings.brand,
    )
    came_back = [
        {"file": str(one.file), "downloaded_name": one.downloaded_name, "size": one.size}
        for one in shown.files
    ]
    document = {
        **(came_back[0] if len(came_back) == 1 else {"files": came_back}),
        "recipient": shown.recipient,
        "subject": shown.subject,
        "text": shown.text,
        "same_bytes": True,
    }
    mail = f"To: {shown.recipient}\nSubject: {shown.subject}\n\n{shown.text.strip()}"
    invocation.console.result(document, f"\n{mail}\n\nsame bytes")
