"""What the names in a template stand for: parameters, resources that exist, other stacks' exports.

With `is_preview`, a name that is not known before the change set runs stands for KNOWN_AFTER_APPLY.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deploy.local.cloudformation import parameters
from deploy.local.cloudformation.errors import ValidationError
from deploy.local.cloudformation.intrinsics import NO_VALUE, evaluate, holds
from deploy.local.cloudformation.resource_type import PhysicalResource
from deploy.local.cloudformation.stack import Output
from deploy.local.cloudformation.template import Template

KNOWN_AFTER_APPLY = "{{changeSet:KNOWN_AFTER_APPLY}}"  # AWS's own words


class StackScope:
    """The scope of one stack's template with its values."""

    def __init__(
        self,
        template: Template,
        values: Mapping[str, str],
        pseudo: Mapping[str, Any],
        physical: Mapping[str, PhysicalResource],
        exports: Mapping[str, str],
        is_preview: bool = False,
    ) -> None:
        self._template = template
        self._values = values
        self._pseudo = pseudo
        self._physical = physical
        self._exports = exports
        self._is_preview = is_preview
        self._conditions: dict[str, bool] = {}
        self.imports: set[str] = set()

    def reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self._pseudo:
            return self._pseudo[name]
        if name in self._values:
            specification = self._template.section("Parameters")[name]
            return parameters.typed(self._values[name], specification)
        return self._of_resource(name).physical_id

    def attribute(self, name: str, attribute: str) -> Any:
        physical = self._of_resource(name)
        if physical is _UNKNOWN:
            return KNOWN_AFTER_APPLY
        try:
            return physical.attributes[attribute]
        except KeyError:
            raise ValidationError(
                f"Template error: resource {name} does not support attribute type {attribute} "
                "in Fn::GetAtt"
            ) from None

    def condition(self, name: str) -> bool:
        if name not in self._conditions:
            conditions = self._template.section("Conditions")
            if name not in conditions:
                raise ValidationError(
                    f"Template format error: Unresolved dependencies [{name}]. "
                    "Cannot reference resources in the Conditions block of the template"
                )
            self._conditions[name] = holds(conditions[name], self)
        return self._conditions[name]

    def imported(self, export: str) -> str:
        if export not in self._exports:
            raise ValidationError(f"No export named {export} found")
        self.imports.add(export)
        return self._exports[export]

    def mapped(self, mapping: str, first: str, second: str) -> Any:
        try:
            return self._template.section("Mappings")[mapping][first][second]
        except KeyError:
            raise ValidationError(
                f"Template error: Unable to get mapping for {mapping}::{first}::{second}"
            ) from None

    def on_this_machine(self, address: str) -> str:
        """An address that a resource of the stack gives others, as it is reached here."""
        known = (physical.on_this_machine for physical in self._physical.values())
        return next((here[address] for here in known if address in here), address)

    def included(self) -> list[str]:
        """The resources whose condition holds, each after the ones it depends on."""
        resources = self._template.resources
        return self._template.in_order(
            name for name, definition in resources.items() if self._applies(definition)
        )

    def properties(self, logical_id: str) -> dict[str, Any]:
        definition = self._template.resources[logical_id]
        properties: dict[str, Any] = evaluate(definition.get("Properties", {}), self)
        return properties

    def outputs(self) -> list[Output]:
        return [
            Output(
                key=key,
                value=str(evaluate(output["Value"], self)),
                description=output.get("Description"),
                export=evaluate(output["Export"]["Name"], self) if "Export" in output else None,
            )
            for key, output in self._template.section("Outputs").items()
            if self._applies(output)
        ]

    def _applies(self, definition: Mapping[str, Any]) -> bool:
        return "Condition" not in definition or self.condition(definition["Condition"])

    def _of_resource(self, name: str) -> PhysicalResource:
        if name in self._physical:
            return self._physical[name]
        if self._is_preview:
            return _UNKNOWN
        raise ValidationError(
            f"Template format error: Unresolved resource dependencies [{name}] "
            "in the Resources block of the template"
        )


_UNKNOWN = PhysicalResource(KNOWN_AFTER_APPLY)
