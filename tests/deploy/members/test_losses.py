"""What goes with a members area is counted, and a removal empties what would keep it there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.members.losses import MembersLosses, members_losses
from deploy.removal import optional_stacks
from deploy.removal.destroy import find_losses
from deploy.stacks.lookup import StackState, find_stack
from tests.deploy.members.account import DEPLOYMENT, MembersAccount
from tests.deploy.operator import Operator
from tests.deploy.scripted_account import Account, failure

pytestmark = pytest.mark.slow

DROPPING = replace(
    DEPLOYMENT, dropped=frozenset({"members"}), stack_options=("--without", "members")
)
LOST = "2 members, 1 version and 3 answers to the survey"


@pytest.fixture
def used(account: MembersAccount) -> MembersAccount:
    for address in ("bob@example.com", "eve@example.com"):
        account.add_member(address)
    account.put("1.4.0/game.zip")
    account.put("survey.json")
    for version in ("1.3.0", "1.4.0", "1.5.0"):
        account.answer(version, "bob@example.com", 1_790_000_000, rating=4)
    return account


def state_of(account: MembersAccount) -> StackState:
    state = find_stack(account.clients, "s3link-members")
    assert state
    return state


def test_everything_is_counted(used: MembersAccount) -> None:
    """An answer is one member's about one version; the survey's questions are no version."""
    losses = members_losses(used.clients, DEPLOYMENT, state_of(used))

    assert losses == MembersLosses(members=2, versions=1, answers=3)
    assert losses.describe() == LOST


def test_what_cannot_be_counted_is_said_without_a_number(used: MembersAccount) -> None:
    """A removal must not fail because something is out of order."""
    half_made = replace(state_of(used), outputs={})

    nothing = members_losses(used.clients, DEPLOYMENT, half_made)

    assert nothing.describe() == "all members, all versions and all answers to the survey"


def test_what_is_gone_already_is_not_lost_again(used: MembersAccount) -> None:
    """Whether a table, the pool or the bucket: nothing of it goes with the stack."""
    state = state_of(used)
    used.clients.dynamodb.delete_table(TableName="survey")
    used.clients.cognito.delete_user_pool(UserPoolId=used.pool)
    bucket = state.outputs["ArtifactsBucketName"]
    for version in used.clients.s3.list_object_versions(Bucket=bucket)["Versions"]:
        used.clients.s3.delete_object(
            Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"]
        )
    used.clients.s3.delete_bucket(Bucket=bucket)

    assert members_losses(used.clients, DEPLOYMENT, state) == MembersLosses(0, 0, 0)


def test_destroy_says_what_is_lost(operator: Operator, used: MembersAccount) -> None:
    """Before it asks; a program gets the numbers."""
    ran = operator.s3link("destroy", answers="no\n")
    losses = find_losses(used.clients, DEPLOYMENT)

    assert ran.exit_code == 1
    assert f"\n  the members area: {LOST}\n" in ran.stderr
    assert losses.members == MembersLosses(2, 1, 3)


def test_without_says_what_is_lost(used: MembersAccount) -> None:
    """In the question, and in short after a no."""
    account = Account()
    run = replace(account.run(), deployment=DROPPING, clients=used.clients)

    said = failure(optional_stacks.confirm_removals, run, {"members": state_of(used)}, None)

    assert account.operator.questions == [
        f"This deletes stack s3link-members. Nobody can sign in any more: {LOST} are gone for "
        "good, and with them the area's bucket and logs. Go on?"
    ]
    assert said == (
        "Nothing was changed: stack s3link-members would be deleted, and with it members, versions "
        "and answers; run `s3link deploy --without members --yes` if this is what you want, or "
        "without --without to keep it."
    )
