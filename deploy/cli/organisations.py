"""The options for what an organisation asks of whoever deploys: tags, and a service role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from deploy.cli.options import each_once
from deploy.cli.types import ROLE_ARN, TAG


def _tags(
    ctx: click.Context, param: click.Parameter, given: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """No tag twice, and no more than AWS takes."""
    if not given:
        return given
    from deploy.settings.organisation import count_problem

    problem = count_problem(dict(each_once(ctx, param, given)))
    if problem:
        raise click.BadParameter(problem, ctx, param)
    return given


_TAG = click.option(
    "--tag",
    "tags",
    type=TAG,
    multiple=True,
    callback=_tags,
    metavar="NAME=VALUE",
    help="Give everything this tag, too; may be repeated.",
)
ROLE = click.option(
    "--role-arn",
    type=ROLE_ARN,
    metavar="ARN",
    help="Have CloudFormation work with this role.",
)


def for_organisations(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what an organisation may ask of a deployment: tags, and a role for CloudFormation."""
    return _TAG(ROLE(command))
