"""A function that invokes another one, as its role lets it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.local.server import EmbeddedAws
from tests.local.account import Account, Diary, allowing

pytestmark = pytest.mark.slow

OTHER = "arn:aws:lambda:eu-west-1:123456789012:function:other"
# Finds Lambda by what its environment says, as any program does.
CALLER = """
    import json

    import boto3
    from botocore.exceptions import ClientError

    def handle(event, context):
        try:
            answer = boto3.client("lambda").invoke(
                FunctionName=event["name"],
                InvocationType=event["type"],
                Payload=json.dumps(event["payload"]),
            )
        except ClientError as exc:
            return {"error": exc.response["Error"]["Code"]}
        return {"status": answer["StatusCode"], "payload": answer["Payload"].read().decode()}
"""


@dataclass(frozen=True)
class Place:
    account: Account
    diary: Diary

    def call(self, kind: str, name: str = "other") -> Any:
        """What the function is told when it invokes the other one."""
        event = {"name": name, "type": kind, "payload": {"task": "request"}}
        return self.account.invoke(event)["Payload"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    diary = Diary(Path(tmp_path_factory.mktemp("calling")) / "diary.jsonl")
    with EmbeddedAws() as aws:
        account = Account(aws)
        account.create_function(CALLER, MemorySize=512)
        account.create_function(diary.source("return 'done'"), FunctionName="other")
        yield Place(account, diary)


@pytest.mark.parametrize("name", ["other", OTHER])
def test_in_the_background(place: Place, name: str) -> None:
    """The other function gets the event, and nobody waits for it."""
    place.account.allow(allowing("lambda:InvokeFunction", OTHER))
    before = len(place.diary.entries)

    answer = place.call("Event", name)

    assert answer == {"status": 202, "payload": ""}
    assert place.diary.wait_for(before + 1)[-1]["event"] == {"task": "request"}


def test_waiting_for_the_answer(place: Place) -> None:
    """The other function's answer comes back."""
    place.account.allow(allowing("lambda:InvokeFunction", OTHER))

    assert place.call("RequestResponse") == {"status": 200, "payload": '"done"'}


@pytest.mark.parametrize("kind", ["Event", "RequestResponse"])
@pytest.mark.parametrize("resource", [f"{OTHER}-one", "arn:aws:lambda:eu-west-1:1:function:other"])
def test_a_role_that_may_not(place: Place, kind: str, resource: str) -> None:
    """It is refused, and the other function does not run."""
    place.account.allow(allowing("lambda:InvokeFunction", resource))
    before = len(place.diary.entries)

    assert place.call(kind) == {"error": "AccessDeniedException"}
    assert len(place.diary.entries) == before
