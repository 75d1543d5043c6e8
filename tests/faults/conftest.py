"""A deployment with a wire on which faults can be put."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.local.server import EmbeddedAws
from tests.faults.deployed import Deployed
from tests.faults.faults import Faults

Deploy = Callable[..., Deployed]


@pytest.fixture
def deploy(tmp_path: Path) -> Iterator[Deploy]:
    """Deploys, with so many seconds between the tries of a failed event."""
    with ExitStack() as running:

        def deploy(*retry_delays: float) -> Deployed:
            faults = Faults()
            aws = running.enter_context(EmbeddedAws(retry_delays=retry_delays, wire=faults))
            return Deployed.on(aws, faults, tmp_path)

        yield deploy


@pytest.fixture
def deployed(deploy: Deploy) -> Deployed:
    """With tries that follow each other quickly."""
    return deploy(0.3, 0.3)
