"""Fixtures for LinkGenerator's tests."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.lambda_src.fakes import World

# `make check` tries a few inputs of each kind; HYPOTHESIS_PROFILE=thorough tries many. How long one
# takes says more about what else the machine is doing.
settings.register_profile(
    "quick", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=1000)
settings.register_profile("histories", settings.get_profile("quick"), max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture
def world() -> World:
    return World()
