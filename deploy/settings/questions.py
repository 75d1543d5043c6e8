"""Asks the few questions of `s3link init`. The templates say what is asked and what may be said.

An answer that a template would refuse is explained by its ConstraintDescription and asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.deployment import OPTIONAL_KINDS, PORTAL, STACKS
from deploy.errors import ConfigurationError
from deploy.settings import config_file
from deploy.settings.configuration import (
    PLACE_KEYS,
    check_overrides,
    default_values,
    deployment_name,
    known_parameters,
    load_settings,
)
from deploy.settings.organisation import check_count
from deploy.settings.recipients import unauthorized_recipients
from deploy.settings.region import Region, proposed_region
from deploy.settings.tables import usual_name
from deploy.stacks.parameters import Parameter

if TYPE_CHECKING:
    from deploy.aws.machine.named import Named
    from deploy.console import Console

# Asked beside the parameters that have no default; all others can be added to the file later.
_WORTH_ASKING = frozenset({"AuthorizedRecipients", "ExchangableObjectsTTL", "LinkExpirationPeriod"})
# One question for each optional stack; the words after "Do you want".
_OFFERS = {
    "portal": "the portal: links that live as long as their file, which you can revoke or extend",
    "programs": "the API for programs: uploads, downloads and one-time links over HTTPS",
    "members": "the members area: invited people sign in, download releases, answer a survey",
}
# With the portal, nobody is concerned by these.
_OF_DIRECT_LINKS = frozenset({"LinkExpirationPeriod"})

# What is answered on the command line in another way than by --set.
_OPTIONS = {"DeploymentName": "--name NAME", "region": "--region REGION"}


@dataclass(frozen=True)
class GivenAnswers:
    """What the command line answers already. `name` is None unless it was given.

    Without `known_regions` any name of a region is taken.
    """

    name: str | None
    place: Mapping[str, str]
    parameters: Mapping[str, str]
    take_defaults: bool
    optional_kinds: frozenset[str] = frozenset()
    known_regions: frozenset[str] = frozenset()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WrittenTable:
    """What the configuration file holds now."""

    path: Path
    name: str
    place: Mapping[str, str]
    parameters: Mapping[str, str]
    optional_kinds: frozenset[str] = frozenset()
    tags: Mapping[str, str] = field(default_factory=dict)
    brand: Mapping[str, str] = field(default_factory=dict)


def initialise(
    console: Console,
    path: Path,
    given: GivenAnswers,
    region: str | None,
    consent: Callable[[str], bool],
) -> WrittenTable:
    """Ask what is not given, and write the deployment's table; `region` is the one proposed.

    Raises ConfigurationError when an answer is missing, or a table would be lost without consent.
    """
    check_overrides(given.parameters, given.optional_kinds)
    name = given.name or _name(console, usual_name(path), given.take_defaults)
    if config_file.has_table(path, name) and not consent(
        f"{path} has a table [{name}] already. Replace it with all its keys?"
    ):
        raise ConfigurationError(
            f"{path} was left alone, because it has a table [{name}]; take another --name, or "
            "edit the file."
        )
    typed = given.place
    if given.take_defaults:
        given = _keeping_existing_table(given, path, name)
    check_count(given.tags)
    proposed = proposed_region(typed, given.place, region, f"{path}, [{name}]")
    place = {"region": _region(console, given, proposed), **given.place}
    if not given.take_defaults:
        given = replace(given, optional_kinds=_optional_kinds(console, given.optional_kinds))
    parameters = _parameters(console, given)
    brand = config_file.brand_of_table(path, name)  # nobody is asked for it
    config_file.write_table(path, name, place, parameters, given.optional_kinds, given.tags, brand)
    return WrittenTable(path, name, place, parameters, given.optional_kinds, given.tags, brand)


def ask(console: Console, parameter: Parameter, default: str | None) -> str:
    """Ask until the answer can be used; Enter takes the default."""
    console.progress(f"\n{parameter.description}")
    while True:
        answer = console.ask(parameter.name, default)
        if answer is None:
            option = _OPTIONS.get(parameter.name, f"--set {parameter.name}=…")
            raise ConfigurationError(
                f"Nobody answered the question for {parameter.name}; answer it at a terminal, or "
                f"with {option}; --yes takes defaults for all that is not given."
            )
        problem = parameter.problem(answer.strip())
        if problem is None:
            return answer.strip()
        console.progress(f"That cannot be used: {problem}.", fg="yellow")


def asked_parameters(optional_kinds: Collection[str] = ()) -> list[Parameter]:
    """The parameters worth a question, with these optional stacks: the required ones first."""
    stacks = [stack for stack in STACKS if not stack.optional or stack.kind in optional_kinds]
    known = known_parameters(stacks).values()
    worth_asking = _WORTH_ASKING - (_OF_DIRECT_LINKS if PORTAL.kind in optional_kinds else set())
    required = [parameter for parameter in known if parameter.default is None]
    return required + [parameter for parameter in known if parameter.name in worth_asking]


def _name(console: Console, default: str, take_default: bool) -> str:
    if take_default:
        return default
    return ask(console, deployment_name(), default)


def _region(console: Console, given: GivenAnswers, proposed: Named | None) -> str:
    # Behind an endpoint of its own anything may be a region.
    known = frozenset() if "endpoint_url" in given.place else given.known_regions
    question = Region(known=known)
    if not given.take_defaults and "region" not in given.place:
        return ask(console, question, proposed.value if proposed else None)
    if proposed is None:
        raise ConfigurationError("--yes takes defaults, and there is no region; add --region.")
    question.check(proposed)
    return proposed.value


def _optional_kinds(console: Console, chosen: frozenset[str]) -> frozenset[str]:
    """The optional stacks that are wanted, chosen ones unasked. Any can be added later."""
    asked = [kind for kind in OPTIONAL_KINDS if kind not in chosen]
    if asked:
        console.progress("\nOptional stacks; each can be added later, too.")
    return chosen | {kind for kind in asked if console.confirm(f"Do you want {_OFFERS[kind]}?")}


def _parameters(console: Console, given: GivenAnswers) -> dict[str, str]:
    asked = asked_parameters(given.optional_kinds)
    questions = [entry for entry in asked if entry.name not in given.parameters]
    if given.take_defaults:
        # A default that is written down would undo what a deployment was given before.
        _check_all_have_defaults(questions)
        answers = {}
    else:
        answers = {entry.name: ask(console, entry, entry.default) for entry in questions}
    return _authorized(console, answers | dict(given.parameters), answers, given.take_defaults)


def _authorized(
    console: Console, parameters: dict[str, str], asked: Container[str], take_defaults: bool
) -> dict[str, str]:
    """The parameters once the usual recipients may get links; AuthorizedRecipients can be mended.

    Raises ConfigurationError when nobody was asked for it.
    """
    authorized = known_parameters()["AuthorizedRecipients"]
    while problem := _unauthorized(parameters):
        if take_defaults or authorized.name not in asked:
            raise ConfigurationError(f"Nothing was written: {problem}.")
        console.progress(f"That cannot be used: {problem}.", fg="yellow")
        parameters[authorized.name] = ask(console, authorized, authorized.default)
    return parameters


def _keeping_existing_table(given: GivenAnswers, path: Path, name: str) -> GivenAnswers:
    """Nobody is asked with --yes, so nothing that was chosen before may be lost."""
    if not config_file.has_table(path, name):
        return given
    before = load_settings(path, name, {})
    place = {key: value for key in PLACE_KEYS if (value := getattr(before, key))}
    return replace(
        given,
        place={**place, **given.place},
        parameters={**before.parameters, **given.parameters},
        optional_kinds=before.optional_kinds | given.optional_kinds,
        tags={**before.tags, **given.tags},
    )


def _unauthorized(answers: Mapping[str, str]) -> str | None:
    """What is wrong when LinkGenerator would refuse the usual recipients."""
    refused = unauthorized_recipients({**default_values(), **answers})
    if not refused:
        return None
    return (
        f"{', '.join(refused)} of EmailRecipient would get no links; add the address or its "
        "@domain to AuthorizedRecipients, or leave that empty"
    )


def _check_all_have_defaults(questions: Iterable[Parameter]) -> None:
    missing = [entry.name for entry in questions if entry.default is None]
    if missing:
        raise ConfigurationError(
            f"--yes takes defaults, and there is none for {', '.join(missing)}; "
            f"add {' '.join(f'--set {name}=…' for name in missing)}"
        )
