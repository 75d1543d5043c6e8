"""moto's own CloudFormation, for the tests that say why s3link has resource types of its own.

A test with it fails once moto has closed the gap. Then delete the class that the test names, its
line in TYPES of deploy/local/resource_types.py, its tests, and the test itself: moto's own class
is used from then on.
"""

from __future__ import annotations

import json
from typing import Any

import boto3
from moto.cloudformation.models import CloudFormationBackend

REGION = "eu-west-1"
ACCOUNT = "123456789012"
TRUSTS_LAMBDA = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]
}


class MotoStack:
    """A stack of moto's own CloudFormation, with one resource called Subject."""

    def __init__(self) -> None:
        self._backend = CloudFormationBackend(REGION, ACCOUNT)

    def client(self, service: str) -> Any:
        return boto3.client(
            service, region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b"
        )

    def create(self, type_name: str, properties: dict[str, Any]) -> str:
        """Make a stack with the resource; gives what Ref gives."""
        self._backend.create_stack("stack", self._template(type_name, properties), {})
        return self.physical_id()

    def update(self, type_name: str, properties: dict[str, Any]) -> None:
        body = self._template(type_name, properties)
        self._backend.update_stack("stack", body, None, [], None)

    def physical_id(self) -> str:
        resources = self._backend.get_stack("stack").resource_map
        return str(resources["Subject"].physical_resource_id)

    def _template(self, type_name: str, properties: dict[str, Any]) -> str:
        return json.dumps({"Resources": {"Subject": {"Type": type_name, "Properties": properties}}})
