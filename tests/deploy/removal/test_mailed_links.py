"""What is said before the links that were mailed stop working, where nobody can count them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.deployment import Deployment
from deploy.errors import CheckError
from deploy.removal.mailed_links import confirm_new_address, with_lost_links
from deploy.stacks.lookup import StackState
from deploy.stacks.preview import StackPlan
from deploy.stacks.run import Run
from tests.deploy.scripted_account import Account

LOST = (
    "Links will begin with files.example.com instead of its API's own address, and those mailed "
    "before stop working: all that were mailed so far. `s3link links resend --file '*'` then mails "
    "them again."
)
# Its first deploy was rolled back later, or somebody may not look.
UNKNOWN = StackState("s3link-portal", "id", "UPDATE_COMPLETE", "", {}, {}, {}, False)


def run_of(account: Account, **parameters: str) -> Run:
    run = account.run(**parameters)
    deployment = replace(run.deployment, optional_kinds=frozenset({"portal"}))
    return replace(run, deployment=deployment)


@pytest.mark.parametrize("agrees", [True, False])
def test_what_cannot_be_counted_is_asked_about_all_the_same(agrees: bool) -> None:
    """A no changes nothing, and the sentence says how to say yes."""
    account = Account()
    account.operator.agrees = agrees
    run = run_of(account, PortalDomainName="files.example.com")

    if agrees:
        confirm_new_address(run, {"portal": UNKNOWN})
    else:
        with pytest.raises(CheckError) as refused:
            confirm_new_address(run, {"portal": UNKNOWN})
        assert str(refused.value) == (
            f"Nothing was changed: l{LOST[1:]} Run `s3link deploy --yes` if this is what you want, "
            "or leave PortalDomainName as it was."
        )

    assert account.operator.questions == [f"{LOST} Go on?"]


@pytest.mark.parametrize(
    ("portal", "given"),
    [
        (None, {"PortalDomainName": "files.example.com"}),
        (replace(UNKNOWN, status="ROLLBACK_COMPLETE"), {"PortalDomainName": "files.example.com"}),
        (UNKNOWN, {"PortalDomainName": ""}),
        (UNKNOWN, {"MaxDownloads": "1"}),
        (replace(UNKNOWN, parameters={"PortalDomainName": "a.example.com"}), {"LogsTTL": "30"}),
    ],
)
def test_where_the_address_stays_nobody_is_asked(
    portal: StackState | None, given: dict[str, str]
) -> None:
    """A portal that is new, or only otherwise changed, or was never whole."""
    account = Account()

    confirm_new_address(run_of(account, **given), {"portal": portal})

    assert account.operator.questions == []


def test_a_portal_that_is_dropped_is_asked_about_elsewhere() -> None:
    """Its links are counted there."""
    account = Account()

    confirm_new_address(account.run(PortalDomainName="a.example.com"), {"portal": UNKNOWN})

    assert account.operator.questions == []


def test_the_plan_says_it_of_the_portal() -> None:
    """Behind what else is to be said of it; the other stacks are as they were."""
    deployment = Deployment(
        *("s3link", "123456789012", "eu-west-1", {"PortalDomainName": "files.example.com"}),
        optional_kinds=frozenset({"portal"}),
    )
    plans = [StackPlan("s3link-sender", "none"), StackPlan("s3link-portal", "update", note="So.")]

    sender, portal = with_lost_links(plans, Account().clients, deployment, {"portal": UNKNOWN})

    assert (sender.note, portal.note) == ("", f"So. {LOST}")
