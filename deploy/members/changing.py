"""Invites people, resets their sign-in and removes them. It writes to the pool, and to
SignedOutTable what the function must no longer take.

Cognito mails; a mail that SES refuses fails the call, and is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import error_code, explain
from deploy.errors import MembersError
from deploy.members.area import MembersArea, explained_errors, reason
from deploy.members.people import (
    ADMINS_GROUP,
    INVITED,
    MEMBERS_GROUP,
    Member,
    find_member,
)

# After a reset, an old sign-in can come back without a password: the login's cookie gives tokens
# for an hour, and those can be refreshed for MembersSessionHours, which is at most 24. We take
# it that they carry the time of the old sign-in, as on the embedded AWS; nothing else tells them.
_REFUSED_FOR = timedelta(hours=26)
# Who was removed cannot, and no access token lives as long (AccessTokenValidity is 5 minutes).
_REMOVED_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Invited:
    """What became of an address. `known` says what it was before, `problem` why it is no member."""

    address: str
    known: str = ""
    problem: str = ""


def invite(area: MembersArea, addresses: Sequence[str], admin: bool) -> Iterator[Invited]:
    """Have Cognito mail an invitation to each address, whatever becomes of the others.

    Who is a member is not invited again, but does become an admin if that is asked for.
    """
    groups = (MEMBERS_GROUP, ADMINS_GROUP) if admin else (MEMBERS_GROUP,)
    for address in dict.fromkeys(addresses):
        try:
            known = _create(area, address)
            _add_to_groups(area, address, groups)
        except (ClientError, BotoCoreError) as exc:
            yield Invited(address, problem=str(explain(exc) or reason(exc)).rstrip("."))
        else:
            yield Invited(address, known)


def _create(area: MembersArea, address: str) -> str:
    """Make a user, to whom Cognito mails; or say what the one that is there is."""
    try:
        area.clients.cognito.admin_create_user(
            UserPoolId=area.pool,
            Username=address,
            UserAttributes=[
                {"Name": "email", "Value": address},
                # Whoever has the invitation reads that mailbox; a reset goes to no other.
                {"Name": "email_verified", "Value": "true"},
            ],
            DesiredDeliveryMediums=["EMAIL"],
        )
    except ClientError as exc:
        if error_code(exc) != "UsernameExistsException":
            raise
        user = area.clients.cognito.admin_get_user(UserPoolId=area.pool, Username=address)
        return "invited" if user["UserStatus"] == INVITED else "a member"
    return ""


def _add_to_groups(area: MembersArea, address: str, groups: Sequence[str]) -> None:
    for group in groups:
        area.clients.cognito.admin_add_user_to_group(
            UserPoolId=area.pool, Username=address, GroupName=group
        )


def reset(area: MembersArea, address: str, now: datetime) -> str:
    """Let somebody begin anew; the mail that they get, in words.

    Who never signed in gets a new invitation. Everybody else gets a code, must choose a new
    password with it, and is signed out wherever they are signed in.
    """
    member = find_member(area, address)
    if not member.enabled:
        raise MembersError(
            f"{address} is disabled in the pool; enable it in the Cognito console, or remove it "
            f"with `{area.deployment.command(f'members remove {address}')}`."
        )
    with explained_errors(f"{address} was not reset"):
        if member.state == INVITED:
            # An invitation that broke off at its mail has left somebody who is in no group.
            _add_to_groups(area, address, (MEMBERS_GROUP,))
            area.clients.cognito.admin_create_user(
                UserPoolId=area.pool,
                Username=address,
                MessageAction="RESEND",
                DesiredDeliveryMediums=["EMAIL"],
            )
            return "a new invitation"
        area.clients.cognito.admin_reset_user_password(UserPoolId=area.pool, Username=address)
    half = f"{address} got a code for a new password, but is not signed out everywhere yet"
    with explained_errors(half):
        _sign_out(area, member)
        _refuse(area, member, before=now, until=now + _REFUSED_FOR)
    return "a code for a new password"


def remove(area: MembersArea, member: Member, now: datetime) -> None:
    """Remove a member. From the first step on no token is taken, also none issued meanwhile."""
    with explained_errors(f"{member.address} was not removed"):
        _refuse(area, member, before=now + _REMOVED_FOR, until=now + _REMOVED_FOR)
    half = f"{member.address} cannot get at anything for an hour, but is still a member"
    with explained_errors(half):
        _sign_out(area, member)
        _delete(area, member)


def _sign_out(area: MembersArea, member: Member) -> None:
    """No refresh token works any more."""
    area.clients.cognito.admin_user_global_sign_out(UserPoolId=area.pool, Username=member.username)


def _delete(area: MembersArea, member: Member) -> None:
    area.clients.cognito.admin_delete_user(UserPoolId=area.pool, Username=member.username)


def _refuse(area: MembersArea, member: Member, before: datetime, until: datetime) -> None:
    """Have the function refuse this member's tokens of sign-ins up to `before`, until then."""
    area.clients.dynamodb.put_item(
        TableName=area.signed_out_table,
        Item={
            "Id": {"S": f"member#{member.id}"},
            "Before": {"N": str(int(before.timestamp()))},
            "RemovedAt": {"N": str(int(until.timestamp()))},
        },
    )
