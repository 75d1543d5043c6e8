"""boto3 clients whose calls stay in this process: they reach moto without a server.

CloudFormation and the alarms use them, so that they do what a person could do with the same API.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from moto.core.botocore_stubber import BotocoreStubber

from deploy.aws.clients import Clients, made_once

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# moto takes any keys and gives them its default account, 123456789012.
_KEY = "embedded"


class InProcessClients(Clients):
    """The tool's clients, called with values as a template has them."""

    @made_once
    def s3(self) -> S3Client:
        # A bucket called "logs" would be taken for the service of that name by its host.
        by_path = Config(s3={"addressing_style": "path"})
        return self._session.client(
            "s3", **{**self._options, "config": self._config.merge(by_path)}
        )

    def call(self, service: Any, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Call `operation` with values as a template gives them: text for numbers and booleans."""
        model = service.meta.service_model.operation_model(
            service.meta.method_to_api_mapping[operation]
        )
        answer: dict[str, Any] = getattr(service, operation)(
            **_typed(dict(parameters), model.input_shape)
        )
        return answer


@lru_cache
def clients(region: str) -> InProcessClients:
    stubber = BotocoreStubber()
    stubber.enabled = True
    session = boto3.Session(aws_access_key_id=_KEY, aws_secret_access_key=_KEY, region_name=region)
    session.events.register_first("before-send", stubber)
    return InProcessClients(session)


def _typed(value: Any, shape: Any) -> Any:
    """`value` with every scalar turned into the type that botocore's `shape` asks for."""
    if shape is None:
        return value
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        return {name: _typed(member, shape.members.get(name)) for name, member in value.items()}
    if kind == "list" and isinstance(value, list):
        return [_typed(member, shape.member) for member in value]
    if kind == "map" and isinstance(value, Mapping):
        return {name: _typed(member, shape.value) for name, member in value.items()}
    return _scalar(value, kind)


def _scalar(value: Any, kind: str) -> Any:
    if kind == "boolean" and isinstance(value, str):
        return value.lower() == "true"
    if kind in ("integer", "long") and isinstance(value, str):
        return int(value)
    if kind in ("float", "double") and isinstance(value, str):
        return float(value)
    if kind == "string" and isinstance(value, bool):
        return str(value).lower()
    if kind == "string" and isinstance(value, int | float):
        return str(value)
    return value
