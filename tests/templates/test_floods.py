"""What a flood of requests can take: of the APIs, of the functions behind them, of the account."""

from __future__ import annotations

import pytest

from tests.templates.reading import MEMBERS, PORTAL, PROGRAMS, Template

# Whoever may call a function, directly or by what another hands over for them.
PUBLIC = [
    (PORTAL, "Portal"),
    (PORTAL, "LinkMailer"),
    (PROGRAMS, "Programs"),
    (PROGRAMS, "NonceGate"),
    (MEMBERS, "Members"),
]

each_of_them = pytest.mark.parametrize("template", [PORTAL, PROGRAMS, MEMBERS])


@pytest.mark.parametrize(("template", "function"), PUBLIC)
def test_a_public_function_can_be_capped(template: Template, function: str) -> None:
    """Otherwise a flood takes the executions of every function of the account."""
    reserved = template.properties(function)["ReservedConcurrentExecutions"]

    assert reserved == {
        "Fn::If": [
            "HasMaxConcurrentRequests",
            {"Ref": "MaxConcurrentRequests"},
            {"Ref": "AWS::NoValue"},
        ]
    }


@each_of_them
def test_every_public_function_is_here(template: Template) -> None:
    """All functions of these stacks are."""
    functions = set(template.of_type("AWS::Lambda::Function"))

    assert functions == {name for one, name in PUBLIC if one is template}


@each_of_them
def test_a_fresh_account_can_deploy(template: Template) -> None:
    """It may have 10 concurrent executions, of which none can be reserved: by default none is."""
    assert template.parameters["MaxConcurrentRequests"]["Default"] == 0
    assert template.parameters["MaxConcurrentRequests"]["MinValue"] == 0


@pytest.mark.parametrize(
    ("template", "stage"),
    [(PORTAL, "PortalStage"), (PROGRAMS, "ProgramsStage"), (MEMBERS, "MembersStage")],
)
def test_an_api_takes_so_many_requests_a_second(template: Template, stage: str) -> None:
    """From all callers together, whatever the functions are capped at."""
    limits = template.properties(stage)["DefaultRouteSettings"]

    assert 0 < limits["ThrottlingRateLimit"] <= limits["ThrottlingBurstLimit"] <= 1000
