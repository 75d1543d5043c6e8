"""The portal as an operator adds it to a deployment and takes it away again."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.aws.clients import Clients
from tests.deploy.operator import Operator, deployed_by

pytestmark = pytest.mark.slow

SENDER, PORTAL, GENERATOR = "s3link-sender", "s3link-portal", "s3link-generator"


def stacks(clients: Clients) -> dict[str, Any]:
    """The values of each stack that stands."""
    return {
        stack["StackName"]: {
            given["ParameterKey"]: given["ParameterValue"] for given in stack["Parameters"]
        }
        for stack in clients.cloudformation.describe_stacks()["Stacks"]
    }


@pytest.fixture
def with_portal(embedded_operator: Operator) -> Operator:
    return deployed_by(embedded_operator, "--with portal")


def test_a_portal_is_part_of_the_first_deployment(
    embedded_operator: Operator, embedded_clients: Clients
) -> None:
    """Between the two others; its address is told among the next steps."""
    ran = embedded_operator.s3link("deploy --with portal --output json")

    assert ran.exit_code == 0, ran.stderr
    made = {stack["stack_name"]: stack for stack in ran.document["stacks"]}
    assert list(made) == [SENDER, PORTAL, GENERATOR]
    url = made[PORTAL]["outputs"]["PortalUrl"]
    assert (
        f"Tell recipients where they can ask for their links: {url}/"
        in (ran.document["next_steps"])
    )
    assert stacks(embedded_clients)[GENERATOR]["PortalStackName"] == PORTAL


def test_a_portal_is_added_to_a_deployment_and_stays(
    deployed_operator: Operator, embedded_clients: Clients
) -> None:
    """It takes over what the others have; the next deploy keeps it without being told."""
    deployed_operator.s3link("deploy --set LogsTTL=30")

    planned = deployed_operator.s3link("plan --with portal --output json")
    added = deployed_operator.s3link("deploy --with portal")
    again = deployed_operator.s3link("deploy --output json")

    assert planned.exit_code == 0, planned.stderr
    assert [stack["action"] for stack in planned.document["stacks"]] == ["none", "create", "update"]
    assert added.exit_code == 0, added.stderr
    values = stacks(embedded_clients)
    assert values[PORTAL]["LogsTTL"] == "30"
    assert values[PORTAL]["AuthorizedRecipients"] == "@example.com"
    assert values[GENERATOR]["PortalStackName"] == PORTAL
    assert [stack["action"] for stack in again.document["stacks"]] == ["unchanged"] * 3


def test_a_portal_goes_after_the_generator_has_let_it_go(
    with_portal: Operator, embedded_clients: Clients
) -> None:
    """The generator imports its address; the question says what is lost."""
    planned = with_portal.s3link("plan --without portal")
    ran = with_portal.s3link("deploy --without portal", answers="y\n")
    again = with_portal.s3link("deploy --output json")

    assert f"{PORTAL} would be deleted" in planned.stdout
    assert ran.exit_code == 0, ran.stderr
    lost = "Every link that was mailed (0 of them can be used now) stops working"
    assert lost in planned.stdout
    assert lost in ran.stderr
    assert f"{GENERATOR} updated" in ran.stdout
    assert f"{PORTAL} deleted" in ran.stdout
    values = stacks(embedded_clients)
    assert PORTAL not in values
    assert values[GENERATOR]["PortalStackName"] == ""
    assert [stack["action"] for stack in again.document["stacks"]] == ["unchanged"] * 2


def test_without_consent_the_portal_stays(with_portal: Operator, embedded_clients: Clients) -> None:
    """And so does everything else."""
    ran = with_portal.s3link("deploy --without portal", answers="n\n")

    assert ran.exit_code == 1
    assert ran.error.startswith("Nothing was changed: stack s3link-portal would be deleted")
    assert stacks(embedded_clients)[GENERATOR]["PortalStackName"] == PORTAL


def test_a_portal_is_looked_at_and_destroyed_like_the_rest(
    with_portal: Operator, embedded_clients: Clients
) -> None:
    """Nobody has to name it."""
    status = with_portal.s3link("status --verbose")
    doctor = with_portal.s3link("doctor")
    ran = with_portal.s3link("destroy", answers="s3link\n")

    assert f"\n{PORTAL}\tCREATE_COMPLETE\t" in status.stdout
    assert "\nPortal\thttp" in status.stdout
    assert "\nDead-letter queue of the portal\t0 tasks\n" in status.stdout
    assert f"Stack {PORTAL} is CREATE_COMPLETE." in doctor.stdout
    assert "Links of the portal work for as long as their file: 1 day." in doctor.stdout
    assert ran.exit_code == 0, ran.stderr
    assert f"  stack {PORTAL} (CREATE_COMPLETE)" in ran.stderr
    assert " of the portal, without which links that were mailed stop working\n" in ran.stderr
    assert stacks(embedded_clients) == {}


def test_a_deployment_without_a_portal_does_not_miss_it(deployed_operator: Operator) -> None:
    """Only who asks for one in s3link.toml is told that it is not there yet."""
    before = deployed_operator.s3link("status --output json")
    text = deployed_operator.config.read_text()
    deployed_operator.config.write_text(text.replace("[s3link]", '[s3link]\nwith = ["portal"]'))
    asked = deployed_operator.s3link("status --output json")

    assert (before.document["missing"], before.document["portal"]) == ([], None)
    assert asked.document["missing"] == [PORTAL]
