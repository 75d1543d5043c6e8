"""The options that all commands share, and the Invocation that they make."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy.cli.failures import ending_with_a_sentence
from deploy.cli.stack_options import check_choice
from deploy.cli.types import ASSIGNMENT, DEPLOYMENT_NAME, PROFILE, NearChoice, each_once
from deploy.console import Console
from deploy.deployment import DEFAULT_NAME

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.aws.machine.named import Named
    from deploy.deployment import Deployment
    from deploy.settings.configuration import Settings


@dataclass(frozen=True)
class Invocation:
    """The common options of one run, and what follows from them, made when first needed."""

    given_name: str | None
    profile: str | None
    region: str | None
    endpoint_url: str | None
    config: Path | None
    output: str
    yes: bool
    debug: bool
    overrides: tuple[tuple[str, str], ...]
    chosen: tuple[str, ...] | None = None
    dropped: tuple[str, ...] | None = None
    tags: tuple[tuple[str, str], ...] | None = None
    role_arn: str | None = None
    insecure_endpoint: bool = False

    @cached_property
    def console(self) -> Console:
        return Console("json" if self.output == "json" else "text")

    @cached_property
    def name(self) -> str:
        """The deployment's: as given, else by the configuration file."""
        from deploy.settings.tables import usual_name

        return self.given_name or usual_name(self.config)

    @cached_property
    def settings(self) -> Settings:
        """The deployment's table of s3link.toml with --set on top, checked by the templates."""
        from deploy.settings.configuration import load_settings

        settings = load_settings(
            self.config,
            self.name,
            dict(self.overrides),
            chosen=self.chosen or (),
            dropped=self.dropped or (),
        )
        if settings.remark:
            self.console.warn(settings.remark)
        return settings

    @cached_property
    def clients(self) -> Clients:
        from deploy.aws.clients import connect

        return connect(
            self._named("--profile", self.profile, "profile", self.settings.profile),
            self.named_region,
            self._named(
                "--endpoint-url", self.endpoint_url, "endpoint_url", self.settings.endpoint_url
            ),
            self.insecure_endpoint,
        )

    @property
    def named_region(self) -> Named | None:
        """The region that the operator names, if any."""
        return self._named("--region", self.region, "region", self.settings.region)

    def _named(self, option: str, given: str | None, key: str, written: str | None) -> Named | None:
        """What an option says, or else the configuration file, and which of them does."""
        from deploy.aws.machine.named import Named

        if given:
            return Named(given, option, is_typed=True)
        return Named(written, f"{key} in {self.settings.source}") if written else None

    @cached_property
    def deployment(self) -> Deployment:
        from deploy.deployment import Deployment
        from deploy.settings.organisation import check_count

        tags = {**self.settings.tags, **dict(self.tags or ())}
        check_count(tags)
        return Deployment(
            name=self.name,
            account=self.clients.account,
            region=self.clients.region,
            parameters=self.settings.parameters,
            place_options=tuple(self._place_options()),
            optional_kinds=self.settings.optional_kinds,
            dropped=frozenset(self.dropped or ()),
            stack_options=tuple(self._stack_options()),
            tags=tags,
            role_arn=self.role_arn or self.settings.role_arn,
            brand=self.settings.brand,
        )

    def _place_options(self) -> Iterator[str]:
        """The options that say where the deployment is, for the next command to name them too."""
        given = {
            "--profile": self.profile,
            "--region": self.region,
            "--endpoint-url": self.endpoint_url,
            "--config": self.config,
        }
        for option, value in given.items():
            if value:
                yield from (option, str(value))
        if self.insecure_endpoint:
            yield "--insecure-endpoint"

    def _stack_options(self) -> Iterator[str]:
        for option, kinds in (("--with", self.chosen), ("--without", self.dropped)):
            for kind in kinds or ():
                yield from (option, kind)
        for name, value in self.tags or ():
            yield from ("--tag", f"{name}={value}")
        if self.role_arn:
            yield from ("--role-arn", self.role_arn)

    def consent(self, question: str) -> bool:
        """Ask the operator, or take --yes for an answer."""
        return self.yes or self.console.confirm(question)


_PROFILE = click.option("--profile", type=PROFILE, help="AWS profile to use.")
_ENDPOINT_URL = click.option("--endpoint-url", help="Talk to this endpoint instead of AWS.")
_INSECURE_ENDPOINT = click.option(
    "--insecure-endpoint",
    is_flag=True,
    help="Let the endpoint be plain http on another machine.",
)
_OUTPUT = click.option(
    "--output",
    type=NearChoice(["text", "json"]),
    default="text",
    show_default=True,
    help="json prints one document to stdout.",
)
_OUTPUT_WITH_CSV = click.option(
    "--output",
    type=NearChoice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="json prints one document to stdout, csv a table for a spreadsheet.",
)
_OPTIONS = (
    click.option(
        "--name",
        "given_name",
        type=DEPLOYMENT_NAME,
        show_default=f"the only table of s3link.toml, or {DEFAULT_NAME}",
        envvar="S3LINK_NAME",
        show_envvar=True,
        help="Name of the deployment.",
    ),
    _PROFILE,
    click.option("--region", help="AWS region to work in."),
    _ENDPOINT_URL,
    _INSECURE_ENDPOINT,
    click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Configuration file.  [default: s3link.toml, if there is one]",
    ),
    click.option(
        "--set",
        "overrides",
        type=ASSIGNMENT,
        multiple=True,
        callback=each_once,
        metavar="NAME=VALUE",
        help="Override one parameter; may be repeated.",
    ),
    _OUTPUT,
    click.option("--yes", "-y", is_flag=True, help="Answer every question with yes."),
    click.option("--debug", is_flag=True, help="Show the traceback of an error."),
)


# The embedded AWS is an endpoint of its own, with keys of its own.
_NOT_OF_LOCAL = (_PROFILE, _ENDPOINT_URL, _INSECURE_ENDPOINT)
_OPTIONS_OF_LOCAL = tuple(one for one in _OPTIONS if one not in _NOT_OF_LOCAL)


def common_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the common options; the command gets an Invocation as its first argument."""
    return _with_options(command, _OPTIONS)


def options_with_csv(command: Callable[..., Any]) -> Callable[..., Any]:
    """The common options, for a command whose result can also be a table."""
    return _with_options(
        command, tuple(_OUTPUT_WITH_CSV if one is _OUTPUT else one for one in _OPTIONS)
    )


def local_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The common options that mean something to a command which brings the embedded AWS."""
    return _with_options(command, _OPTIONS_OF_LOCAL)


def _with_options(
    command: Callable[..., Any], options: tuple[Callable[..., Any], ...]
) -> Callable[..., Any]:
    """Add the options, and turn errors into sentences."""

    @functools.wraps(command)
    def run(**given: Any) -> None:
        common = {name: given.pop(name, None) for name in Invocation.__dataclass_fields__}
        invocation = Invocation(**common)
        check_choice(invocation.chosen, invocation.dropped)
        with ending_with_a_sentence(invocation.console, invocation.debug):
            command(invocation, **given)

    for option in reversed(options):
        run = option(run)
    return run
