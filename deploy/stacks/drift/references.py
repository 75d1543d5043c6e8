"""What a property of a template comes to in a stack that exists, as far as that can be told. Pure.

An ARN is given as the name of its resource: that is how the services are asked for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.stacks.lookup import StackState
from deploy.stacks.templates import Template

_REFERENCE = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True)
class StackNames:
    """A stack, the physical ids of its resources by their logical ones, and its template."""

    state: StackState
    physical: Mapping[str, str]
    template: Template

    def find(self, name: str) -> str | None:
        """What a name in the template stands for; None for what only AWS knows."""
        if name == "AWS::StackName":
            return self.state.name
        return self.physical.get(name, self.state.parameters.get(name))


def resolved(properties: Mapping[str, Any], names: StackNames) -> dict[str, Any]:
    """The properties that can be told, without those that cannot."""
    values = {name: _value(written, names) for name, written in properties.items()}
    return {name: value for name, value in values.items() if value is not None}


def _value(written: Any, names: StackNames) -> Any:
    match written:
        case {"Ref": name}:
            return names.find(name)
        case {"Fn::GetAtt": str() as place}:
            return names.find(place.partition(".")[0])
        case {"Fn::If": [condition, then, otherwise]}:
            holds = names.template.holds(condition, names.state.parameters)
            return _value(then if holds else otherwise, names)
        case {"Fn::Sub": str() as text}:
            return _substituted(text, names)
        case dict():
            return resolved(written, names)
        case list():
            return [value for part in written if (value := _value(part, names)) is not None]
    return written


def _substituted(text: str, names: StackNames) -> str | None:
    values = {name: names.find(name) for name in _REFERENCE.findall(text)}
    if None in values.values():
        return None
    return _REFERENCE.sub(lambda found: str(values[found[1]]), text)
