"""What a stack is to become, and what it sees around it. Plain records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.local.cloudformation.stack import Output, Stack
from deploy.local.cloudformation.template import Template
from deploy.local.in_process import InProcessClients


@dataclass(frozen=True)
class Target:
    """A template with the values of its parameters, and what goes with it."""

    template: Template
    values: Mapping[str, str]
    tags: Mapping[str, str]
    capabilities: tuple[str, ...]


@dataclass(frozen=True)
class Surroundings:
    """Account, region, other stacks. `check_exports` raises when others need what would go."""

    account: str
    region: str
    clients: InProcessClients
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
