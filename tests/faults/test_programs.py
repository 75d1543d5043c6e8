"""Faults that the API for programs meets: it is told, and a link is as good as before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto.cloudwatch.models import cloudwatch_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.server import EmbeddedAws
from tests.faults.faults import FIND, HEAD, MAKE, REDEEM, Faults
from tests.faults.programs import WithPrograms
from tests.local.apis import ask
from tests.waiting import until

pytestmark = pytest.mark.slow

API = "ProgramsApiErrorsTooHighAlarm"
AS_BEFORE = {
    "error": "The table of nonces did not answer; the link is as good as before, try again."
}


@pytest.fixture(scope="module")
def deployed_programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WithPrograms]:
    """Beside direct links: there is no portal."""
    faults = Faults()
    with EmbeddedAws(retry_delays=(0.3, 0.3), wire=faults) as aws:
        home, optional_kinds = tmp_path_factory.mktemp("operator"), frozenset({"programs"})
        yield WithPrograms.on(aws, faults, home, optional_kinds, ProgramsKeys="*")


@pytest.fixture
def programs(deployed_programs: WithPrograms) -> Iterator[WithPrograms]:
    """The same with nothing on its alarms' minds."""
    deployed_programs.faults.end()
    region = deployed_programs.aws.region
    cloudwatch_backends[LOCAL_ACCOUNT][region].metric_data.clear()
    until(lambda: deployed_programs.alarms() == set())
    yield deployed_programs
    deployed_programs.faults.end()


def test_the_table_is_down_for_a_nonce(programs: WithPrograms) -> None:
    """The program is told that it is not its fault; its link works afterwards."""
    link = programs.one_time_link("nonce.pdf")
    programs.faults.answer(FIND, 500, "InternalServerError")

    assert ask(link).status == 500

    until(lambda: programs.alarms() == {API, "NonceGateErrorsTooHighAlarm"})
    programs.faults.end()
    assert [ask(link).status for _ in range(2)] == [303, 403]


def test_the_table_is_down_behind_the_gate(programs: WithPrograms) -> None:
    """Nobody has taken the nonce: the program is told to try again, in JSON."""
    link = programs.one_time_link("taken.pdf")
    programs.faults.answer(REDEEM, 500, "InternalServerError")

    refused = ask(link)

    until(lambda: programs.alarms() == {API})
    programs.faults.end()
    assert (refused.status, refused.document) == (503, AS_BEFORE)
    assert [ask(link).status for _ in range(2)] == [303, 403]


def test_the_answer_about_a_nonce_is_lost(programs: WithPrograms) -> None:
    """Once, and botocore asks again: the request finds that it was itself that took it."""
    link = programs.one_time_link("lost.pdf")
    programs.faults.lose_the_answer(REDEEM, times=1)

    assert [ask(link).status for _ in range(2)] == [303, 403]


def test_every_answer_about_a_nonce_is_lost(programs: WithPrograms) -> None:
    """The nonce is given back, since nothing was given for it: the program tries again."""
    link = programs.one_time_link("silent.pdf")
    programs.faults.lose_the_answer(REDEEM)

    refused = ask(link)

    until(lambda: programs.alarms() == {API})
    programs.faults.end()
    assert (refused.status, refused.document) == (503, AS_BEFORE)
    assert [ask(link).status for _ in range(2)] == [303, 403]


def test_programs_dies_behind_the_gate(programs: WithPrograms) -> None:
    """Out of time or otherwise, before it has an answer: the link works afterwards."""
    link = programs.one_time_link("dead.pdf")
    stacks = programs.clients.cloudformation
    resource = stacks.describe_stack_resource(
        StackName="s3link-programs", LogicalResourceId="Programs"
    )
    name = resource["StackResourceDetail"]["PhysicalResourceId"]
    programs.faults.before(HEAD, lambda: programs.aws.kill_processes(name))

    assert ask(link).status >= 500

    programs.faults.end()
    assert [ask(link).status for _ in range(2)] == [303, 403]


def test_s3_is_down_behind_the_gate(programs: WithPrograms) -> None:
    """Nobody has taken the nonce, since nothing was given for it: the program tries again."""
    link = programs.one_time_link("behind.pdf")
    programs.faults.answer(HEAD, 503, "ServiceUnavailable")

    assert ask(link).status == 503

    until(lambda: programs.alarms() == {API})
    programs.faults.end()
    assert [ask(link).status for _ in range(2)] == [303, 403]


def test_the_table_takes_no_link_of_a_program(programs: WithPrograms) -> None:
    """The program gets the reason, and asks again."""
    programs.upload("made.pdf")
    programs.faults.answer(MAKE, 400, "ThrottlingException")

    refused = programs.generate_url("made.pdf")

    until(lambda: programs.alarms() == {API})
    programs.faults.end()
    assert refused.status == 503
    assert "Try again in a minute" in refused.document["error"]
    assert ask(programs.one_time_link("made.pdf")).status == 303
