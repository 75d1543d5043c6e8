"""`s3link members`: the people of the members area; their versions and survey are beside."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from deploy.cli.member_survey import survey
from deploy.cli.member_types import area_of
from deploy.cli.member_versions import publish, versions, withdraw
from deploy.cli.options import Invocation, common_options
from deploy.cli.types import ADDRESS, ADDRESSES, all_addresses
from deploy.errors import MembersError
from deploy.table import Table
from deploy.wording import part_of

if TYPE_CHECKING:
    from deploy.members.changing import Invited


@click.group()
def command() -> None:
    """Invite members, publish versions for them, and read what they answer.

    \b
    s3link members invite bob@example.com
    s3link members publish game.zip --version 1.4.0
    s3link members survey answers
    """


command.add_command(survey)
for of_versions in (publish, versions, withdraw):
    command.add_command(of_versions)


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

    area = area_of(invocation)
    _report_invitations(invocation, changing.invite(area, addresses, admin), admin)


@command.command("list")
@common_options
def list_(invocation: Invocation) -> None:
    """Show each member: address, status, groups, id, and since when.

    \b
    s3link members list
    s3link members list --output json
    """
    from deploy.members.people import COLUMNS, read_members

    found, now = read_members(area_of(invocation)), datetime.now(UTC)
    invite_them = invocation.deployment.command("members invite ADDRESS")
    invocation.console.result(
        {"members": [member.document(now) for member in found]},
        Table(COLUMNS, [member.row(now) for member in found])
        if found
        else f"Nobody is a member yet: {invite_them}",
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

    area = area_of(invocation)
    member = find_member(area, address)
    if not invocation.consent(f"Remove {address}, who is signed out at once?"):
        raise MembersError("Nothing was done; agree to the question, or add --yes.")
    changing.remove(area, member, datetime.now(UTC))
    invocation.console.result({"removed": address, "id": member.id}, f"Removed {address}.")


@command.command()
@click.argument("address", type=ADDRESS)
@common_options
def reset(invocation: Invocation, address: str) -> None:
    """Mail a new invitation, or a code for a new password.

    The code goes to whoever has signed in before; they are signed out everywhere.

    \b
    s3link members reset bob@example.com
    """
    from deploy.members import changing

    mailed = changing.reset(area_of(invocation), address, datetime.now(UTC))
    invocation.console.result(
        {"reset": address, "mailed": mailed}, f"{address} gets {mailed} by mail."
    )


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
