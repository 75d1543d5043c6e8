"""What routes, integrations and authorizers of an API have in common, and what all types check."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from moto.apigatewayv2.models import apigatewayv2_backends

from deploy.local.apigateway.integrations import function_of
from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceError,
    ResourceType,
)


class PartOfApi(ResourceType):
    """What is made, changed and deleted with calls of one form, and known by its id."""

    kind: ClassVar[str]
    identity_attribute: ClassVar[str] = "id"  # of moto's object
    replaced_by = frozenset({"ApiId"})

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        self._check(properties)
        self._check_others(None, properties, context)
        return self._make(properties, context)

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        self._check(after)
        self._check_others(physical.physical_id, after, context)
        # What a change leaves out keeps its old value in the API, so the part is made anew.
        parts = self._parts(after, context)
        part = parts.pop(self._make(after, context).physical_id)
        setattr(part, self.identity_attribute, physical.physical_id)
        parts[physical.physical_id] = part
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        delete = getattr(context.clients.apigatewayv2, f"delete_{self.kind.lower()}")
        delete(**{"ApiId": properties["ApiId"], f"{self.kind}Id": physical.physical_id})

    def _make(self, properties: Properties, context: Context) -> PhysicalResource:
        identity = f"{self.kind}Id"
        physical = call(context, f"create_{self.kind.lower()}", properties)
        return PhysicalResource(physical[identity], {identity: physical[identity]})

    def _parts(self, properties: Properties, context: Context) -> dict[str, Any]:
        """moto's parts of this kind of the API, by their ids."""
        api = apigatewayv2_backends[context.account][context.region].get_api(properties["ApiId"])
        parts: dict[str, Any] = getattr(api, f"{self.kind.lower()}s")
        return parts

    @abstractmethod
    def _check(self, properties: Properties) -> None:
        """Raises ResourceError for values that the embedded AWS does not know."""

    def _check_others(self, own_id: str | None, properties: Properties, context: Context) -> None:
        """Raises ResourceError when the API's other parts do not let this one be."""


def call(context: Context, operation: str, parameters: Properties) -> dict[str, Any]:
    return context.clients.call(context.clients.apigatewayv2, operation, parameters)


def tags_of(properties: Properties, context: Context) -> dict[str, str]:
    """API Gateway's tags are a map."""
    return {**context.stack_tags, **properties.get("Tags", {})}


def check_known(name: str, value: Any, *known: str) -> None:
    if value not in known:
        raise ResourceError(
            f"The embedded AWS knows {name} {' and '.join(known)} only, not {value}."
        )


def check_function(name: str, properties: Properties) -> None:
    uri = properties.get(name, "")
    if function_of(uri) is None:
        raise ResourceError(f"The embedded AWS knows functions only as {name}, not {uri}.")
