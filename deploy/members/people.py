"""Lists the members of the pool and finds one by address. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deploy.aws.explain import error_code
from deploy.errors import MembersError
from deploy.lambda_packages import moment_text
from deploy.members.area import MembersArea, explained_errors
from deploy.table import Row, columns
from deploy.wording import day, moment

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import AttributeTypeTypeDef

MEMBERS_GROUP = "members"
ADMINS_GROUP = "admins"
_GROUPS = (ADMINS_GROUP, MEMBERS_GROUP)

COLUMNS = columns("ADDRESS", "STATUS", "GROUPS", "SINCE", "ID")

# Cognito's words for how far somebody has come.
INVITED = "FORCE_CHANGE_PASSWORD"
RESET = "RESET_REQUIRED"
_ACTIVE = "CONFIRMED"
# Cognito: "ListUsers … Limit: at most 60".
_PER_CALL = 60
# What Cognito takes when a pool does not say for how long an invitation is good.
_USUAL_DAYS = 7


@dataclass(frozen=True)
class Member:
    """Somebody who may sign in, or could once. `invited_until` is set until they first do."""

    id: str
    username: str
    address: str
    state: str
    enabled: bool
    since: datetime
    groups: tuple[str, ...] = ()
    invited_until: datetime | None = None

    def status(self, now: datetime, worded: Callable[[datetime], str] = moment) -> str:
        """How it stands with this member, in plain words."""
        if not self.enabled:
            return "disabled"
        if self.invited_until is not None:
            over = self.invited_until <= now
            return f"{'invitation ended' if over else 'invited until'} {worded(self.invited_until)}"
        known = {_ACTIVE: "active", RESET: "reset required"}
        return known.get(self.state, self.state.lower().replace("_", " "))

    def row(self, now: datetime) -> Row:
        """The member for reading, as COLUMNS have it."""
        groups = ", ".join(self.groups) or "no group"
        return Row((self.address, self.status(now), groups, day(self.since), self.id))

    def document(self, now: datetime) -> dict[str, Any]:
        return {
            "address": self.address,
            "status": self.status(now, _in_documents),
            "groups": self.groups,
            "id": self.id,
            "since": _in_documents(self.since),
            "invited_until": self.invited_until and _in_documents(self.invited_until),
        }


def _in_documents(time: datetime) -> str:
    return moment_text(time.astimezone(UTC))


def read_members(area: MembersArea) -> list[Member]:
    """Everybody in the pool, by address."""
    with explained_errors("The members could not be listed"):
        lasts = _invitations_last(area)
        groups = _groups_by_username(area)
        found = [
            _member(user, user.get("Attributes", ()), lasts, groups.get(user["Username"], ()))
            for user in _users(area)
        ]
    return sorted(found, key=lambda member: (member.address.lower(), member.id))


def count_members(area: MembersArea) -> int:
    return sum(1 for _ in _users(area))


def find_member(area: MembersArea, address: str) -> Member:
    """The member with this address. Raises MembersError when there is none."""
    with explained_errors(f"{address} could not be looked up"):
        user = _user(area, address)
        lasts = _invitations_last(area)
    if user is None:
        raise MembersError(
            f"{address} is no member; see `{area.deployment.command('members list')}`."
        )
    return _member(user, user["UserAttributes"], lasts)


def _user(area: MembersArea, address: str) -> Any:
    """What Cognito says of somebody; None when it knows nobody of this address."""
    try:
        return area.clients.cognito.admin_get_user(UserPoolId=area.pool, Username=address)
    except ClientError as exc:
        if error_code(exc) == "UserNotFoundException":
            return None
        raise


def _users(area: MembersArea) -> Iterator[Mapping[str, Any]]:
    pages = area.clients.cognito.get_paginator("list_users").paginate(
        UserPoolId=area.pool, PaginationConfig={"PageSize": _PER_CALL}
    )
    for page in pages:
        yield from page["Users"]


def _groups_by_username(area: MembersArea) -> dict[str, tuple[str, ...]]:
    """Asked for by group, for asking for each member would be a call each."""
    found: dict[str, tuple[str, ...]] = {}
    for group in _GROUPS:
        pages = area.clients.cognito.get_paginator("list_users_in_group").paginate(
            UserPoolId=area.pool, GroupName=group, PaginationConfig={"PageSize": _PER_CALL}
        )
        for page in pages:
            for user in page["Users"]:
                found[user["Username"]] = (*found.get(user["Username"], ()), group)
    return found


def _invitations_last(area: MembersArea) -> timedelta:
    pool = area.clients.cognito.describe_user_pool(UserPoolId=area.pool)["UserPool"]
    policy = pool.get("Policies", {}).get("PasswordPolicy", {})
    return timedelta(days=policy.get("TemporaryPasswordValidityDays", _USUAL_DAYS))


def _member(
    user: Mapping[str, Any],
    attributes: Sequence[AttributeTypeTypeDef],
    invitations_last: timedelta,
    groups: tuple[str, ...] = (),
) -> Member:
    known = {one["Name"]: one.get("Value", "") for one in attributes}
    invited = user["UserStatus"] == INVITED
    return Member(
        id=known.get("sub", user["Username"]),
        username=user["Username"],
        address=known.get("email", user["Username"]),
        state=user["UserStatus"],
        enabled=user["Enabled"],
        since=user["UserCreateDate"],
        groups=groups,
        # A new invitation changes the password, and with it the user.
        invited_until=user["UserLastModifiedDate"] + invitations_last if invited else None,
    )
