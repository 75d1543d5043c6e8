"""docs/portal-api.yaml as tests read it: operations, their inputs and their answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

PATH = Path(__file__).resolve().parent.parent / "docs" / "portal-api.yaml"
_URI = "portal-api"
_METHODS = ("get", "head", "post", "put", "delete", "options", "patch")


@cache
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(PATH.read_text("utf-8"))
    return loaded


@cache
def _registry() -> Registry[Any]:
    resource = Resource.from_contents(document(), default_specification=DRAFT202012)
    return Registry().with_resource(_URI, resource)


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    content: Mapping[str, Any]

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
        resolved = (_resolved(one) for one in self.content.get("parameters", []))
        return {one["name"]: one for one in resolved if one["in"] == "query"}

    @property
    def body_schema(self) -> dict[str, Any]:
        [content] = self.content["requestBody"]["content"].values()
        schema: dict[str, Any] = content["schema"]
        return schema

    def faults_of(self, status: int, body: object) -> list[str]:
        """What is wrong with an answer in JSON; nothing when it is as documented."""
        if status not in self.statuses:
            return [f"{status} is not documented"]
        response = _resolved(self.content["responses"][str(status)])
        return list(faults_of(response["content"]["application/json"]["schema"], body))


def operations() -> list[Operation]:
    return [
        Operation(method.upper(), path, content)
        for path, item in document()["paths"].items()
        for method, content in item.items()
        if method in _METHODS
    ]


def operation(route: str) -> Operation:
    [found] = [one for one in operations() if one.route == route]
    return found


def faults_of(schema: Mapping[str, Any], value: object) -> Iterator[str]:
    """How a value differs from a schema of the document."""
    absolute = _absolute(schema)
    validator = Draft202012Validator(absolute, registry=_registry())
    for error in validator.iter_errors(value):
        yield error.message


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself, where it is named."""
    return _resolved(schema)


def _resolved(value: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in value:
        place: Any = document()
        for name in value["$ref"].removeprefix("#/").split("/"):
            place = place[name]
        value = place
    return value


def _absolute(value: Any) -> Any:
    """References with the document's name, so that they are found from elsewhere."""
    if isinstance(value, Mapping):
        return {
            name: f"{_URI}{one}" if name == "$ref" and str(one).startswith("#") else _absolute(one)
            for name, one in value.items()
        }
    return [_absolute(one) for one in value] if isinstance(value, list) else value
