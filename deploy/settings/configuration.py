"""Reads s3link.toml and --set, and checks every value by the templates' own rules.

One table per deployment name; its keys are the templates' parameter names, profile, region,
endpoint_url, role_arn, `tags`, those of the brand, and `with`, a list of optional stacks. Reads
files only: no AWS call is made here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.aws.machine.named import Named
from deploy.brand.brand import BRAND_KEYS, NO_BRAND, Brand, brand_of
from deploy.deployment import (
    DEFAULT_CONFIG,
    GENERATOR,
    OPTIONAL_KINDS,
    PORTAL,
    STACKS,
    SUPPLIED_PARAMETERS,
    Stack,
    command_line,
)
from deploy.errors import ConfigurationError
from deploy.lambda_packages import DIRECT_LINK_LIMIT_SECONDS
from deploy.settings.organisation import ROLE_KEY, TAGS_KEY, role_problem, tags_of
from deploy.stacks.parameters import Parameter
from deploy.stacks.templates import load_template
from deploy.wording import meant, nearest

# Keys of a table that say where to deploy and in whose name, and with which optional stacks, tags
# and brand; all other keys are template parameters.
PLACE_KEYS = ("region", "profile", "endpoint_url", ROLE_KEY)
WITH_KEY = "with"
_OTHER_KEYS = (*PLACE_KEYS, WITH_KEY, TAGS_KEY, *BRAND_KEYS)


@dataclass(frozen=True)
class Settings:
    """What the operator chose for one deployment; `remark` is what they may have mistyped.

    `optional_kinds` are those of the stacks that were chosen, in the file or by an option; `source`
    names the file and its table, and `overridden` what stands there otherwise than --set says.
    """

    parameters: Mapping[str, str]
    optional_kinds: frozenset[str] = frozenset()
    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    role_arn: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    brand: Brand = NO_BRAND
    remark: str = ""
    source: str = ""
    overridden: Mapping[str, str] = field(default_factory=dict)


def known_parameters(stacks: Iterable[Stack] = STACKS) -> dict[str, Parameter]:
    """The parameters an operator may set, of all stacks or of these, in the templates' order."""
    return {
        name: parameter
        for stack in stacks
        for name, parameter in load_template(stack.template).parameters.items()
        if name not in SUPPLIED_PARAMETERS
    }


def deployment_name() -> Parameter:
    """The rule for what a deployment may be called: names of stacks and buckets begin with it."""
    return load_template(GENERATOR.template).parameters["DeploymentName"]


def default_values() -> dict[str, str]:
    """The parameters that the templates have a default for, with that default."""
    return {
        name: parameter.default
        for name, parameter in known_parameters().items()
        if parameter.default is not None
    }


def load_settings(
    config: Path | None,
    name: str,
    overrides: Mapping[str, str],
    chosen: Collection[str] = (),
    dropped: Collection[str] = (),
) -> Settings:
    """The table `[name]` of the configuration file, with `overrides` (--set) on top.

    Without `config`, s3link.toml is read if there is one. `chosen` and `dropped` are kinds of
    optional stacks (--with, --without). Raises ConfigurationError.
    """
    path = config or DEFAULT_CONFIG
    tables = _tables(path, name, required=config is not None)
    table = tables.get(name, {})
    source = f"{path}, [{name}]"
    place = {key: _as_place(key, table[key], source) for key in PLACE_KEYS if key in table}
    optional_kinds = _as_kinds(table.get(WITH_KEY, []), source)
    for kind in sorted(optional_kinds & set(dropped)):
        raise ConfigurationError(
            f"{WITH_KEY} (from {source}) asks for the {kind}, which --without {kind} would remove; "
            f'take "{kind}" out of it first.'
        )
    optional_kinds |= set(chosen)
    given = {
        key: Named(_as_text(key, value, source), f"from {source}")
        for key, value in table.items()
        if key not in _OTHER_KEYS
    }
    in_file = {key: entry.value for key, entry in given.items()}
    given |= _typed(overrides)
    _check(given, optional_kinds)
    remark = _missing_table(path, name, tables)
    values = {key: entry.value for key, entry in given.items()}
    tags = tags_of(table.get(TAGS_KEY, {}), source)
    brand = brand_of(brand_texts(table, source), path.parent, source)
    overridden = {key: value for key, value in in_file.items() if values[key] != value}
    return Settings(
        values,
        optional_kinds,
        **place,
        tags=tags,
        brand=brand,
        remark=remark,
        source=source,
        overridden=overridden,
    )


def brand_texts(table: Mapping[str, Any], source: str) -> dict[str, str]:
    """The keys of the brand as they were written. Raises ConfigurationError."""
    return {key: _as_text(key, table[key], source) for key in BRAND_KEYS if key in table}


def check_overrides(overrides: Mapping[str, str], optional_kinds: Collection[str] = ()) -> None:
    """Raise ConfigurationError for a --set that no template knows, or whose value it refuses."""
    _check(_typed(overrides), optional_kinds)


def _typed(overrides: Mapping[str, str]) -> dict[str, Named]:
    return {name: Named(value, "from --set", is_typed=True) for name, value in overrides.items()}


def _tables(path: Path, name: str, required: bool) -> Mapping[str, Mapping[str, Any]]:
    if not path.exists() and not required:
        return {}
    document = read_document(path, name)
    for key, value in document.items():
        if not isinstance(value, dict):
            raise ConfigurationError(
                f"{path}: {key} stands outside a deployment's table; put it below a line [{name}]."
            )
        problem = deployment_name().problem(key)
        if problem:
            raise ConfigurationError(
                f"{path}: the table [{key}] cannot name a deployment. {problem}."
            )
    return document


def _missing_table(path: Path, name: str, tables: Collection[str]) -> str:
    """A name mistyped there or here would otherwise look like a deployment without settings."""
    if not tables or name in tables:
        return ""
    tables_there = ", ".join(f"[{table}]" for table in tables)
    return f"{path} has no table [{name}]; it has {tables_there}.{meant(name, tables)}"


def read_document(path: Path, name: str) -> dict[str, Any]:
    """The tables of a configuration file; raises ConfigurationError when it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # Windows editors add a mark
    except FileNotFoundError as exc:
        raise ConfigurationError(
            f"There is no configuration file {path}; "
            f"`{command_line('init', name, ('--config', str(path)))}` writes one."
        ) from exc
    except UnicodeDecodeError as exc:
        raise ConfigurationError(f"{path} is not UTF-8 text; save it as UTF-8.") from exc
    except OSError as exc:
        raise ConfigurationError(f"{path} cannot be read: {exc.strerror}.") from exc
    except tomllib.TOMLDecodeError as exc:
        raise ConfigurationError(f"{path} is not valid TOML: {exc}.") from exc


def _as_place(key: str, value: Any, source: str) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"{key} (from {source}) must be a text that is not empty.")
    problem = role_problem(value) if key == ROLE_KEY else None
    if problem:
        raise ConfigurationError(f'{key}: "{value}" (from {source}) cannot be used: {problem}.')
    return value


def _as_kinds(value: Any, source: str) -> frozenset[str]:
    """The kinds of optional stacks that `with` names."""
    kinds = value if isinstance(value, list) else [value]
    for kind in kinds:
        if kind not in OPTIONAL_KINDS:
            raise ConfigurationError(
                f"{WITH_KEY} (from {source}) is a list of optional stacks, and {kind!r} is not one"
                f"; known are {', '.join(OPTIONAL_KINDS)}.{meant(str(kind), OPTIONAL_KINDS)}"
            )
    return frozenset(kinds)


def _as_text(key: str, value: Any, source: str) -> str:
    """A TOML value as CloudFormation takes it: a list becomes its items joined by commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int)):
        return str(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ",".join(value)
    raise ConfigurationError(
        f"{key} (from {source}) must be a text, a whole number, true, false or a list of texts."
    )


def _check(given: Mapping[str, Named], optional_kinds: Collection[str]) -> None:
    if not given:
        return  # no template need be read
    parameters = known_parameters()
    for name, entry in given.items():
        if name in SUPPLIED_PARAMETERS:
            raise entry.error(f"{name} ({entry.source}) is set by s3link itself; remove it.")
        if name not in parameters:
            raise entry.error(_unknown(name, entry, parameters))
    _check_expiration(given, optional_kinds)
    for name, entry in given.items():
        parameters[name].check(entry)


def _unknown(name: str, entry: Named, parameters: Iterable[str]) -> str:
    known = [*parameters, *(() if entry.is_typed else _OTHER_KEYS)]
    near = nearest(name, known)
    advice = f"did you mean {near}?" if near else f"known are {', '.join(known)}."
    return f"There is no parameter {name} ({entry.source}); {advice}"


def _check_expiration(given: Mapping[str, Named], optional_kinds: Collection[str]) -> None:
    """Refuse a link that promises more than a direct link can keep, and name the way out."""
    entry = given.get("LinkExpirationPeriod")
    if entry is None or not entry.value.isdecimal():
        return
    seconds = int(entry.value)
    if seconds <= DIRECT_LINK_LIMIT_SECONDS:
        return
    too_long = f"LinkExpirationPeriod: {seconds} seconds ({entry.source}) is too long"
    if PORTAL.kind in optional_kinds:
        raise entry.error(
            f"{too_long}, and it concerns direct links only: links of the portal work for as long "
            "as their file stays (ExchangableObjectsTTL); leave LinkExpirationPeriod out."
        )
    raise entry.error(
        f"{too_long}: a direct link stops working when the session that signed it ends, so s3link "
        f"promises at most {DIRECT_LINK_LIMIT_SECONDS} seconds (6 hours); for links that work for "
        "as long as their file stays (ExchangableObjectsTTL), deploy --with portal and leave "
        "LinkExpirationPeriod out."
    )
