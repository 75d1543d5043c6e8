"""The CloudFormation API: reads requests, asks the backend, shows what it keeps.

moto parses the requests and serialises the answers from botocore's description of the service.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.core.base_backend import BackendDict
from moto.core.responses import TYPE_RESPONSE, ActionResult, BaseResponse, EmptyResult

from deploy.local.cloudformation import documents
from deploy.local.cloudformation.backend import CloudFormationBackend
from deploy.local.cloudformation.changes import ChangeSet
from deploy.local.cloudformation.documents import Answer
from deploy.local.cloudformation.errors import TypeNotFoundError, ValidationError
from deploy.local.cloudformation.requests import (
    Request,
    check_service_role,
    check_size,
    read_from_s3,
)
from deploy.local.cloudformation.stack import Stack
from deploy.local.cloudformation.template import parse


class CloudFormationResponse(BaseResponse):
    """One method per operation of the API."""

    def __init__(self) -> None:
        super().__init__(service_name="cloudformation")
        self.automated_parameter_parsing = True

    @property
    def backend(self) -> CloudFormationBackend:
        backend: CloudFormationBackend = backends[self.current_account][self.region]
        return backend

    def call_action(self) -> TYPE_RESPONSE:
        try:
            return super().call_action()
        except NotImplementedError:
            action = self._get_action()
            refusal = ValidationError(f"The embedded AWS's CloudFormation has no {action}.")
            status, headers, body = self.serialized(ActionResult(refusal))
            headers["status"] = str(status)
            return status, headers, body

    def create_stack(self) -> ActionResult:
        disable_rollback = self._get_bool_param("DisableRollback", False) or (
            self._get_param("OnFailure") == "DO_NOTHING"
        )
        stack = self.backend.create_stack(
            self._get_param("StackName"), self._request(), disable_rollback
        )
        stack.termination_protection = bool(
            self._get_bool_param("EnableTerminationProtection", False)
        )
        return Answer({"StackId": stack.stack_id})

    def update_stack(self) -> ActionResult:
        stack = self.backend.update_stack(
            self._get_param("StackName"),
            self._request(),
            bool(self._get_bool_param("DisableRollback", False)),
        )
        return Answer({"StackId": stack.stack_id})

    def delete_stack(self) -> ActionResult:
        if self._get_param("RoleARN"):
            check_service_role(self._get_param("RoleARN"))
        self.backend.delete_stack(
            self._get_param("StackName"),
            self._get_param("RetainResources", []),
            self._get_param("DeletionMode") == "FORCE_DELETE_STACK",
        )
        return EmptyResult()

    def update_termination_protection(self) -> ActionResult:
        stack = self.backend.stack(self._get_param("StackName"))
        stack.termination_protection = bool(
            self._get_bool_param("EnableTerminationProtection", False)
        )
        return Answer({"StackId": stack.stack_id})

    def create_change_set(self) -> ActionResult:
        change_set = self.backend.create_change_set(
            self._get_param("StackName"),
            self._get_param("ChangeSetName"),
            self._get_param("ChangeSetType", "UPDATE"),
            self._request(),
            self._get_param("Description"),
            self._get_param("DeploymentMode"),
        )
        return Answer({"Id": change_set.change_set_id, "StackId": change_set.stack.stack_id})

    def describe_change_set(self) -> ActionResult:
        with_values = bool(self._get_bool_param("IncludePropertyValues", False))
        return Answer(documents.of_change_set(self._change_set(), with_values))

    def list_change_sets(self) -> ActionResult:
        stack = self.backend.stack(self._get_param("StackName"))
        known = self.backend.change_sets_of(stack)
        return Answer({"Summaries": [documents.summary_of_change_set(one) for one in known]})

    def delete_change_set(self) -> ActionResult:
        self.backend.delete_change_set(
            self._get_param("ChangeSetName"), self._get_param("StackName")
        )
        return EmptyResult()

    def execute_change_set(self) -> ActionResult:
        self.backend.execute_change_set(
            self._get_param("ChangeSetName"),
            self._get_param("StackName"),
            bool(self._get_bool_param("DisableRollback", False)),
            self._get_param("ClientRequestToken"),
        )
        return EmptyResult()

    def describe_stacks(self) -> ActionResult:
        name = self._get_param("StackName")
        found = [self.backend.stack(name)] if name else self.backend.existing()
        return Answer({"Stacks": [documents.of_stack(stack) for stack in found]})

    def list_stacks(self) -> ActionResult:
        wanted = self._get_param("StackStatusFilter", [])
        summaries = [
            documents.summary_of_stack(stack)
            for stack in self.backend.stacks.values()
            if not wanted or stack.status in wanted
        ]
        return Answer({"StackSummaries": summaries})

    def describe_stack_events(self) -> ActionResult:
        stack = self.backend.stack(self._get_param("StackName"))
        events = [documents.of_event(event) for event in reversed(stack.events)]
        return Answer({"StackEvents": events})

    def describe_events(self) -> ActionResult:
        stack = self.backend.stack(self._get_param("StackName"))
        failed_only = bool(self._get_param("Filters", {}).get("FailedEvents"))
        operation = self._get_param("OperationId")
        events = [
            {**documents.of_event(event), "EventType": documents.kind_of_event(event)}
            for event in reversed(stack.events)
            if operation in (None, event.operation_id)
            and (not failed_only or event.status.endswith("_FAILED"))
        ]
        return Answer({"OperationEvents": events})

    def describe_stack_resource(self) -> ActionResult:
        stack = self.backend.stack(self._get_param("StackName"))
        logical_id = self._get_param("LogicalResourceId")
        if logical_id not in stack.resources:
            raise ValidationError(f"Resource {logical_id} does not exist for stack {stack.name}")
        detail = documents.of_resource(stack, stack.resources[logical_id])
        detail["LastUpdatedTimestamp"] = detail.pop("Timestamp")
        return Answer({"StackResourceDetail": detail})

    def describe_stack_resources(self) -> ActionResult:
        physical_id = self._get_param("PhysicalResourceId")
        logical_id = self._get_param("LogicalResourceId")
        stack = (
            self.backend.stack(self._get_param("StackName"))
            if self._get_param("StackName")
            else self._owner(physical_id)
        )
        found = [
            documents.of_resource(stack, resource)
            for resource in stack.resources.values()
            if logical_id in (None, resource.logical_id)
        ]
        return Answer({"StackResources": found})

    def list_stack_resources(self) -> ActionResult:
        stack = self.backend.stack(self._get_param("StackName"))
        summaries = []
        for resource in stack.resources.values():
            summary = documents.of_resource(stack, resource)
            summary["LastUpdatedTimestamp"] = summary.pop("Timestamp")
            summaries.append(summary)
        return Answer({"StackResourceSummaries": summaries})

    def get_template(self) -> ActionResult:
        if self._get_param("ChangeSetName"):
            template = self._change_set().target.template
        else:
            template = self.backend.stack(self._get_param("StackName")).template
        return Answer({"TemplateBody": template.body, "StagesAvailable": ["Original", "Processed"]})

    def get_template_summary(self) -> ActionResult:
        stack_name = self._get_param("StackName")
        if stack_name and self.backend.stack(stack_name).status == "REVIEW_IN_PROGRESS":
            raise ValidationError(
                "GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks."
            )
        template = (
            self.backend.stack(stack_name).template if stack_name else parse(self._body() or "")
        )
        return Answer(
            {
                **documents.of_parameters(template.section("Parameters"), template.capabilities()),
                "Description": template.description,
                "ResourceTypes": sorted({one["Type"] for one in template.resources.values()}),
                "Metadata": json.dumps(template.section("Metadata")),
            }
        )

    def validate_template(self) -> ActionResult:
        template = parse(self._body() or "")
        return Answer(
            {
                **documents.of_parameters(template.section("Parameters"), template.capabilities()),
                "Description": template.description,
            }
        )

    def list_exports(self) -> ActionResult:
        exports = [
            {"ExportingStackId": stack.stack_id, "Name": name, "Value": value}
            for name, (stack, value) in sorted(self.backend.exports().items())
        ]
        return Answer({"Exports": exports})

    def list_imports(self) -> ActionResult:
        export = self._get_param("ExportName")
        importers = [stack.name for stack in self.backend.importers(export)]
        if not importers:
            raise ValidationError(f"Export '{export}' is not imported by any stack.")
        return Answer({"Imports": importers})

    def describe_type(self) -> ActionResult:
        name = self._get_param("TypeName")
        if not self.backend.registry.knows(name):
            raise TypeNotFoundError(f"The type '{name}' cannot be found.")
        arn = f"arn:aws:cloudformation:{self.region}::type/resource/{name.replace('::', '-')}"
        return Answer(
            {"Arn": arn, "Type": "RESOURCE", "TypeName": name, "DeprecatedStatus": "LIVE"}
        )

    def _request(self) -> Request:
        if self._get_param("NotificationARNs"):
            raise ValidationError("The embedded AWS does not publish the events of stacks.")
        tags = self._get_param("Tags")
        return Request(
            template=self._body(),
            parameters=self._get_param("Parameters", []),
            capabilities=tuple(self._get_param("Capabilities", [])),
            tags=None if tags is None else {tag["Key"]: tag["Value"] for tag in tags},
            use_previous_template=bool(self._get_bool_param("UsePreviousTemplate", False)),
            role_arn=self._get_param("RoleARN"),
        )

    def _body(self) -> str | None:
        url = self._get_param("TemplateURL")
        if not url:
            body: str | None = self._get_param("TemplateBody")
            check_size(body or "")
            return body
        return read_from_s3(url, self.region)

    def _change_set(self) -> ChangeSet:
        return self.backend.change_set(
            self._get_param("ChangeSetName"), self._get_param("StackName")
        )

    def _owner(self, physical_id: str) -> Stack:
        for stack in self.backend.existing():
            if any(r.physical.physical_id == physical_id for r in stack.resources.values()):
                return stack
        raise ValidationError(f"Stack for {physical_id} does not exist")


class _Urls:
    """Where moto finds a service's routes."""

    url_bases = (r"https?://cloudformation\.(.+)\.amazonaws\.com",)
    url_paths: Mapping[str, Any] = {"{0}/$": CloudFormationResponse.dispatch}


class _ServedBackend(CloudFormationBackend):
    @property
    def _url_module(self) -> Any:
        return _Urls


backends: BackendDict[CloudFormationBackend] = BackendDict(_ServedBackend, "cloudformation")
