"""`s3link init`: ask the few questions and write s3link.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from deploy.cli.options import Invocation, common_options
from deploy.cli.organisations import for_organisations
from deploy.cli.stack_options import WITH
from deploy.deployment import DEFAULT_CONFIG, command_line

if TYPE_CHECKING:
    from deploy.settings.questions import WrittenTable


@click.command()
@WITH
@for_organisations
@common_options
def command(invocation: Invocation) -> None:
    """Ask what a deployment needs to know, and write it to s3link.toml.

    \b
    s3link init
    s3link init --with portal --with members
    s3link init --name s3link-test --set ExchangableObjectsTTL=7
    s3link init --tag Team=files --role-arn arn:aws:iam::123456789012:role/cloudformation
    s3link init --yes --region eu-west-1 --set AdminAlarmEMail=admin@example.com \\
      --set EmailSender=links@example.com --set EmailRecipient=bob@example.com
    """
    from deploy.aws.clients import known_regions
    from deploy.aws.machine.endpoints import check_endpoint
    from deploy.aws.machine.named import Named
    from deploy.aws.machine.session import usual_region
    from deploy.settings.questions import GivenAnswers, initialise

    if invocation.endpoint_url:
        # Whether it may be plain http is a matter of each command that talks to it.
        given_endpoint = Named(invocation.endpoint_url, "--endpoint-url", is_typed=True)
        check_endpoint(given_endpoint, insecure=True)
    place = {
        "region": invocation.region,
        "profile": invocation.profile,
        "endpoint_url": invocation.endpoint_url,
        "role_arn": invocation.role_arn,
    }
    given = GivenAnswers(
        name=invocation.given_name,
        place={key: value for key, value in place.items() if value},
        parameters=dict(invocation.overrides),
        take_defaults=invocation.yes,
        optional_kinds=frozenset(invocation.chosen or ()),
        known_regions=known_regions(),
        tags=dict(invocation.tags or ()),
    )
    written = initialise(
        invocation.console,
        invocation.config or DEFAULT_CONFIG,
        given,
        usual_region(invocation.profile),
        invocation.consent,
    )
    invocation.console.result(_document(written), _text(written, invocation))


def _document(written: WrittenTable) -> dict[str, Any]:
    return {
        "config": str(written.path),
        "deployment": written.name,
        **written.place,
        "with": sorted(written.optional_kinds),
        "tags": written.tags,
        "parameters": written.parameters,
    }


def _text(written: WrittenTable, invocation: Invocation) -> str:
    place = ("--config", str(invocation.config)) if invocation.config else ()
    if invocation.insecure_endpoint:
        place = (*place, "--insecure-endpoint")
    doctor, deploy = (command_line(verb, written.name, place) for verb in ("doctor", "deploy"))
    return f"Wrote the table [{written.name}] to {written.path}.\nNext: {doctor}, then {deploy}"
