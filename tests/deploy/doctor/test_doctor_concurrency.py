"""Whether Lambda would reserve the concurrent executions that parameters ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.aws.clients import Clients
from deploy.console import Console
from deploy.deployment import Deployment
from deploy.doctor.concurrency_checks import RESERVING, concurrency
from deploy.doctor.findings import Finding
from deploy.local.lambda_.backend import LambdaBackend
from deploy.local.replacement import replaced
from deploy.local.run import deploy_locally, operator_clients
from deploy.local.server import EmbeddedAws
from deploy.settings.configuration import default_values
from deploy.stacks.lookup import find_stacks
from tests.templates.reading import GENERATOR, MEMBERS, PORTAL, PROGRAMS

TEMPLATES = {"generator": GENERATOR, "portal": PORTAL, "programs": PROGRAMS, "members": MEMBERS}
ALL = frozenset({"portal", "programs", "members"})

pytestmark = pytest.mark.slow


@pytest.fixture
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(retry_delays=(0.05,)) as aws:
        yield aws


@pytest.fixture
def clients(aws: EmbeddedAws) -> Clients:
    return operator_clients(aws)


def found(clients: Clients, kinds: frozenset[str] = ALL, **parameters: str) -> list[Finding]:
    whole = {**default_values(), **parameters}
    deployment = Deployment("s3link", "123456789012", "eu-west-1", whole, optional_kinds=kinds)
    return list(concurrency(clients, deployment, find_stacks(clients, deployment)))


def test_without_a_limit_nothing_is_asked(clients: Clients) -> None:
    """The default, with which a fresh account can deploy."""
    assert found(clients) == []


@pytest.mark.parametrize(
    ("limit", "parameters", "level", "sentence"),
    [
        (
            1000,
            {"MaxConcurrentRequests": "180"},
            "ok",
            "MaxConcurrentRequests=180: 900 concurrent executions of 900 that can be reserved.",
        ),
        (
            1000,
            {"MaxConcurrentRequests": "180", "MaxConcurrentMails": "1"},
            "error",
            "MaxConcurrentMails=1 and MaxConcurrentRequests=180: that would reserve 901 of the "
            "account's 1,000 concurrent executions, and 900 can be reserved: Lambda leaves 100 to "
            "functions that reserve none.",
        ),
        (
            10,
            {"MaxConcurrentRequests": "1"},
            "error",
            "MaxConcurrentRequests=1: that would reserve 5 of the account's 10 concurrent "
            "executions, and 0 can be reserved: Lambda leaves 100 to functions that reserve none.",
        ),
    ],
)
def test_what_lambda_would_refuse_is_told_before(
    clients: Clients, limit: int, parameters: dict[str, str], level: str, sentence: str
) -> None:
    """New accounts may have 10, and can reserve none."""
    with replaced(LambdaBackend, "limit", limit):
        [finding] = found(clients, **parameters)

    assert (finding.level, finding.sentence) == (level, sentence)


def test_only_what_the_deployment_has_is_counted(clients: Clients) -> None:
    """Of the portal two functions, and none of what is not there."""
    [finding] = found(clients, frozenset({"portal"}), MaxConcurrentRequests="50")

    assert finding.sentence.startswith("MaxConcurrentRequests=50: 100 concurrent executions of ")


def test_what_it_has_reserved_before_counts_as_free(aws: EmbeddedAws, clients: Clients) -> None:
    """A deployment that has all that there is can be deployed again."""
    portal = frozenset({"portal"})
    with replaced(LambdaBackend, "limit", 300):
        given = {"MaxConcurrentRequests": "100"}
        deploy_locally(aws, "s3link", given, Console("json"), portal)
        left = clients.awslambda.get_account_settings()["AccountLimit"]

        [same] = found(clients, portal, MaxConcurrentRequests="100")
        [more] = found(clients, portal, MaxConcurrentRequests="101")

    assert left["UnreservedConcurrentExecutions"] == 100
    assert (same.level, more.level) == ("ok", "error")


def test_it_counts_what_the_templates_reserve() -> None:
    """Each function that reserves is counted, for the parameter that says how much."""
    in_templates: dict[tuple[str, str], int] = {}
    for name, template in TEMPLATES.items():
        for one in template.of_type("AWS::Lambda::Function").values():
            reserved = one["Properties"].get("ReservedConcurrentExecutions")
            if reserved:
                key = name, reserved["Fn::If"][1]["Ref"]
                in_templates[key] = in_templates.get(key, 0) + 1

    counted = {(stack.kind, parameter): functions for stack, parameter, functions in RESERVING}
    assert counted == in_templates
