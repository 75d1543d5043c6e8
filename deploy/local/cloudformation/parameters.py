"""The values of a template's parameters: given, previous or default, and checked. Pure.

The sentences are AWS's own; a ConstraintDescription replaces the rule in them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from deploy.local.cloudformation.errors import ValidationError

HIDDEN = "****"  # what a NoEcho parameter shows of its value


def resolve(
    declared: Mapping[str, Any],
    given: Sequence[Mapping[str, Any]],
    previous: Mapping[str, str],
) -> dict[str, str]:
    """The text of every declared parameter. Raises ValidationError for what AWS refuses."""
    values = {name: str(spec["Default"]) for name, spec in declared.items() if "Default" in spec}
    unknown = [entry["ParameterKey"] for entry in given if entry["ParameterKey"] not in declared]
    if unknown:
        raise ValidationError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    for entry in given:
        name = entry["ParameterKey"]
        if not entry.get("UsePreviousValue"):
            values[name] = entry.get("ParameterValue", "")
        elif name in previous:
            values[name] = previous[name]
        else:
            raise ValidationError(
                f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true "
                "for a parameter key not in the previous template"
            )
    missing = [name for name in declared if name not in values]
    if missing:
        raise ValidationError(f"Parameters: [{', '.join(missing)}] must have values")
    for name, specification in declared.items():
        _check(name, values[name], specification)
    return values


def typed(value: str, specification: Mapping[str, Any]) -> Any:
    """What Ref gives: a list for the list types, else text."""
    return [member.strip() for member in value.split(",")] if _is_list(specification) else value


def shown(values: Mapping[str, str], declared: Mapping[str, Any]) -> list[dict[str, str]]:
    """The parameters as the API shows them."""
    return [
        {
            "ParameterKey": name,
            "ParameterValue": HIDDEN if _hides(declared.get(name, {})) else value,
        }
        for name, value in values.items()
    ]


def secrets(values: Mapping[str, str], declared: Mapping[str, Any]) -> set[str]:
    """The values that nobody may see."""
    return {value for name, value in values.items() if value and _hides(declared.get(name, {}))}


def _hides(specification: Mapping[str, Any]) -> bool:
    return str(specification.get("NoEcho", False)).lower() == "true"


def _is_list(specification: Mapping[str, Any]) -> bool:
    kind = str(specification["Type"])
    return kind == "CommaDelimitedList" or kind.startswith("List<")


def _check(name: str, value: str, specification: Mapping[str, Any]) -> None:
    members = typed(value, specification)
    problems = [
        problem
        for member in (members if isinstance(members, list) else [value])
        if (problem := _problem(name, member, specification))
    ]
    if not problems:
        return
    description = specification.get("ConstraintDescription")
    if description:
        raise ValidationError(f"Parameter {name} failed to satisfy constraint: {description}")
    raise ValidationError(problems[0])


def _problem(name: str, value: str, specification: Mapping[str, Any]) -> str | None:
    """The first rule that the value breaks, in AWS's words."""
    allowed = [str(choice) for choice in specification.get("AllowedValues", [])]
    if allowed and value not in allowed:
        return f"Parameter '{name}' must be one of AllowedValues"
    pattern = specification.get("AllowedPattern")
    if pattern and not re.fullmatch(pattern, value):
        whose = "Each value of parameter" if _is_list(specification) else "Parameter"
        return f"{whose} '{name}' must match pattern {pattern}"
    if specification["Type"] in ("Number", "List<Number>"):
        return _number_problem(name, value, specification)
    return _length_problem(name, value, specification)


def _number_problem(name: str, value: str, specification: Mapping[str, Any]) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return f"Parameter '{name}' must be a number."
    least, most = specification.get("MinValue"), specification.get("MaxValue")
    if least is not None and number < float(least):
        return f"Parameter '{name}' must be a number not less than {least}"
    if most is not None and number > float(most):
        return f"Parameter '{name}' must be a number not greater than {most}"
    return None


def _length_problem(name: str, value: str, specification: Mapping[str, Any]) -> str | None:
    shortest, longest = specification.get("MinLength"), specification.get("MaxLength")
    if shortest is not None and len(value) < int(shortest):
        return f"Parameter '{name}' must contain at least {shortest} characters"
    if longest is not None and len(value) > int(longest):
        return f"Parameter '{name}' must contain at most {longest} characters"
    return None
