"""Fixtures for LinkGenerator's tests."""

from __future__ import annotations

import pytest

from tests.lambda_src.fakes import World


@pytest.fixture
def world() -> World:
    return World()
