"""What is kept of a stack, what it is to become, and what it sees around it. Plain records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from deploy.local.cloudformation import parameters
from deploy.local.cloudformation.registry import Registry
from deploy.local.cloudformation.resource_type import PhysicalResource, ResourceType
from deploy.local.cloudformation.template import EMPTY, Template
from deploy.local.in_process import InProcessClients

STACK_TYPE = "AWS::CloudFormation::Stack"


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass
class Resource:
    """One resource that exists. `definition` is the template's; `properties` what it was given."""

    logical_id: str
    type_name: str
    definition: Mapping[str, Any]
    properties: Mapping[str, Any]
    handler: ResourceType
    physical: PhysicalResource
    status: str = ""
    reason: str | None = None
    changed: datetime = field(default_factory=now)

    def survives(self, policy: str) -> bool:
        """Whether `DeletionPolicy` or `UpdateReplacePolicy` keeps it when its stack lets it go."""
        return self.definition.get(policy) in ("Retain", "RetainExceptOnCreate")

    def defined_as(self, definition: Mapping[str, Any]) -> Resource:
        """The same resource, when only its policies or metadata changed."""
        return replace(self, definition=definition)


@dataclass(frozen=True)
class Event:
    """One line of a stack's history."""

    stack_id: str
    stack_name: str
    operation_id: str
    logical_id: str
    physical_id: str
    type_name: str
    status: str
    reason: str | None
    event_id: str = field(default_factory=lambda: str(uuid4()))
    time: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Output:
    key: str
    value: str
    description: str | None
    export: str | None


@dataclass
class Stack:
    """A stack. While it is in REVIEW_IN_PROGRESS it has no template yet."""

    stack_id: str
    name: str
    status: str = "REVIEW_IN_PROGRESS"
    reason: str | None = None
    template: Template = EMPTY
    values: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    capabilities: tuple[str, ...] = ()
    role_arn: str | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)
    imports: frozenset[str] = frozenset()
    events: list[Event] = field(default_factory=list)
    change_set_id: str | None = None
    termination_protection: bool = False
    disable_rollback: bool = False
    created: datetime = field(default_factory=now)
    updated: datetime | None = None
    deleted: datetime | None = None
    operation_id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def exports(self) -> dict[str, str]:
        return {output.export: output.value for output in self.outputs if output.export}

    @property
    def exists(self) -> bool:
        return self.status != "DELETE_COMPLETE"

    def begin(self, status: str) -> None:
        """A new operation starts; its events belong together."""
        self.operation_id = str(uuid4())
        self.set_status(status, "User Initiated")

    def set_status(self, status: str, reason: str | None = None) -> None:
        self.status, self.reason = status, reason
        self._record(self.name, self.stack_id, STACK_TYPE, status, reason)

    def set_resource_status(
        self, resource: Resource, status: str, reason: str | None = None
    ) -> None:
        resource.status, resource.reason, resource.changed = status, reason, now()
        physical_id = resource.physical.physical_id
        self._record(resource.logical_id, physical_id, resource.type_name, status, reason)

    def _record(
        self, logical_id: str, physical_id: str, type_name: str, status: str, reason: str | None
    ) -> None:
        self.events.append(
            Event(
                self.stack_id,
                self.name,
                self.operation_id,
                logical_id,
                physical_id,
                type_name,
                status,
                reason,
            )
        )

    def shown_parameters(self) -> list[dict[str, str]]:
        return parameters.shown(self.values, self.template.section("Parameters"))


@dataclass(frozen=True)
class Target:
    """A template with the values of its parameters, and what goes with it."""

    template: Template
    values: Mapping[str, str]
    tags: Mapping[str, str]
    capabilities: tuple[str, ...]
    role_arn: str | None = None


@dataclass(frozen=True)
class AccountState:
    """Account, region, other stacks. `check_exports` raises when others need what would go."""

    account: str
    region: str
    clients: InProcessClients
    registry: Registry
    exports: Mapping[str, str]
    check_exports: Callable[[Stack, Iterable[Output]], None]

    def pseudo_parameters(self, stack: Stack) -> dict[str, Any]:
        return {
            "AWS::AccountId": self.account,
            "AWS::NotificationARNs": [],
            "AWS::Partition": "aws",
            "AWS::Region": self.region,
            "AWS::StackId": stack.stack_id,
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": "amazonaws.com",
        }
