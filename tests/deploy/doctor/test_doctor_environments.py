"""Lists that do not fit into a function's environment are refused before anything is changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploy.aws.clients import Clients
from deploy.deployment import Deployment
from deploy.doctor.environment_checks import environments
from deploy.doctor.findings import Finding
from deploy.settings.configuration import default_values
from deploy.stacks.templates import load_template
from tests.deploy.operator import Operator
from tests.templates.reading import TEMPLATES

LIMIT = 4_096
GIVEN = {"EmailSender": "links@example.com", "EmailRecipient": "bob@example.com"}


def people(number: int) -> str:
    return ",".join(f"person{each:03}@example.com" for each in range(number))


def found(*kinds: str, **parameters: str) -> list[Finding]:
    values = {**default_values(), **GIVEN, **parameters}
    deployment = Deployment(
        "s3link", "123456789012", "eu-west-1", values, optional_kinds=frozenset(kinds)
    )
    clients: Any = None  # nothing is called
    return list(environments(clients, deployment))


def test_what_fits_is_no_finding() -> None:
    """A hundred people may be named one by one, in every stack."""
    everything = ("portal", "programs", "members")

    assert found(*everything) == []
    assert found(*everything, AuthorizedRecipients=people(100)) == []


def test_more_recipients_than_lambda_takes_are_found() -> None:
    """Lambda would refuse the function, after the first stack has been applied."""
    [finding] = found(AuthorizedRecipients=people(170))

    assert (finding.check, finding.level) == ("lists", "error")
    assert finding.sentence.startswith("The environment of LinkGenerator would have ")
    assert finding.sentence.endswith(
        " bytes, 3,754 of them for AuthorizedRecipients and EmailRecipient, and Lambda takes 4,096."
    )
    assert finding.fix == "Name whole domains in AuthorizedRecipients, such as @example.com."


def test_so_are_more_senders() -> None:
    """The portal's functions have them, too; the one with most in it is named, once."""
    findings = found("portal", AuthorizedSenders=people(170))

    assert {finding.fix for finding in findings} == {
        "Name whole domains in AuthorizedSenders, such as @example.com."
    }
    both = found(AuthorizedRecipients=people(90), AuthorizedSenders=people(90))
    assert [finding.fix for finding in both] == [
        "Name whole domains in AuthorizedRecipients and AuthorizedSenders, such as @example.com."
    ]


def test_two_lists_share_one_environment() -> None:
    """Each alone would fit."""
    half = people(90)

    assert found(EmailRecipient=half) == []
    assert [one.level for one in found(EmailRecipient=half, AuthorizedRecipients=half)] == ["error"]


def test_a_list_of_an_optional_stack_counts_where_that_is_deployed() -> None:
    """Only the portal's function gets the origins."""
    origins = ",".join(f"https://pages-{number:03}.example.com" for number in range(130))

    assert found(AllowedOrigins=origins) == []
    [finding] = found("portal", AllowedOrigins=origins)
    assert finding.sentence.startswith("The environment of Portal would have ")
    assert finding.fix == "Shorten AllowedOrigins."


def test_the_limit_is_met_to_the_byte() -> None:
    """Of what is known; what AWS makes itself, such as a table's name, is given its most."""
    most = next(number for number in range(200) if found(AuthorizedRecipients=people(number)))

    [finding] = found(AuthorizedRecipients=people(most))
    size = int(finding.sentence.split("would have ")[1].split(" bytes")[0].replace(",", ""))

    assert LIMIT < size <= LIMIT + len(",person000@example.com")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.path.stem)
def test_every_functions_environment_is_looked_at(template: Any) -> None:
    """As it stands in the template, whatever expressions it has."""
    functions = template.of_type("AWS::Lambda::Function")

    environments = load_template(template.path.name).environments

    assert json.dumps(environments, sort_keys=True) == json.dumps(
        {
            name: function["Properties"]["Environment"]["Variables"]
            for name, function in functions.items()
        },
        sort_keys=True,
    )


def test_a_deploy_refuses_before_anything_is_changed(
    embedded_operator: Operator, embedded_clients: Clients
) -> None:
    """Neither a stack nor the artifacts bucket is there afterwards."""
    ran = embedded_operator.s3link(
        f"deploy --yes --set AuthorizedRecipients=@example.com,{people(170)}"
    )

    assert ran.exit_code == 1
    assert "The environment of LinkGenerator would have" in ran.error
    assert "Name whole domains in AuthorizedRecipients" in ran.error
    assert embedded_clients.cloudformation.describe_stacks()["Stacks"] == []
    assert embedded_clients.s3.list_buckets()["Buckets"] == []
