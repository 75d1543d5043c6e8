"""Fixtures for LinkMailer's tests."""

from __future__ import annotations

import pytest

from tests.lambda_src.link_mailer.office import Office


@pytest.fixture
def office() -> Office:
    return Office()
