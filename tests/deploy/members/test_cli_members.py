"""The members area as other commands show it."""

from __future__ import annotations

import json
import re

import pytest

from tests.deploy.members.account import URL, MembersAccount
from tests.deploy.operator import Operator

pytestmark = pytest.mark.slow


def test_status_shows_its_address(operator: Operator) -> None:
    """Where members sign in; a program finds it under a name of its own."""
    text = operator.s3link("status")
    document = operator.s3link("status --output json").document

    assert f"\nMembers area\t{URL}\n" in text.stdout
    assert document["members"] == URL.rstrip("/")


def test_its_log_is_read(operator: Operator, account: MembersAccount) -> None:
    """As that of the other functions."""
    group = "members-log"
    account.clients.logs.create_log_group(logGroupName=group)
    account.clients.cloudformation.update_stack(
        StackName="s3link-members",
        TemplateBody=json.dumps(
            {
                "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
                "Outputs": {"MembersLogGroupName": {"Value": group}},
            }
        ),
    )

    ran = operator.s3link("logs --members")

    assert ran.exit_code == 0, ran.stderr
    assert re.fullmatch(
        r"Nothing was logged since [-0-9]{10} [:0-9]{5} UTC; look further back, such as with "
        r"--since 7d\.\n",
        ran.stdout,
    )


@pytest.mark.parametrize("options", ["--members --portal", "--programs --members"])
def test_one_log_at_a_time(operator: Operator, options: str) -> None:
    ran = operator.s3link(f"logs {options}")

    assert (ran.exit_code, ran.error) == (
        2,
        "Say only one of --portal, --programs and --members.",
    )
