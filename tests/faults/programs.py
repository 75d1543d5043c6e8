"""A deployment with the API for programs and no portal, as a program sees it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.iam.credentials import Keys
from tests.faults.deployed import Deployed
from tests.local.apis import Reply, ask, signed

OPERATOR = Keys(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY)


@dataclass(frozen=True)
class WithPrograms(Deployed):
    """One deployment with the API."""

    def call(self, method: str, target: str, body: dict[str, str] | None = None) -> Reply:
        """One of the API's routes, signed."""
        url = f"{self.outputs['ProgramsApiUrl']}{target}"
        content = json.dumps(body).encode() if body else None
        return ask(url, method, content, signed(url, OPERATOR, method, content))

    def generate_url(self, key: str) -> Reply:
        given = {"bucket_name": self.local.bucket, "object_name": key}
        return self.call("POST", "/generate-url", given)

    def one_time_link(self, key: str) -> str:
        """The link to a file that is put there first."""
        self.upload(key)
        reply = self.generate_url(key)
        assert reply.status == 200, reply
        return str(reply.document["url"])
