"""The API for programs as an operator adds it to a deployment and takes it away again."""

from __future__ import annotations

import pytest

from deploy.aws.clients import Clients
from tests.deploy.cli.test_portal import stacks
from tests.deploy.operator import Operator, deployed_by

pytestmark = pytest.mark.slow

SENDER, GENERATOR, PROGRAMS = "s3link-sender", "s3link-generator", "s3link-programs"


@pytest.fixture
def with_programs(embedded_operator: Operator) -> Operator:
    return deployed_by(embedded_operator, "--with programs")


def test_it_is_part_of_the_first_deployment(
    embedded_operator: Operator, embedded_clients: Clients
) -> None:
    """After the generator, whose bucket it takes; its address is told among the next steps."""
    planned = embedded_operator.s3link("plan --with programs --output json")
    ran = embedded_operator.s3link("deploy --with programs --output json")

    assert planned.exit_code == 0, planned.stderr
    assert ran.exit_code == 0, ran.stderr
    made = {stack["stack_name"]: stack for stack in ran.document["stacks"]}
    assert list(made) == [SENDER, GENERATOR, PROGRAMS]
    url = made[PROGRAMS]["outputs"]["ProgramsApiUrl"]
    assert f"Allow programs to call {url} (execute-api:Invoke)." in ran.document["next_steps"]
    assert stacks(embedded_clients)[PROGRAMS]["GeneratorStackName"] == GENERATOR


def test_it_is_added_to_a_deployment_and_stays(
    deployed_operator: Operator, embedded_clients: Clients
) -> None:
    """It takes over what the others have; the next deploy keeps it without being told."""
    deployed_operator.s3link("deploy --set ExchangableObjectsTTL=7")

    added = deployed_operator.s3link("deploy --with programs")
    again = deployed_operator.s3link("deploy --output json")

    assert added.exit_code == 0, added.stderr
    assert stacks(embedded_clients)[PROGRAMS]["ExchangableObjectsTTL"] == "7"
    assert [stack["action"] for stack in again.document["stacks"]] == ["unchanged"] * 3


def test_it_goes_once_the_operator_agrees(
    with_programs: Operator, embedded_clients: Clients
) -> None:
    """The question says what is lost; without a yes it stays."""
    planned = with_programs.s3link("plan --without programs")
    kept = with_programs.s3link("deploy --without programs", answers="n\n")
    assert PROGRAMS in stacks(embedded_clients)
    ran = with_programs.s3link("deploy --without programs", answers="y\n")

    lost = "No program can call the API any more, its one-time links stop working"
    assert lost in planned.stdout
    assert kept.exit_code == 1
    assert "and with it one-time links of programs; run" in kept.error
    assert ran.exit_code == 0, ran.stderr
    assert lost in ran.stderr
    assert PROGRAMS not in stacks(embedded_clients)


def test_its_bucket_keeps_its_name(with_programs: Operator) -> None:
    """Doctor says so before CloudFormation would refuse it."""
    ran = with_programs.s3link("doctor --set FileExchangeBucketName=another-name")

    assert ran.exit_code == 1
    assert f"cannot become another-name while {PROGRAMS} uses it." in ran.stdout


def test_it_is_looked_at_and_destroyed_like_the_rest(
    with_programs: Operator, embedded_clients: Clients
) -> None:
    """Nobody has to name it."""
    status = with_programs.s3link("status --verbose")
    logs = with_programs.s3link("logs --programs")
    ran = with_programs.s3link("destroy", answers="s3link\n")

    assert f"\n{PROGRAMS}\tCREATE_COMPLETE\t" in status.stdout
    assert "\nAPI for programs\thttp" in status.stdout
    assert logs.exit_code == 0
    assert ran.exit_code == 0, ran.stderr
    assert " of programs, without which one-time links stop working\n" in ran.stderr
    assert stacks(embedded_clients) == {}


def test_without_it_there_is_no_log_of_it(deployed_operator: Operator) -> None:
    """The sentence says how to have one; two logs at once are nobody's wish."""
    ran = deployed_operator.s3link("logs --programs")
    both = deployed_operator.s3link("logs --programs --portal")

    assert ran.exit_code == 1
    assert "deploy --with programs` adds one." in ran.error.replace("s3link ", "")
    assert both.exit_code == 2
