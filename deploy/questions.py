"""Asks the few questions of `s3link init`. The templates say what is asked and what may be said.

An answer that a template would refuse is explained by its ConstraintDescription and asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploy import config_file
from deploy.configuration import check_overrides, known_parameters
from deploy.deployment import DEFAULT_NAME, GENERATOR
from deploy.errors import ConfigurationError
from deploy.templates import Parameter, load_template

if TYPE_CHECKING:
    from deploy.console import Console

# Asked beside the parameters that have no default; all others can be added to the file later.
_WORTH_ASKING = frozenset({"AuthorizedRecipients", "ExchangableObjectsTTL", "LinkExpirationPeriod"})

_REGION = Parameter(
    name="region",
    type="String",
    description="The AWS region to deploy to. SES must be offered there.",
    allowed_pattern=r"[a-z]{2}(-[a-z]+)+-[0-9]+",
    constraint_description="Type the name of a region, for example eu-west-1.",
)


@dataclass(frozen=True)
class Given:
    """What the command line answers already. `name` is None unless it was given."""

    name: str | None
    place: Mapping[str, str]
    parameters: Mapping[str, str]
    take_defaults: bool


@dataclass(frozen=True)
class Written:
    """What now stands in the configuration file."""

    path: Path
    name: str
    place: Mapping[str, str]
    parameters: Mapping[str, str]


def initialise(
    console: Console, path: Path, given: Given, region: str | None, consent: Callable[[str], bool]
) -> Written:
    """Ask what is not given, and write the deployment's table; `region` is the one proposed.

    Raises ConfigurationError when an answer is missing, or a table would be lost without consent.
    """
    check_overrides(given.parameters)
    name = given.name or _name(console, given.take_defaults)
    if config_file.has_table(path, name) and not consent(
        f"{path} has a table [{name}] already. Replace it with all its keys?"
    ):
        raise ConfigurationError(
            f"{path} was left alone, because it has a table [{name}]; take another --name, or "
            "edit the file."
        )
    place = {"region": _region(console, given, region), **given.place}
    parameters = _parameters(console, given)
    config_file.write_table(path, name, place, parameters)
    return Written(path, name, place, parameters)


def ask(console: Console, parameter: Parameter, default: str | None) -> str:
    """Ask until the answer can be used; Enter takes the default."""
    console.progress(f"\n{parameter.description}")
    while True:
        answer = console.ask(parameter.name, default)
        if answer is None:
            raise ConfigurationError(
                f"Nobody answered the question for {parameter.name}; answer it at a terminal, or "
                "with --set NAME=VALUE and --yes."
            )
        problem = parameter.problem(answer.strip())
        if problem is None:
            return answer.strip()
        console.progress(f"That cannot be used: {problem}.", fg="yellow")


def asked_parameters() -> list[Parameter]:
    """The parameters worth a question: the required ones first."""
    known = known_parameters().values()
    required = [parameter for parameter in known if parameter.default is None]
    return required + [parameter for parameter in known if parameter.name in _WORTH_ASKING]


def _name(console: Console, take_default: bool) -> str:
    if take_default:
        return DEFAULT_NAME
    return ask(
        console, load_template(GENERATOR.template).parameters["DeploymentName"], DEFAULT_NAME
    )


def _region(console: Console, given: Given, proposed: str | None) -> str:
    region = given.place.get("region") or (proposed if given.take_defaults else None)
    if region is None and given.take_defaults:
        raise ConfigurationError("--yes takes defaults, and there is no region; add --region.")
    if region is None:
        return ask(console, _REGION, proposed)
    _REGION.check(region, "from --region")
    return region


def _parameters(console: Console, given: Given) -> dict[str, str]:
    questions = [entry for entry in asked_parameters() if entry.name not in given.parameters]
    if given.take_defaults:
        _check_all_have_defaults(questions)
        answers = {entry.name: entry.default or "" for entry in questions}
    else:
        answers = {entry.name: ask(console, entry, entry.default) for entry in questions}
    return answers | dict(given.parameters)


def _check_all_have_defaults(questions: Iterable[Parameter]) -> None:
    missing = [entry.name for entry in questions if entry.default is None]
    if missing:
        raise ConfigurationError(
            f"--yes takes defaults, and there is none for {', '.join(missing)}; "
            f"add {' '.join(f'--set {name}=…' for name in missing)}"
        )
