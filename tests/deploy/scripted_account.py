"""An account with scripted stacks, somebody who deploys to it, and what they are told."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.aws.polling import Poll
from deploy.console import Console
from deploy.deployment import Deployment
from deploy.errors import S3LinkError
from deploy.package.artifacts import Artifact
from deploy.stacks.run import Run
from tests.deploy.scripted import (
    ACCOUNT,
    REGION,
    Clock,
    ScriptedClients,
    ScriptedCloudFormation,
    ScriptedS3,
    Step,
)

NAME = "s3link-sender"
CODE = Artifact("artifacts", "lambda/0.zip")
GIVEN = {"AdminAlarmEMail": "admin@example.com"}
CREATED = (Step(0.1, "CREATE_IN_PROGRESS"), Step(1.0, "CREATE_COMPLETE"))
UPDATED = (Step(0.1, "UPDATE_IN_PROGRESS"), Step(1.0, "UPDATE_COMPLETE"))


class Operator:
    """Somebody at the terminal, who gives the same answer to every question."""

    def __init__(self, agrees: bool) -> None:
        self.agrees = agrees
        self.questions: list[str] = []

    def answer(self, question: str) -> bool:
        self.questions.append(question)
        return self.agrees


class Account:
    """An account with scripted stacks, and one run of deploy in it."""

    def __init__(self, filled_buckets: tuple[str, ...] = ()) -> None:
        self.clock = Clock()
        self.aws = ScriptedCloudFormation(self.clock)
        self.clients = ScriptedClients(self.aws, ScriptedS3(filled_buckets))
        self.operator = Operator(agrees=False)

    def run(self, **parameters: str) -> Run:
        deployment = Deployment("s3link", ACCOUNT, REGION, parameters or GIVEN)
        poll = Poll(self.clock.sleep)
        return Run(self.clients, deployment, Console(), self.operator.answer, poll)


def failure(call: Any, *arguments: Any) -> str:
    with pytest.raises(S3LinkError) as caught:
        call(*arguments)
    return str(caught.value)
