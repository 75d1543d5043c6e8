"""An embedded AWS and an operator of it, for the tests that deploy.

`embedded_…` are made anew for each test; `aws` and `clients` serve a whole module.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.aws.clients import Clients
from deploy.local.server import EmbeddedAws
from tests.deploy.operator import Operator, clients_of_operator, deployed_by, operator_at


@pytest.fixture
def embedded_aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as aws:
        yield aws


@pytest.fixture
def embedded_clients(embedded_aws: EmbeddedAws) -> Clients:
    return clients_of_operator(embedded_aws)


@pytest.fixture
def embedded_operator(embedded_clients: Clients, tmp_path: Path) -> Operator:
    return operator_at(embedded_clients, tmp_path)


@pytest.fixture
def deployed_operator(embedded_operator: Operator) -> Operator:
    """An operator who has deployed; files may go to everybody at example.com."""
    return deployed_by(embedded_operator, "--set AuthorizedRecipients=@example.com")


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    """One for all tests of a module; an event that fails is soon given up."""
    with EmbeddedAws(retry_delays=(0, 0)) as aws:
        yield aws


@pytest.fixture(scope="module")
def clients(aws: EmbeddedAws) -> Clients:
    return clients_of_operator(aws)
