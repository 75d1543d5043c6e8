"""The options for what an organisation asks of whoever deploys: tags, and a service role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from deploy.cli.options import each_once
from deploy.cli.types import ROLE_ARN, TAG

_TAG = click.option(
    "--tag",
    "tags",
    type=TAG,
    multiple=True,
    callback=each_once,
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
