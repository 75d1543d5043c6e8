"""The registry: which resource types there are, s3link's own before moto's.

moto does not say which properties its own types honour, so these are taken on trust.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel

from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceType,
)


class Registry:
    """`own` are s3link's types, by their names; of every other type moto's own class is taken."""

    def __init__(self, own: Mapping[str, type[ResourceType]]) -> None:
        self._own = own

    def knows(self, type_name: str) -> bool:
        return type_name in self._own or _moto_type(type_name) is not None

    def new(self, type_name: str) -> ResourceType:
        """The one who will look after a new resource of a type that is known."""
        if type_name in self._own:
            return self._own[type_name]()
        handler = _moto_type(type_name)
        if handler is None:
            raise ValueError(f"{type_name} is not known")
        return handler


class MotoType(ResourceType):
    """Wraps the moto class for one type; keeps the object that the class made."""

    type_name: ClassVar[str] = ""
    properties: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, model: type[CloudFormationModel]) -> None:
        self._model = model
        self._object: Any = None

    def unknown_properties(self, given: Properties) -> list[str]:
        return []

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        self._object = self._model.create_from_cloudformation_json(
            self._name(properties, context),
            {"Type": self._model.cloudformation_type(), "Properties": dict(properties)},
            context.account,
            context.region,
            LogicalId=context.logical_id,
            StackId=context.stack_id,
            ResourceType=self._model.cloudformation_type(),
        )
        return self._physical()

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        self._object = self._model.update_from_cloudformation_json(
            self._object,
            self._name(after, context),
            {"Type": self._model.cloudformation_type(), "Properties": dict(after)},
            context.account,
            context.region,
        )
        return self._physical()

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        if hasattr(self._object, "delete"):
            self._object.delete(context.account, context.region)
            return
        self._model.delete_from_cloudformation_json(
            physical.physical_id,
            {"Type": self._model.cloudformation_type(), "Properties": dict(properties)},
            context.account,
            context.region,
        )

    def _name(self, properties: Properties, context: Context) -> str:
        given = properties.get(self._model.cloudformation_name_type() or "")
        return str(given or context.generated_name())

    def _physical(self) -> PhysicalResource:
        return PhysicalResource(self._object.physical_resource_id, _Attributes(self._object))


class _Attributes(dict[str, Any]):
    """What Fn::GetAtt gives, asked from moto's object when it is needed."""

    def __init__(self, moto_object: Any) -> None:
        super().__init__()
        self._object = moto_object

    def __missing__(self, name: str) -> Any:
        try:
            return self._object.get_cfn_attribute(name)
        except Exception as exc:  # moto raises what it likes for an attribute it does not know
            raise KeyError(name) from exc


def _moto_type(type_name: str) -> MotoType | None:
    # Imports every service that moto's CloudFormation knows: 1.3 s, for those who need it.
    from moto.cloudformation.parsing import get_model_map

    model = get_model_map().get(type_name)
    return MotoType(model) if model else None
