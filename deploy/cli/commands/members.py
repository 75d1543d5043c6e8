"""`s3link members`: the people of the members area, and the versions they see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy.cli.member_survey import survey
from deploy.cli.member_types import KNOWN_VERSION, TEXT_FILE, VERSION_NAME
from deploy.cli.options import Invocation, common_options
from deploy.cli.types import ADDRESS, ADDRESSES, FILE_NAME, all_addresses
from deploy.errors import MembersError
from deploy.wording import counted, part_of

if TYPE_CHECKING:
    from deploy.members.area import MembersArea
    from deploy.members.changing import Invited
    from deploy.members.publishing import Published


@click.group()
def command() -> None:
    """Invite members, publish versions for them, and read what they answer.

    \b
    s3link members invite bob@example.com
    s3link members publish game.zip --version 1.4.0
    s3link members survey answers
    """


command.add_command(survey)


@command.command()
@click.argument(
    "addresses",
    metavar="ADDRESS...",
    nargs=-1,
    required=True,
    type=ADDRESSES,
    callback=all_addresses,
)
@click.option("--admin", is_flag=True, help="Let them read everybody's answers, too.")
@common_options
def invite(invocation: Invocation, addresses: tuple[str, ...], admin: bool) -> None:
    """Have an invitation mailed to each address. A member is not invited twice.

    \b
    s3link members invite bob@example.com eve@example.com
    s3link members invite carol@example.com --admin
    """
    from deploy.members import changing

    area = _area(invocation)
    _report_invitations(invocation, changing.invite(area, addresses, admin), admin)


@command.command("list")
@common_options
def list_(invocation: Invocation) -> None:
    """Show each member: address, status, groups, id, and since when. Times are UTC.

    \b
    s3link members list
    s3link members list --output json
    """
    from deploy.members.people import read_members

    found, now = read_members(_area(invocation)), datetime.now(UTC)
    invite_them = invocation.deployment.command("members invite ADDRESS")
    lines = [member.line(now) for member in found] or [f"Nobody is a member yet: {invite_them}"]
    invocation.console.result(
        {"members": [member.document(now) for member in found]}, "\n".join(lines)
    )


@command.command()
@click.argument("address", type=ADDRESS)
@common_options
def remove(invocation: Invocation, address: str) -> None:
    """Remove a member, who is signed out at once. What they answered stays.

    \b
    s3link members remove bob@example.com
    """
    from deploy.members import changing
    from deploy.members.people import find_member

    area = _area(invocation)
    member = find_member(area, address)
    if not invocation.consent(f"Remove {address}, who is signed out at once?"):
        raise MembersError("Nothing was done; agree to the question, or add --yes.")
    changing.remove(area, member, datetime.now(UTC))
    invocation.console.result({"removed": address, "id": member.id}, f"Removed {address}.")


@command.command()
@click.argument("address", type=ADDRESS)
@common_options
def reset(invocation: Invocation, address: str) -> None:
    """Mail a new invitation, or to a member a code for a new password; they are signed out.

    \b
    s3link members reset bob@example.com
    """
    from deploy.members import changing

    mailed = changing.reset(_area(invocation), address, datetime.now(UTC))
    invocation.console.result(
        {"reset": address, "mailed": mailed}, f"{address} gets {mailed} by mail."
    )


@command.command()
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
    """Upload files and folders as a version that members see and can download.

    \b
    s3link members publish game.zip --version 1.4.0
    s3link members publish windows.zip mac.zip --version 1.4.0 --notes NOTES.md
    s3link members publish game.zip --version 1.4.0 --replace
    """
    from deploy.members import publishing

    area = _area(invocation)
    published = publishing.publish(area, version, files, notes, replace, invocation.console)
    invocation.console.result(_published(area, published), _published_text(area, published))


@command.command()
@common_options
def versions(invocation: Invocation) -> None:
    """Show the versions there are, newest first. Times are UTC.

    \b
    s3link members versions
    """
    from deploy.lambda_packages import quoted
    from deploy.members.versions import document, line, read_versions

    found = read_versions(_area(invocation))
    for version in found:
        if not version.has_address:
            withdrawal = invocation.deployment.command(f"members withdraw {version.name}")
            invocation.console.warn(
                f"Members do not see {quoted(version.name)}: browsers take that for another "
                f"folder. Publish its files under another version, then `{withdrawal}`."
            )
    lines = [line(version) for version in found] or ["There are no versions."]
    invocation.console.result(
        {"versions": [document(version) for version in found]}, "\n".join(lines)
    )


@command.command()
@click.argument("version", type=KNOWN_VERSION)
@common_options
def withdraw(invocation: Invocation, version: str) -> None:
    """Take a version away: members see it no more, and cannot download it.

    \b
    s3link members withdraw 1.4.0
    """
    from deploy.lambda_packages import quoted
    from deploy.members.versions import require_version, withdraw

    area, name = _area(invocation), quoted(version)
    keys = require_version(area, version)
    objects = counted(len(keys), "object")
    if not invocation.consent(f"Withdraw version {name}, with {objects}?"):
        raise MembersError("Nothing was done; agree to the question, or add --yes.")
    withdraw(area, version, keys)
    invocation.console.result(
        {"withdrawn": version, "objects": len(keys)}, f"Withdrew version {name}, with {objects}."
    )


def _area(invocation: Invocation) -> MembersArea:
    from deploy.members.area import find_area

    return find_area(invocation.clients, invocation.deployment)


def _report_invitations(invocation: Invocation, invited: Iterable[Invited], admin: bool) -> None:
    """Say of each address what became of it, as soon as it is known; fail if one got no mail."""
    done: list[Invited] = []
    try:
        for one in invited:
            done.append(one)
            if one.problem:
                invocation.console.warn(f"{one.address} was not invited: {one.problem}.")
            elif invocation.output == "text":
                invocation.console.result_line({}, _invited_text(invocation, one, admin))
    finally:
        if invocation.output == "json" and done:
            invocation.console.result({"invitations": [_invited(one) for one in done]}, "")
    problems = sum(bool(one.problem) for one in done)
    if problems:
        raise MembersError(f"{part_of(problems, len(done), 'invitation')} not sent.")


def _invited(one: Invited) -> dict[str, Any]:
    return {
        "address": one.address,
        "invited": not (one.known or one.problem),
        "was": one.known or None,
        "problem": one.problem or None,
    }


def _invited_text(invocation: Invocation, one: Invited, admin: bool) -> str:
    if not one.known:
        return f"{one.address} was invited."
    also = " Now also an admin." if admin else ""
    again = ""
    if one.known == "invited":
        reset = invocation.deployment.command(f"members reset {one.address}")
        again = f" For a new invitation: {reset}"
    return f"{one.address} is {one.known} already.{also}{again}"


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
