"""Fixtures for LinkGenerator's tests."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from tests.lambda_src.fakes import World

# `make check` tries a few inputs of each kind; HYPOTHESIS_PROFILE=thorough tries many.
settings.register_profile("quick", max_examples=40, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture
def world() -> World:
    return World()
