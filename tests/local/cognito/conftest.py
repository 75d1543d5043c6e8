from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from deploy.local.server import EmbeddedAws
from tests.local.account import Account
from tests.local.cognito.area import MEMBER, Area
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


@pytest.fixture(scope="module")
def deployed_area() -> Iterator[Area]:
    """A user pool for all tests of a module, whose stack they leave as it is."""
    clock = Clock()
    with EmbeddedAws(clock=clock) as aws:
        area = Area(Account(aws), clock)
        area.deploy()
        yield area


@pytest.fixture
def shared_area(deployed_area: Area) -> Area:
    """The module's user pool with one member, who is new to each test."""
    deployed_area.clock.ahead = timedelta()
    users = deployed_area.api.list_users(UserPoolId=deployed_area.pool_id)["Users"]
    for user in users:
        deployed_area.api.admin_delete_user(
            UserPoolId=deployed_area.pool_id, Username=user["Username"]
        )
    deployed_area.add(MEMBER)
    return deployed_area
