"""The options for what an organisation asks of whoever deploys: tags, and a service role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from deploy.cli.types import Assignment, each_once


class Tag(Assignment):
    """NAME=VALUE of a tag, as a pair."""

    def fault(self, typed: str, name: str, value: str | None) -> str:
        from deploy.settings.organisation import tag_problem

        problem = "it is not NAME=VALUE" if value is None else tag_problem(name, value)
        return f'"{typed}" cannot be a tag: {problem}; for example Team=files.' if problem else ""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return []


class RoleArn(click.ParamType[str]):
    """The ARN of a role."""

    name = "ARN"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from deploy.settings.organisation import role_problem

        problem = role_problem(value)
        if problem:
            self.fail(f'"{value}" is not a role: {problem}.', param, ctx)
        return value


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
    type=Tag(),
    multiple=True,
    callback=_tags,
    metavar="NAME=VALUE",
    help="Give everything this tag, too; may be repeated.",
)
ROLE = click.option(
    "--role-arn",
    type=RoleArn(),
    metavar="ARN",
    help="Have CloudFormation work with this role.",
)


def for_organisations(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what an organisation may ask of a deployment: tags, and a role for CloudFormation."""
    return _TAG(ROLE(command))
