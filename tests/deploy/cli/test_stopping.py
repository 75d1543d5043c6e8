"""A command that waits for AWS says so, and ends at once when somebody stops it."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from deploy.local.server import EmbeddedAws
from tests.deploy.operator import Operator
from tests.tools import started

pytestmark = pytest.mark.slow


def test_ctrl_c_ends_a_command_while_aws_cannot_answer(
    embedded_aws: EmbeddedAws, deployed_operator: Operator
) -> None:
    """AWS is asked again for ten minutes; who has stopped the command waits for none of it."""
    embedded_aws.services.stop("cloudformation")
    line = [sys.executable, "-m", "deploy", "deploy"]
    environment = {**os.environ, **deployed_operator.environment}
    folder = deployed_operator.config.parent

    with started(line, env=environment, cwd=folder) as process:
        assert process.stderr
        told = ""
        while "trying again" not in told and (news := process.stderr.readline()):
            told += news
        process.send_signal(signal.SIGINT)
        told += process.stderr.read()

    assert process.returncode == 130
    assert told.count("AWS cannot answer (") == told.count("trying again") == 1
    assert told.endswith("Error: Stopped.\n")
