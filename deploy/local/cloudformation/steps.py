"""Single steps on the resources of a stack: create, modify, delete. Each writes its events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from deploy.local.cloudformation.drift import exists
from deploy.local.cloudformation.resource_type import Context, PhysicalResource, ResourceError
from deploy.local.cloudformation.stack import AccountState, Resource, Stack


class ResourceFailedError(Exception):
    """A resource failed, and its event says why. The argument is its logical id."""


class Steps:
    """The steps that an operation on `stack` is made of."""

    def __init__(self, stack: Stack, state: AccountState) -> None:
        self._stack = stack
        self._state = state

    def create(self, logical_id: str, properties: Mapping[str, Any]) -> Resource:
        definition = self._stack.template.resources[logical_id]
        type_name = definition["Type"]
        handler = self._state.registry.new(type_name)
        resource = Resource(
            logical_id, type_name, definition, properties, handler, PhysicalResource("")
        )
        self._stack.set_resource_status(resource, "CREATE_IN_PROGRESS")
        with self._reporting(resource, "CREATE_FAILED"):
            _refuse_unknown(resource, properties)
            resource.physical = handler.create(properties, self._context(resource))
        self._stack.set_resource_status(
            resource, "CREATE_IN_PROGRESS", "Resource creation Initiated"
        )
        self._stack.set_resource_status(resource, "CREATE_COMPLETE")
        return resource

    def modify(self, resource: Resource, properties: Mapping[str, Any]) -> Resource:
        """The resource as the stack's template and these properties want it."""
        definition = self._stack.template.resources[resource.logical_id]
        changed = replace(resource, definition=definition, properties=properties)
        self._stack.set_resource_status(resource, "UPDATE_IN_PROGRESS")
        with self._reporting(resource, "UPDATE_FAILED"):
            _refuse_unknown(resource, properties)
            self._refuse_gone(resource)
            changed.physical = resource.handler.update(
                resource.physical, resource.properties, properties, self._context(resource)
            )
        self._stack.set_resource_status(changed, "UPDATE_COMPLETE")
        return changed

    def restore(
        self, resource: Resource, attempted: Mapping[str, Any], physical: PhysicalResource
    ) -> None:
        """Give a resource back what it had before `modify` gave it `attempted`, or tried to.

        `physical` is what that has made of it.
        """
        with self._reporting(resource, "UPDATE_FAILED"):
            self._refuse_gone(resource)
            resource.physical = resource.handler.update(
                physical, attempted, resource.properties, self._context(resource)
            )
        self._stack.set_resource_status(resource, "UPDATE_COMPLETE")

    def refuse_to_replace(self, resource: Resource) -> None:
        """Two resources cannot have one name, and the new one comes before the old one goes."""
        name = resource.properties[resource.handler.name_property or ""]
        with self._reporting(resource, "UPDATE_FAILED"):
            raise ResourceError(
                "CloudFormation cannot update a stack when a custom-named resource requires "
                f"replacing. Rename {name} and update the stack again."
            )

    def delete(self, resource: Resource) -> bool:
        """Delete a resource; give whether that went well. What is gone is as wanted."""
        self._stack.set_resource_status(resource, "DELETE_IN_PROGRESS")
        try:
            with self._reporting(resource, "DELETE_FAILED"):
                self._delete(resource)
        except ResourceFailedError:
            return False
        self._stack.set_resource_status(resource, "DELETE_COMPLETE")
        return True

    def leave(self, resource: Resource) -> None:
        """Let a resource live on outside of the stack."""
        self._stack.set_resource_status(resource, "DELETE_SKIPPED")

    def _delete(self, resource: Resource) -> None:
        try:
            resource.handler.delete(resource.physical, resource.properties, self._context(resource))
        except Exception:
            if exists(resource, self._state):
                raise

    def _refuse_gone(self, resource: Resource) -> None:
        if not exists(resource, self._state):
            raise ResourceError(
                f"Resource of type '{resource.type_name}' with identifier "
                f"'{resource.physical.physical_id}' was not found. (HandlerErrorCode: NotFound)"
            )

    def _context(self, resource: Resource) -> Context:
        stack, state = self._stack, self._state
        return Context(
            clients=state.clients,
            account=state.account,
            region=state.region,
            stack_name=stack.name,
            stack_id=stack.stack_id,
            logical_id=resource.logical_id,
            stack_tags=dict(stack.tags),
        )

    @contextmanager
    def _reporting(self, resource: Resource, status: str) -> Iterator[None]:
        """Turn whatever goes wrong inside into the resource's event."""
        try:
            yield
        except Exception as exc:  # whatever a service says is the reason
            self._stack.set_resource_status(resource, status, _reason(exc, resource))
            raise ResourceFailedError(resource.logical_id) from exc


def _refuse_unknown(resource: Resource, properties: Mapping[str, Any]) -> None:
    unknown = resource.handler.unknown_properties(properties)
    if unknown:
        raise ResourceError(
            f"The embedded AWS does not know {', '.join(unknown)} of {resource.type_name}."
        )


def _reason(error: Exception, resource: Resource) -> str:
    """What the service said, as CloudFormation passes it on."""
    if not isinstance(error, ClientError):
        return str(error) or type(error).__name__
    said = error.response["Error"]
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    service = resource.type_name.split("::")[1]
    return (
        f"{said.get('Message', '')} "
        f"(Service: {service}; Status Code: {status}; Error Code: {said['Code']})"
    )
