# ruff: noqa: N803 - the arguments are called as in the API
"""A CloudFormation whose stacks do as a script says, on a clock that a test can turn.

For what the embedded AWS cannot do: take its time, throttle, lose the network, half fail.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
REGION = "eu-west-1"
_START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


class Clock:
    """Time passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass(frozen=True)
class Step:
    """What happens to a stack, or to a resource in it, some seconds after the start."""

    after: float
    status: str
    logical_id: str = ""
    type: str = "AWS::SNS::Topic"
    reason: str = ""


@dataclass
class ScriptedStack:
    name: str
    stack_id: str
    steps: list[Step]
    description: dict[str, Any] = field(default_factory=dict)


class ScriptedCloudFormation:
    """Answers as CloudFormation does; `withdrawn`, `executed` and `deleted` name what was done."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.withdrawn: list[str] = []
        self.executed: list[str] = []
        self.deleted: list[str] = []
        self.passed_roles: list[str] = []
        self.protected: dict[str, bool] = {}
        self.proposals: list[dict[str, Any]] = []
        self._stacks: list[ScriptedStack] = []
        self._scripts: dict[str, list[Step]] = {}
        self._deletions: dict[str, list[Step]] = {}
        self._change_sets: dict[str, list[dict[str, Any]]] = {}
        self._faults: list[BaseException | None] = []
        self._validations: list[dict[str, str]] = []
        self._resources: dict[str, list[dict[str, str]]] = {}
        self._interrupted: set[str] = set()
        self._templates: dict[str, str] = {}

    # What a test says first.

    def has_stack(self, name: str, status: str, reason: str = "", **description: Any) -> None:
        stack = self._add(name, description)
        stack.steps.append(Step(self.clock.now, status, reason=reason))

    def has_resource(self, name: str, type_: str, physical_id: str) -> None:
        resource = {"ResourceType": type_, "PhysicalResourceId": physical_id}
        self._resources.setdefault(name, []).append(
            {**resource, "ResourceStatus": "CREATE_COMPLETE"}
        )

    def when_worked_on(self, name: str, *steps: Step) -> None:
        """What happens after the stack's change set is executed."""
        self._scripts[name] = list(steps)

    def when_deleted(self, name: str, *steps: Step) -> None:
        """What happens after somebody deletes the stack; by default it is soon gone."""
        self._deletions[name] = list(steps)

    def goes_on_with(self, name: str, *steps: Step) -> None:
        """What happens to the stack from now on, without anybody's doing here."""
        self._run(self._find(name), list(steps))

    def proposes(self, name: str, *pages: dict[str, Any]) -> None:
        """What describing the stack's change set answers, page by page."""
        self._change_sets[name] = list(pages)

    def has_template(self, name: str, body: str) -> None:
        """The template of the stack, which else nobody may read."""
        self._templates[self._find(name).stack_id] = body

    def finds_invalid(self, logical_id: str, reason: str) -> None:
        """What CloudFormation finds wrong before it touches anything, told as an event."""
        self._validations += [
            {"EventType": "STACK_EVENT"},
            {"LogicalResourceId": logical_id, "ValidationStatusReason": reason},
        ]

    def fails_with(self, *faults: BaseException | None) -> None:
        """The next calls that ask for a state end in these errors, one each; None is a success."""
        self._faults += faults

    def is_interrupted_in(self, operation: str) -> None:
        """Somebody presses Ctrl-C while CloudFormation works on the next such call."""
        self._interrupted.add(operation)

    # What the tool calls.

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        self._fail()
        stack = self._find(StackName)
        step = self._past(stack, of_stack=True)[-1]
        return {
            "Stacks": [
                {
                    "StackName": stack.name,
                    "StackId": stack.stack_id,
                    "StackStatus": step.status,
                    "StackStatusReason": step.reason,
                    **stack.description,
                }
            ]
        }

    def describe_type(self, Type: str, TypeName: str) -> dict[str, str]:
        return {"Type": Type, "TypeName": TypeName}

    def get_paginator(self, operation: str) -> _Pages:
        return _Pages(
            {"describe_stack_events": self._events, "list_stack_resources": self._listed}[operation]
        )

    def create_change_set(self, **request: Any) -> dict[str, str]:
        self.proposals.append(request)
        name = request["StackName"]
        if request["ChangeSetType"] == "CREATE":
            stack = self._add(name, {})
            stack.steps.append(Step(self.clock.now, "REVIEW_IN_PROGRESS"))
        stack = self._find(name)
        self._interrupt("create_change_set")
        return {"Id": f"change-set/{name}", "StackId": stack.stack_id}

    def describe_change_set(self, **request: Any) -> dict[str, Any]:
        self._fail()
        name = request["ChangeSetName"].removeprefix("change-set/")
        pages = self._change_sets.get(name, [{"Status": "CREATE_COMPLETE", "Changes": []}])
        number = int(request.get("NextToken", 0))
        more = {"NextToken": str(number + 1)} if number + 1 < len(pages) else {}
        return {
            "ChangeSetId": request["ChangeSetName"],
            "StackId": request["StackName"],
            **pages[number],
            **more,
        }

    def get_template(self, StackName: str) -> dict[str, Any]:
        if StackName not in self._templates:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetTemplate")
        return {"TemplateBody": self._templates[StackName]}

    def delete_change_set(self, ChangeSetName: str, StackName: str) -> None:
        self._interrupt("delete_change_set")
        self.withdrawn.append(self._find(StackName).name)

    def describe_events(self, **request: Any) -> dict[str, Any]:
        return {"OperationEvents": self._validations}

    def execute_change_set(
        self, ChangeSetName: str, StackName: str, ClientRequestToken: str
    ) -> None:
        stack = self._find(StackName)
        self._interrupt("execute_change_set")
        self.executed.append(stack.name)
        self._run(stack, self._scripts[stack.name])

    def delete_stack(self, StackName: str, RoleARN: str = "") -> None:
        stack = self._find(StackName)
        self.deleted.append(stack.name)
        self.passed_roles.append(RoleARN)
        self._run(stack, self._deletions.get(stack.name, [Step(0.5, "DELETE_COMPLETE")]))

    def update_termination_protection(
        self, StackName: str, EnableTerminationProtection: bool
    ) -> None:
        self.protected[self._find(StackName).name] = EnableTerminationProtection

    # How it works.

    def _interrupt(self, operation: str) -> None:
        if operation in self._interrupted:
            self._interrupted.remove(operation)
            signal.raise_signal(signal.SIGINT)

    def _fail(self) -> None:
        fault = self._faults.pop(0) if self._faults else None
        if fault is not None:
            raise fault

    def _add(self, name: str, description: dict[str, Any]) -> ScriptedStack:
        stack_id = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/{len(self._stacks)}"
        stack = ScriptedStack(name, stack_id, [], description)
        self._stacks.append(stack)
        return stack

    def _find(self, name_or_id: str) -> ScriptedStack:
        for stack in reversed(self._stacks):
            gone = bool(stack.steps) and self._status(stack) == "DELETE_COMPLETE"
            if stack.stack_id == name_or_id or (stack.name == name_or_id and not gone):
                return stack
        message = f"Stack with id {name_or_id} does not exist"
        raise ClientError(
            {"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks"
        )

    def _run(self, stack: ScriptedStack, steps: list[Step]) -> None:
        stack.steps += [
            Step(self.clock.now + step.after, step.status, step.logical_id, step.type, step.reason)
            for step in steps
        ]

    def _past(self, stack: ScriptedStack, of_stack: bool) -> list[Step]:
        return [
            step
            for step in stack.steps
            if step.after <= self.clock.now and not (of_stack and step.logical_id)
        ]

    def _status(self, stack: ScriptedStack) -> str:
        return self._past(stack, of_stack=True)[-1].status

    def _events(self, StackName: str) -> Iterator[dict[str, Any]]:
        """The newest event first, two on a page, so that paging is always needed."""
        self._fail()
        stack = self._find(StackName)
        events = [
            {
                "EventId": f"{stack.stack_id}/{number}",
                "StackId": stack.stack_id,
                "Timestamp": _START + timedelta(seconds=step.after),
                "LogicalResourceId": step.logical_id or stack.name,
                "PhysicalResourceId": "resource" if step.logical_id else stack.stack_id,
                "ResourceType": step.type if step.logical_id else "AWS::CloudFormation::Stack",
                "ResourceStatus": step.status,
                "ResourceStatusReason": step.reason,
            }
            for number, step in enumerate(stack.steps)
            if step.after <= self.clock.now
        ][::-1]
        for start in range(0, len(events), 2):
            yield {"StackEvents": events[start : start + 2]}

    def _listed(self, StackName: str) -> Iterator[dict[str, Any]]:
        yield {"StackResourceSummaries": self._resources.get(self._find(StackName).name, [])}


class _Pages:
    def __init__(self, pages: Any) -> None:
        self._pages = pages

    def paginate(self, StackName: str) -> Iterator[dict[str, Any]]:
        pages: Iterator[dict[str, Any]] = self._pages(StackName)
        return pages


class ScriptedS3:
    """Buckets as far as their versions can be counted."""

    def __init__(self, filled: tuple[str, ...] = ()) -> None:
        self._filled = filled

    def list_object_versions(self, **request: Any) -> dict[str, Any]:
        return {"Versions": [{}] if request["Bucket"] in self._filled else []}


class ScriptedClients:
    """The clients of one account and region."""

    account = ACCOUNT
    region = REGION

    def __init__(self, cloudformation: ScriptedCloudFormation, s3: ScriptedS3) -> None:
        self.cloudformation = cloudformation
        self.s3 = s3
