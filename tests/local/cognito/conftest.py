from __future__ import annotations

import pytest

from tests.local.account import Account
from tests.local.cognito.area import Area
from tests.local.links import Clock


@pytest.fixture
def bare_area(account: Account, clock: Clock) -> Area:
    """An area that is still to be deployed."""
    return Area(account, clock)


@pytest.fixture
def area(bare_area: Area) -> Area:
    """A user pool with one member, who has a password."""
    bare_area.deploy()
    bare_area.add()
    return bare_area
