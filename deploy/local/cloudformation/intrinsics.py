"""Works out a template's functions: Ref, Fn::GetAtt, Fn::Sub, Fn::If … Pure.

A Scope answers what the functions ask: what a name stands for, whether a condition holds.
A function that is not written here is an error, never ignored.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from deploy.local.cloudformation.errors import ValidationError

_SUBSTITUTION = re.compile(r"\$\{(!?)([^}]+)\}")


class _NoValue:
    """AWS::NoValue: the property or list member that holds it is left out."""


NO_VALUE = _NoValue()


class Scope(Protocol):
    def reference(self, name: str) -> Any: ...

    def attribute(self, name: str, attribute: str) -> Any: ...

    def condition(self, name: str) -> bool: ...

    def imported(self, export: str) -> str: ...

    def mapped(self, mapping: str, first: str, second: str) -> Any: ...

    def on_this_machine(self, address: str) -> str: ...


def evaluate(value: Any, scope: Scope) -> Any:
    """`value` with every function in it replaced by its result."""
    if isinstance(value, list):
        members = [evaluate(member, scope) for member in value]
        return [member for member in members if member is not NO_VALUE]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(name, argument)] = value.items()
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](argument, scope)
        if name.startswith("Fn::"):
            raise ValidationError(f"The embedded AWS does not know the function {name}.")
    evaluated = {key: evaluate(member, scope) for key, member in value.items()}
    return {key: member for key, member in evaluated.items() if member is not NO_VALUE}


def holds(condition: Any, scope: Scope) -> bool:
    """Whether a condition holds."""
    [(name, argument)] = condition.items()
    if name == "Condition":
        return scope.condition(argument)
    if name == "Fn::Equals":
        first, second = (_comparable(evaluate(side, scope)) for side in argument)
        return bool(first == second)
    if name == "Fn::Not":
        return not holds(argument[0], scope)
    if name == "Fn::And":
        return all([holds(member, scope) for member in argument])
    if name == "Fn::Or":
        return any([holds(member, scope) for member in argument])
    raise ValidationError(f"The embedded AWS does not know the condition {name}.")


def text(value: Any) -> str:
    """A scalar as CloudFormation writes it into text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _comparable(value: Any) -> Any:
    return value if isinstance(value, list | dict) else text(value)


def _attribute(argument: Any, scope: Scope) -> Any:
    name, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
    return scope.attribute(name, evaluate(attribute, scope))


def _if(argument: Any, scope: Scope) -> Any:
    condition, when_true, when_false = argument
    return evaluate(when_true if scope.condition(condition) else when_false, scope)


def _join(argument: Any, scope: Scope) -> str:
    separator, members = argument
    return str(separator).join(text(member) for member in evaluate(members, scope))


def _split(argument: Any, scope: Scope) -> list[str]:
    separator, whole = argument
    return str(evaluate(whole, scope)).split(separator)


def _select(argument: Any, scope: Scope) -> Any:
    index, members = argument
    chosen = evaluate(members, scope)
    number = int(evaluate(index, scope))
    if number >= len(chosen):
        raise ValidationError("Template error: Fn::Select cannot select nonexistent value")
    return chosen[number]


def _sub(argument: Any, scope: Scope) -> str:
    pattern, given = argument if isinstance(argument, list) else (argument, {})
    values: Mapping[str, Any] = evaluate(given, scope)

    def replacement(match: re.Match[str]) -> str:
        literal, name = match.groups()
        if literal:
            return f"${{{name}}}"
        if name in values:
            return text(values[name])
        if "." in name:
            return text(scope.attribute(*name.split(".", 1)))
        return text(scope.reference(name))

    return scope.on_this_machine(_SUBSTITUTION.sub(replacement, pattern))


def _find_in_map(argument: Any, scope: Scope) -> Any:
    mapping, first, second = (evaluate(part, scope) for part in argument[:3])
    return scope.mapped(mapping, text(first), text(second))


_FUNCTIONS: dict[str, Callable[[Any, Scope], Any]] = {
    "Ref": lambda argument, scope: scope.reference(argument),
    "Fn::Base64": lambda argument, scope: base64.b64encode(
        evaluate(argument, scope).encode()
    ).decode(),
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAtt": _attribute,
    "Fn::If": _if,
    "Fn::ImportValue": lambda argument, scope: scope.imported(evaluate(argument, scope)),
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": lambda argument, scope: json.dumps(evaluate(argument, scope)),
}
