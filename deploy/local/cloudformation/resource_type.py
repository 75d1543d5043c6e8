"""What a resource type is, for the embedded CloudFormation: create, update and delete.

A type turns a resource's properties into calls of the service's API. It never guesses: a property
it does not know fails the stack (`unknown_properties`), so nothing is dropped silently.
"""

from __future__ import annotations

import secrets
import string
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from deploy.local.in_process import InProcessClients

Properties = Mapping[str, Any]

# As CloudFormation makes them up: stack, logical id, 12 characters.
_SUFFIX_CHARACTERS = string.ascii_uppercase + string.digits
_SUFFIX_LENGTH = 12


class ResourceError(Exception):
    """A resource could not be created, updated or deleted; the message is the event's reason."""


@dataclass(frozen=True)
class Context:
    """Where a resource lives: account, region, stack; and the clients to make it with."""

    clients: InProcessClients
    account: str
    region: str
    stack_name: str
    stack_id: str
    logical_id: str
    stack_tags: Mapping[str, str]

    def generated_name(self, limit: int = 64) -> str:
        """A name that nobody else has, for a resource whose template gives none."""
        suffix = "".join(secrets.choice(_SUFFIX_CHARACTERS) for _ in range(_SUFFIX_LENGTH))
        return f"{f'{self.stack_name}-{self.logical_id}'[: limit - _SUFFIX_LENGTH - 1]}-{suffix}"

    def tags(self, properties: Properties) -> dict[str, str]:
        """The stack's tags and the resource's own; without the aws:… ones, which moto refuses."""
        own = {tag["Key"]: str(tag["Value"]) for tag in properties.get("Tags", [])}
        return {**self.stack_tags, **own}


@dataclass(frozen=True)
class PhysicalResource:
    """A resource as the template sees it: what Ref gives, and what Fn::GetAtt gives.

    `on_this_machine` has the addresses that it gives others on AWS, and what they are here.
    """

    physical_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    on_this_machine: Mapping[str, str] = field(default_factory=dict)


def retag(
    current: Mapping[str, str],
    wanted: Mapping[str, str],
    untag: Callable[[list[str]], Any],
    tag: Callable[[dict[str, str]], Any],
) -> None:
    """Turn a resource's tags into the ones wanted, with its service's two calls."""
    gone = [key for key in current if key not in wanted]
    if gone:
        untag(gone)
    if wanted:
        tag(dict(wanted))


def pairs(tags: Mapping[str, str]) -> list[Any]:
    """Tags as most services want them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


class ResourceType(ABC):
    """One type. An instance looks after one resource.

    `properties`: every property the type honours. `replaced_by`: those of them, or paths into
    them like "Template/TemplateName", whose change makes a new resource. `name_property`: the one
    that names the resource, when there is one.
    """

    type_name: ClassVar[str]
    properties: ClassVar[frozenset[str]]
    replaced_by: ClassVar[frozenset[str]] = frozenset()
    name_property: ClassVar[str | None] = None

    def unknown_properties(self, given: Properties) -> list[str]:
        return sorted(set(given) - self.properties)

    def is_replaced(self, before: Properties, after: Properties) -> bool:
        """Whether the change from one to the other makes a new resource."""
        return any(_at(path, before) != _at(path, after) for path in self.replaced_by)

    @abstractmethod
    def create(self, properties: Properties, context: Context) -> PhysicalResource: ...

    @abstractmethod
    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource: ...

    @abstractmethod
    def delete(
        self, physical: PhysicalResource, properties: Properties, context: Context
    ) -> None: ...


def _at(path: str, properties: Any) -> Any:
    """The value at a path; None when there is none."""
    for name in path.split("/"):
        properties = properties.get(name) if isinstance(properties, Mapping) else None
    return properties
