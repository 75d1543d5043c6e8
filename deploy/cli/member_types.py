"""What the subcommands of `s3link members` share: kinds of value, and the area they work on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deploy.cli.options import Invocation

if TYPE_CHECKING:
    from deploy.members.area import MembersArea


class VersionName(click.ParamType[str]):
    """The name of a version of the members area that can be published."""

    name = "version"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from deploy.lambda_packages import one_spelling, quoted
        from deploy.members.versions import problem_of_name

        version = one_spelling(value)
        problem = problem_of_name(version)
        if problem:
            self.fail(
                f"{quoted(value)} cannot name a version: {problem}; use one such as 1.4.0.",
                param,
                ctx,
            )
        return version


class KnownVersion(click.ParamType[str]):
    """The name of a version that is there, whoever put it there and however."""

    name = "version"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not value or "/" in value:
            self.fail(
                f'"{value}" is not a version; type one that `s3link members versions` shows.',
                param,
                ctx,
            )
        return value


VERSION_NAME = VersionName()
KNOWN_VERSION = KnownVersion()
TEXT_FILE = click.Path(path_type=Path, dir_okay=False)


def area_of(invocation: Invocation) -> MembersArea:
    from deploy.members.area import find_area

    return find_area(invocation.clients, invocation.deployment)
