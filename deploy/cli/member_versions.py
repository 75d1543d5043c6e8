"""`s3link members publish, versions, withdraw`: what members can download."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy.cli.member_types import KNOWN_VERSION, TEXT_FILE, VERSION_NAME, area_of
from deploy.cli.options import Invocation, common_options
from deploy.cli.types import FILE_NAME
from deploy.errors import MembersError
from deploy.table import Table
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.members.area import MembersArea
    from deploy.members.publishing import Published


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE_NAME)
@click.option(
    "--version", type=VERSION_NAME, required=True, help="The name of the version, such as 1.4.0."
)
@click.option("--notes", type=TEXT_FILE, help="A text file that says what is new.")
@click.option("--replace", is_flag=True, help="Put this in the place of a version that is there.")
@common_options
def publish(
    invocation: Invocation,
    files: tuple[Path, ...],
    version: str,
    notes: Path | None,
    replace: bool,
) -> None:
    """Upload files and folders as a version for members.

    \b
    s3link members publish game.zip --version 1.4.0
    s3link members publish windows.zip mac.zip --version 1.4.0 --notes NOTES.md
    s3link members publish game.zip --version 1.4.0 --replace
    """
    from deploy.members import publishing

    area = area_of(invocation)
    published = publishing.publish(area, version, files, notes, replace, invocation.console)
    invocation.console.result(_published(area, published), _published_text(area, published))


@click.command()
@common_options
def versions(invocation: Invocation) -> None:
    """Show the versions there are, newest first.

    \b
    s3link members versions
    """
    from deploy.lambda_packages import quoted
    from deploy.members.versions import COLUMNS, document, read_versions, row

    found = read_versions(area_of(invocation))
    for version in found:
        if not version.has_address:
            withdrawal = invocation.deployment.command(f"members withdraw {version.name}")
            invocation.console.warn(
                f"Members do not see {quoted(version.name)}: browsers take that for another "
                f"folder. Publish its files under another version, then `{withdrawal}`."
            )
    invocation.console.result(
        {"versions": [document(version) for version in found]},
        Table(COLUMNS, [row(version) for version in found]) if found else "There are no versions.",
    )


@click.command()
@click.argument("version", type=KNOWN_VERSION)
@common_options
def withdraw(invocation: Invocation, version: str) -> None:
    """Take a version away, which members then cannot download.

    \b
    s3link members withdraw 1.4.0
    """
    from deploy.lambda_packages import quoted
    from deploy.members.versions import require_version, withdraw

    area, name = area_of(invocation), quoted(version)
    keys = require_version(area, version)
    objects = counted(len(keys), "object")
    if not invocation.consent(f"Withdraw version {name}, with {objects}?"):
        raise MembersError("Nothing was done; agree to the question, or add --yes.")
    withdraw(area, version, keys)
    invocation.console.result(
        {"withdrawn": version, "objects": len(keys)}, f"Withdrew version {name}, with {objects}."
    )


def _published(area: MembersArea, published: Published) -> dict[str, Any]:
    return {
        "version": published.version,
        "files": [
            {
                "file": str(one.file.path),
                "key": one.file.key,
                "size": one.file.size,
                "version_id": one.version_id,
            }
            for one in published.files
        ],
        "notes": published.has_notes,
        "removed": published.removed,
        "url": area.url,
    }


def _published_text(area: MembersArea, published: Published) -> str:
    from deploy.lambda_packages import quoted

    files = len(published.files) - published.has_notes
    notes = " and notes" if published.has_notes else ""
    removed = ""
    if published.removed:
        removed = f" Taken away: {', '.join(map(quoted, published.removed))}."
    return (
        f"Published version {quoted(published.version)}, with {counted(files, 'file')}{notes}."
        f"{removed} Members find it at {area.url}"
    )
