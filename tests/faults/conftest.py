"""A deployment with a wire on which faults can be put."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.local.server import EmbeddedAws
from tests.faults.deployed import RETRY_DELAY, Deployed
from tests.faults.faults import Faults
from tests.faults.portal import WithPortal

Deploy = Callable[..., Deployed]


@pytest.fixture
def deploy(tmp_path: Path) -> Iterator[Deploy]:
    """Deploys, with so many seconds between the tries of a failed event.

    Nobody waits for the functions' own pauses: their clock leaps. Time limits are AWS's.
    """
    with ExitStack() as running:

        def deploy(*retry_delays: float, **parameters: str) -> Deployed:
            faults = Faults()
            aws = running.enter_context(
                EmbeddedAws(retry_delays=retry_delays, wire=faults, leap=True, patience=1)
            )
            return Deployed.on(aws, faults, tmp_path, **parameters)

        yield deploy


@pytest.fixture
def deployed(deploy: Deploy) -> Deployed:
    """With tries that follow each other quickly."""
    return deploy(0.05, 0.05)


@pytest.fixture
def slowly_retried(deploy: Deploy) -> Deployed:
    """With delays between tries that pass only as the test lets them."""
    return deploy(RETRY_DELAY, RETRY_DELAY)


@pytest.fixture(scope="module")
def shared_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WithPortal]:
    """One with a portal, which a file's tests use in turn; its tries follow each other quickly.

    LinkMailer would tell the sender of downloads; Portal hands none over until a test says so.
    """
    faults = Faults()
    with EmbeddedAws(retry_delays=(0.05, 0.05), wire=faults, leap=True) as aws:
        home = tmp_path_factory.mktemp("operator")
        optional_kinds = frozenset({"portal"})
        portal = WithPortal.on(aws, faults, home, optional_kinds, NotifyOnDownload="sender")
        portal.change_environment("Portal", NotifyOnDownload="nobody")
        yield portal


@pytest.fixture
def portal(shared_portal: WithPortal) -> Iterator[WithPortal]:
    """The same with nothing on its alarms' minds."""
    shared_portal.forget()
    yield shared_portal
    shared_portal.faults.end()
