"""Finds all deployments of an account and region, by the names and marks of their stacks.

Changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deploy.deployment import GENERATOR, MEMBERS, PORTAL, PROGRAMS, SENDER, STACKS, Stack
from deploy.stacks.lookup import DEPLOYMENT_TAG, REVIEW, StackState, all_stacks
from deploy.table import Row, columns

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

COLUMNS = columns("NAME", "STACKS", "STATE", "MISSING", "BUCKET")

# What only this stack's template puts out: it tells stacks that were made by hand, without a tag.
_OWN_OUTPUTS = {
    SENDER.kind: "CommonAlarmTopicArn",
    PORTAL.kind: "PortalUrl",
    GENERATOR.kind: "FileExchangeBucketName",
    PROGRAMS.kind: "ProgramsApiUrl",
    MEMBERS.kind: "MembersUrl",
}


@dataclass(frozen=True)
class ListedDeployment:
    """One deployment: its name, and its stacks by kind in the order they are applied."""

    name: str
    stacks: Mapping[str, StackState]

    @property
    def missing(self) -> tuple[str, ...]:
        """The kinds of stacks that every deployment needs and this one lacks."""
        return tuple(
            stack.kind for stack in STACKS if not stack.optional and stack.kind not in self.stacks
        )

    @property
    def row(self) -> Row:
        """The deployment for reading, as COLUMNS have it; red when something is wrong with it."""
        statuses = {state.status for state in self.stacks.values()}
        states = ", ".join(f"{kind}: {state.status}" for kind, state in self.stacks.items())
        is_well = not self.missing and all(state.is_well for state in self.stacks.values())
        return Row(
            (
                self.name,
                ", ".join(self.stacks),
                statuses.pop() if len(statuses) == 1 else states,
                ", ".join(self.missing),
                self._output(GENERATOR) or "",
            ),
            None if is_well else "red",
        )

    def document(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "stacks": [
                {"kind": kind, "stack_name": state.name, "status": state.status}
                for kind, state in self.stacks.items()
            ],
            "missing": self.missing,
            "bucket": self._output(GENERATOR),
            "portal": self._output(PORTAL),
            "programs": self._output(PROGRAMS),
            "members": self._output(MEMBERS),
        }

    def _output(self, stack: Stack) -> str | None:
        state = self.stacks.get(stack.kind)
        return state.outputs.get(_OWN_OUTPUTS[stack.kind]) if state else None


def read_deployments(clients: Clients) -> list[ListedDeployment]:
    """All deployments of the account and region, by name."""
    return deployments_among(all_stacks(clients))


def deployments_among(stacks: Iterable[StackState]) -> list[ListedDeployment]:
    """The deployments that these stacks make. One that was only ever planned is none."""
    found: dict[str, dict[str, StackState]] = {}
    for state in stacks:
        for stack in STACKS:
            name = state.name.removesuffix(f"-{stack.kind}")
            if name != state.name and state.status != REVIEW and _is_ours(state, stack, name):
                found.setdefault(name, {})[stack.kind] = state
    return [
        ListedDeployment(name, {stack.kind: of[stack.kind] for stack in STACKS if stack.kind in of})
        for name, of in sorted(found.items())
    ]


def _is_ours(state: StackState, stack: Stack, name: str) -> bool:
    return state.tags.get(DEPLOYMENT_TAG) == name or _OWN_OUTPUTS[stack.kind] in state.outputs
