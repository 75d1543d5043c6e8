"""The OpenAPI documents of docs/ as tests read them: operations, their inputs and their answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_DOCS = Path(__file__).resolve().parent.parent / "docs"
_METHODS = ("get", "head", "post", "put", "delete", "options", "patch")


@dataclass(frozen=True)
class Document:
    """One file; references in it are to the file itself."""

    name: str

    @cached_property
    def content(self) -> dict[str, Any]:
        loaded: dict[str, Any] = yaml.safe_load((_DOCS / self.name).read_text("utf-8"))
        return loaded

    def operations(self) -> list[Operation]:
        return [
            Operation(method.upper(), path, content, self)
            for path, item in self.content["paths"].items()
            for method, content in item.items()
            if method in _METHODS
        ]

    def operation(self, route: str) -> Operation:
        [found] = [one for one in self.operations() if one.route == route]
        return found

    def faults_of(self, schema: Mapping[str, Any], value: object) -> Iterator[str]:
        """How a value differs from a schema of the document."""
        validator = Draft202012Validator(self._absolute(schema), registry=self._registry)
        for error in validator.iter_errors(value):
            yield error.message

    def resolved(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema, parameter or answer itself, where it is named."""
        while "$ref" in value:
            place: Any = self.content
            for name in value["$ref"].removeprefix("#/").split("/"):
                place = place[name]
            value = place
        return value

    @cached_property
    def _registry(self) -> Registry[Any]:
        resource = Resource.from_contents(self.content, default_specification=DRAFT202012)
        return Registry().with_resource(self.name, resource)

    def _absolute(self, value: Any) -> Any:
        """References with the document's name, so that they are found from elsewhere."""
        if isinstance(value, Mapping):
            return {
                name: f"{self.name}{one}"
                if name == "$ref" and str(one).startswith("#")
                else self._absolute(one)
                for name, one in value.items()
            }
        return [self._absolute(one) for one in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    content: Mapping[str, Any]
    document: Document = field(repr=False)

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def statuses(self) -> set[int]:
        return {int(status) for status in self.content["responses"]}

    @property
    def security(self) -> list[str]:
        """The schemes, of which one must be used."""
        return [name for scheme in self.content["security"] for name in scheme]

    @property
    def query(self) -> dict[str, dict[str, Any]]:
        """The parameters of the query, by their names."""
        resolved = (self.document.resolved(one) for one in self.content.get("parameters", []))
        return {one["name"]: dict(one) for one in resolved if one["in"] == "query"}

    @property
    def body_schema(self) -> dict[str, Any]:
        [content] = self.content["requestBody"]["content"].values()
        schema: dict[str, Any] = content["schema"]
        return schema

    def faults_of(self, status: int, body: object) -> list[str]:
        """What is wrong with an answer in JSON; nothing when it is as documented."""
        if status not in self.statuses:
            return [f"{status} is not documented"]
        response = self.document.resolved(self.content["responses"][str(status)])
        schema = response["content"]["application/json"]["schema"]
        return list(self.document.faults_of(schema, body))


PORTAL_API = Document("portal-api.yaml")
PROGRAMS_API = Document("programs-api.yaml")
