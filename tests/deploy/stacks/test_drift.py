"""Resources that are deleted behind CloudFormation's back: doctor names each, a deploy brings each
back, a destroy succeeds all the same. Which there are is read from the templates.

One deployment with all stacks serves the module, and resources go in few rounds: first one of each
type, which others depend on or not; in the end all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from deploy.aws.clients import Clients
from deploy.deployment import STACKS, Deployment
from deploy.stacks.drift.losses import LOST_WITH
from deploy.stacks.drift.missing import VITAL, Survey, survey
from deploy.stacks.lookup import find_stacks
from deploy.stacks.templates import load_template
from tests.deploy.operator import Operator, Ran, deployed_by, operator_at
from tests.deploy.stacks.deletions import delete_by_hand
from tests.domain_name import domain_options
from tests.tools import ROOT

pytestmark = pytest.mark.slow

RESOURCES = {
    resource.logical_id: (stack, resource)
    for stack in STACKS
    for resource in load_template(stack.template).resources.values()
}
# What goes with these is gone, too; they go in a round of their own.
_PARENTS = (
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Lambda::Function",
    "AWS::S3::Bucket",
    "AWS::SES::ConfigurationSet",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
)


def _of_types(types: set[str]) -> list[str]:
    """The first resource of each type."""
    chosen: dict[str, str] = {}
    for logical_id, (_, resource) in RESOURCES.items():
        if resource.type in types:
            chosen.setdefault(resource.type, logical_id)
    return list(chosen.values())


TYPES = {resource.type for _, resource in RESOURCES.values()}
PARENTS = _of_types(set(_PARENTS))
CHILDREN = _of_types(TYPES - set(_PARENTS))


@dataclass(frozen=True)
class Round:
    """What commands said once something was deleted, and what was there after the deploy."""

    names: dict[str, str]
    said: dict[str, Ran]
    after: Survey

    def lines(self, command: str) -> list[str]:
        return self.said[command].stdout.splitlines()


class Owner:
    """Whoever owns the deployment, and may delete what is in it."""

    def __init__(self, clients: Clients, operator: Operator) -> None:
        self.clients = clients
        self.operator = operator
        self._deployment = Deployment("s3link", clients.account, clients.region, {})

    def delete(self, *logical_ids: str) -> dict[str, str]:
        """Delete resources by hand; gives their physical ids."""
        existing, names = find_stacks(self.clients, self._deployment), {}
        for logical_id in logical_ids:
            stack, _ = RESOURCES[logical_id]
            state, template = existing[stack.kind], load_template(stack.template)
            assert state is not None
            names[logical_id] = delete_by_hand(self.clients, state, template, logical_id)
        return names

    def round(self, logical_ids: Iterable[str], *commands: str) -> Round:
        names = self.delete(*logical_ids)
        said = {command: self.operator.s3link(command) for command in commands}
        after = survey(self.clients, find_stacks(self.clients, self._deployment))
        return Round(names, said, after)


# So that each resource that a template has a condition for is there.
SETTINGS = "--set Dashboard=true --set GatherPeriod=60"


@pytest.fixture(scope="module")
def owner(clients: Clients, tmp_path_factory: pytest.TempPathFactory) -> Owner:
    operator = operator_at(clients, tmp_path_factory.mktemp("owner"))
    kinds = " ".join(f"--with {stack.kind}" for stack in STACKS if stack.optional)
    domain = domain_options(clients.acm, clients.route53)
    return Owner(clients, deployed_by(operator, f"{kinds} {domain} {SETTINGS}"))


@pytest.fixture(scope="module")
def children(owner: Owner) -> Round:
    """One of each type that nothing else goes with."""
    return owner.round(CHILDREN, "doctor", "plan", "deploy --yes")


@pytest.fixture(scope="module")
def parents(owner: Owner, children: Round) -> Round:
    """One of each type that takes others with it; the last one made goes first."""
    commands = ("doctor", "status", "plan", "deploy", "deploy --yes")
    return owner.round(reversed(PARENTS), *commands)


@pytest.fixture
def deleted(request: pytest.FixtureRequest) -> tuple[str, Round]:
    """A resource, and the round in which it went."""
    logical_id: str = request.param
    name = "parents" if logical_id in PARENTS else "children"
    return logical_id, request.getfixturevalue(name)


each_type = pytest.mark.parametrize("deleted", [*CHILDREN, *PARENTS], indirect=True)


@each_type
def test_doctor_names_it(deleted: tuple[str, Round]) -> None:
    """By its logical name, its type and its own name, with the command to type."""
    logical_id, seen = deleted
    stack, resource = RESOURCES[logical_id]

    [line] = [one for one in seen.lines("doctor") if f"\t{logical_id} (" in one]

    what = f"{logical_id} ({resource.type} {seen.names[logical_id]}) of stack s3link-{stack.kind}"
    assert line.startswith(f"note\tresources\t{what} is gone")
    assert "`s3link deploy` " in line.partition(" → ")[2]


@each_type
def test_a_plan_shows_it(deleted: tuple[str, Round]) -> None:
    """As what a deploy would make."""
    logical_id, seen = deleted
    _, resource = RESOURCES[logical_id]

    line = f"  + {logical_id}  {resource.type}  (was deleted by hand)"

    assert line in seen.lines("plan"), seen.said["plan"].stderr


@each_type
def test_a_deploy_brings_it_back(deleted: tuple[str, Round]) -> None:
    """Nothing is missing afterwards, and everything could be looked at."""
    logical_id, seen = deleted
    deploy = seen.said["deploy --yes"]

    assert deploy.exit_code == 0, deploy.stderr
    assert logical_id not in [one.logical_id for one in seen.after.missing]
    assert seen.after == Survey()


def test_status_names_what_is_gone(parents: Round) -> None:
    """Of what is vital; and shows the rest all the same."""
    lines = parents.lines("status")
    vital = [name for name in parents.names if RESOURCES[name][1].type in VITAL]

    assert parents.said["status"].exit_code == 0, parents.said["status"].stderr
    assert vital
    for logical_id in vital:
        [line] = [one for one in lines if one.startswith(f"broken\t{logical_id} (")]
        assert parents.names[logical_id] in line
        assert line.endswith(" was deleted by hand. → `s3link doctor`")


def test_what_held_data_comes_back_only_with_consent(parents: Round) -> None:
    """A deploy that cannot ask changes nothing, and says what is lost with each."""
    lost = [name for name in parents.names if name in LOST_WITH]

    refused = parents.said["deploy"]

    assert lost
    assert refused.exit_code == 1
    assert refused.error.startswith("Nothing was changed. ")
    assert refused.error.endswith(
        "`s3link doctor` says what can be restored; run `s3link deploy --yes` to make that "
        "again, empty or at another address."
    )
    for logical_id in lost:
        gone = f"is gone, and with it {LOST_WITH[logical_id]}."
        assert gone in refused.error.partition(f"{logical_id} (")[2]


def test_what_is_there_works_again(owner: Owner, parents: Round) -> None:
    """A file that is sent is mailed, and its link is counted: all that was made again is wired."""
    ran = owner.operator.s3link("send --wait --print-links", ROOT / "README.md")

    assert ran.exit_code == 0, ran.stderr


def test_a_deploy_without_drift_changes_nothing(owner: Owner, parents: Round) -> None:
    """Also when it is asked to look for drift."""
    ran = owner.operator.s3link("deploy --revert-drift --output json")

    assert {stack["action"] for stack in ran.document["stacks"]} == {"unchanged"}, ran.stderr


def test_a_destroy_succeeds_whatever_was_deleted(owner: Owner, parents: Round) -> None:
    """What is gone already is as wanted."""
    of_others = [name for name, (_, made) in RESOURCES.items() if made.type in _PARENTS]
    rest = [name for name in RESOURCES if name not in of_others]
    owner.delete(*reversed(rest), *reversed(of_others))

    status = owner.operator.s3link("status")
    ran = owner.operator.s3link("destroy --yes")

    assert status.exit_code == 0, status.stderr
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.startswith("Destroyed s3link in eu-west-1 of account 123456789012.")
