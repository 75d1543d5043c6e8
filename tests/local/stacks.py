"""Stacks as tests make them: a template is a dict, and what came of it is asked from the API."""

from __future__ import annotations

import json
from typing import Any

from tests.local.account import Account

Template = dict[str, Any]


class Stacks:
    """The CloudFormation of an embedded AWS, used with change sets as s3link does."""

    def __init__(self, account: Account) -> None:
        self.client = account.client("cloudformation")

    def plan(self, name: str, template: Template, **options: Any) -> dict[str, Any]:
        """Make a change set called `plan` and describe it with its values."""
        given = {
            "StackName": name,
            "ChangeSetName": "plan",
            "ChangeSetType": "UPDATE" if self.status(name) else "CREATE",
            "TemplateBody": json.dumps(template),
            "Capabilities": ["CAPABILITY_IAM"],
            **options,
        }
        given["Parameters"] = _parameters(given.pop("Parameters", {}))
        self.client.create_change_set(**given)
        return dict(
            self.client.describe_change_set(
                StackName=name, ChangeSetName="plan", IncludePropertyValues=True
            )
        )

    def apply(self, name: str, template: Template, **options: Any) -> str:
        """Make the stack, or change it, to what the template says; gives its status."""
        plan = self.plan(name, template, **options)
        assert plan["Status"] == "CREATE_COMPLETE", plan["StatusReason"]
        self.client.execute_change_set(StackName=name, ChangeSetName="plan")
        return self.status(name)

    def subject(self, type_name: str, properties: dict[str, Any], **others: Any) -> None:
        """Bring stack `a` to one resource called Subject, and `others`; it has to succeed."""
        resources = {"Subject": {"Type": type_name, "Properties": properties}, **others}
        status = self.apply("a", template(resources))
        assert status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), self.history("a")

    def status(self, name: str) -> str:
        """The status of the stack; empty when there is none."""
        for stack in self.client.describe_stacks()["Stacks"]:
            if stack["StackName"] == name:
                return str(stack["StackStatus"])
        return ""

    def describe(self, name: str) -> dict[str, Any]:
        return dict(self.client.describe_stacks(StackName=name)["Stacks"][0])

    def outputs(self, name: str) -> dict[str, str]:
        outputs = self.describe(name).get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def resources(self, name: str) -> dict[str, str]:
        """The physical id of each resource, by its logical id."""
        resources = self.client.describe_stack_resources(StackName=name)["StackResources"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources}

    def history(self, name: str) -> list[str]:
        """The events of the last operation as `<logical id> <status>`, oldest first."""
        events = self.client.describe_stack_events(StackName=name)["StackEvents"]
        lines: list[str] = []
        for event in events:
            lines.insert(0, f"{event['LogicalResourceId']} {event['ResourceStatus']}")
            if event.get("ResourceStatusReason") == "User Initiated":
                break
        return lines

    def reason(self, name: str, logical_id: str, status: str) -> str:
        """Why the newest event of this kind happened."""
        for event in self.client.describe_stack_events(StackName=name)["StackEvents"]:
            if (event["LogicalResourceId"], event["ResourceStatus"]) == (logical_id, status):
                return str(event.get("ResourceStatusReason", ""))
        raise AssertionError(f"{logical_id} never was {status}")


def queue(name: str | None = None, **properties: Any) -> dict[str, Any]:
    """A small resource that is quick to make."""
    if name:
        properties["QueueName"] = name
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def template(resources: dict[str, Any], **sections: Any) -> Template:
    return {"Resources": resources, **sections}


def _parameters(values: dict[str, Any]) -> list[dict[str, Any]]:
    """A value of None asks for the previous one."""
    return [
        {"ParameterKey": name, "UsePreviousValue": True}
        if value is None
        else {"ParameterKey": name, "ParameterValue": value}
        for name, value in values.items()
    ]
