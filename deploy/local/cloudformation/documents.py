"""Stacks, events, change sets as the API shows them, and the answers that carry them. Pure."""

from __future__ import annotations

import json
from typing import Any

from moto.core.responses import TYPE_RESPONSE, ActionContext, ActionResult
from moto.core.serialize import DefaultAttributePicker

from deploy.local.cloudformation import parameters
from deploy.local.cloudformation.changes import Change, ChangeSet, Detail
from deploy.local.cloudformation.stack import STACK_TYPE, Event, Output, Resource, Stack


class Answer(ActionResult):
    """A result whose names are the API's own: moto, which tries others, took a long time to."""

    def execute_result(self, context: ActionContext) -> TYPE_RESPONSE:
        serializer = context.serializer_class(
            operation_model=context.operation_model, value_picker=DefaultAttributePicker()
        )
        serialized = serializer.serialize(self.result)
        return serialized["status_code"], serialized["headers"], serialized["body"]


def _pairs(tags: Any) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def of_stack(stack: Stack) -> dict[str, Any]:
    return {
        **summary_of_stack(stack),
        "Description": stack.template.description,
        "Parameters": stack.shown_parameters(),
        "ChangeSetId": stack.change_set_id,
        "Capabilities": list(stack.capabilities),
        "Outputs": [_output(output) for output in stack.outputs],
        "Tags": _pairs(stack.tags),
        "RoleARN": stack.role_arn,
        "EnableTerminationProtection": stack.termination_protection,
        "DisableRollback": stack.disable_rollback,
    }


def summary_of_stack(stack: Stack) -> dict[str, Any]:
    return {
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "TemplateDescription": stack.template.description,
        "CreationTime": stack.created,
        "LastUpdatedTime": stack.updated,
        "DeletionTime": stack.deleted,
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
    }


def _output(output: Output) -> dict[str, Any]:
    return {
        "OutputKey": output.key,
        "OutputValue": output.value,
        "Description": output.description,
        "ExportName": output.export,
    }


def of_event(event: Event) -> dict[str, Any]:
    return {
        "StackId": event.stack_id,
        "EventId": event.event_id,
        "StackName": event.stack_name,
        "OperationId": event.operation_id,
        "LogicalResourceId": event.logical_id,
        "PhysicalResourceId": event.physical_id,
        "ResourceType": event.type_name,
        "Timestamp": event.time,
        "ResourceStatus": event.status,
        "ResourceStatusReason": event.reason,
    }


def kind_of_event(event: Event) -> str:
    return "STACK_EVENT" if event.type_name == STACK_TYPE else "RESOURCE_EVENT"


def of_resource(stack: Stack, resource: Resource) -> dict[str, Any]:
    return {
        "StackName": stack.name,
        "StackId": stack.stack_id,
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical.physical_id,
        "ResourceType": resource.type_name,
        "Timestamp": resource.changed,
        "ResourceStatus": resource.status,
        "ResourceStatusReason": resource.reason,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    }


def summary_of_change_set(change_set: ChangeSet) -> dict[str, Any]:
    return {
        "ChangeSetId": change_set.change_set_id,
        "ChangeSetName": change_set.name,
        "StackId": change_set.stack.stack_id,
        "StackName": change_set.stack.name,
        "Description": change_set.description,
        "CreationTime": change_set.created,
        "Status": change_set.status,
        "StatusReason": change_set.reason,
        "ExecutionStatus": change_set.execution_status,
    }


def of_change_set(change_set: ChangeSet, with_values: bool) -> dict[str, Any]:
    target, stack = change_set.target, change_set.stack
    declared = target.template.section("Parameters")
    secrets = parameters.secrets(target.values, declared) | parameters.secrets(
        stack.values, stack.template.section("Parameters")
    )
    return {
        **summary_of_change_set(change_set),
        "Parameters": parameters.shown(target.values, declared),
        "Capabilities": list(target.capabilities),
        "Tags": _pairs(target.tags),
        **_drift(change_set),
        "Changes": [
            _change(change, with_values, secrets, change_set.drift.get(change.logical_id))
            for change in change_set.changes
        ],
    }


def _drift(change_set: ChangeSet) -> dict[str, Any]:
    """Only of a change set that looked for drift."""
    if not change_set.deployment_mode:
        return {}
    return {
        "DeploymentMode": change_set.deployment_mode,
        "StackDriftStatus": "DRIFTED" if change_set.gone else "IN_SYNC",
    }


def _change(
    change: Change, with_values: bool, secrets: set[str], drift: str | None
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "Action": change.action,
        "LogicalResourceId": change.logical_id,
        "PhysicalResourceId": change.physical_id,
        "ResourceType": change.type_name,
        "Replacement": change.replacement,
        "Scope": change.scope,
        "ResourceDriftStatus": drift,
    }
    if with_values:
        shown["Details"] = [_detail_with_values(detail, secrets) for detail in change.details]
        shown["BeforeContext"] = _context(change.before, secrets)
        shown["AfterContext"] = _context(change.after, secrets)
    else:
        # Without values, AWS names each changed property once.
        named = {(detail.attribute, detail.name): detail for detail in change.details}
        shown["Details"] = [_detail(detail) for detail in named.values()]
    return {"Type": "Resource", "ResourceChange": shown}


def _detail(detail: Detail) -> dict[str, Any]:
    return {
        "Target": {
            "Attribute": detail.attribute,
            "Name": detail.name,
            "RequiresRecreation": detail.recreation,
        },
        "Evaluation": detail.evaluation,
        "ChangeSource": detail.source,
        "CausingEntity": detail.cause,
    }


def _detail_with_values(detail: Detail, secrets: set[str]) -> dict[str, Any]:
    shown = _detail(detail)
    shown["Target"] |= {
        "Path": detail.path,
        "BeforeValue": _without(secrets, detail.before),
        "AfterValue": _without(secrets, detail.after),
        "AttributeChangeType": detail.change_type,
    }
    return shown


def _context(properties: Any, secrets: set[str]) -> str | None:
    if properties is None:
        return None
    return _without(secrets, json.dumps({"Properties": properties}, ensure_ascii=False))


def _without(secrets: set[str], text: str | None) -> str | None:
    for secret in secrets if text else ():
        text = (text or "").replace(secret, parameters.HIDDEN)
    return text


def of_parameters(declared: Any, capabilities: tuple[str, ...]) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "Parameters": [
            {
                "ParameterKey": name,
                "DefaultValue": str(specification["Default"])
                if "Default" in specification
                else None,
                "NoEcho": str(specification.get("NoEcho", False)).lower() == "true",
                "ParameterType": specification["Type"],
                "Description": specification.get("Description"),
            }
            for name, specification in declared.items()
        ]
    }
    if capabilities:
        summary["Capabilities"] = list(capabilities)
        summary["CapabilitiesReason"] = (
            f"The following resource(s) require capabilities: [{', '.join(capabilities)}]"
        )
    return summary
