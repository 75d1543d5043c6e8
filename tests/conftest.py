"""What every test shares."""

from __future__ import annotations

import gc
import inspect
import os
import signal
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

import botocore.hooks
import botocore.session
import pytest
from hypothesis import HealthCheck, settings

from tests.clock import UTC, set_zone

if TYPE_CHECKING:
    from tests.browser import Browser

# People read times by their own clock: for the tests it is the same one everywhere.
set_zone(UTC)

# In the background, below `nohup` and in some CI, programs are started with Ctrl-C switched off,
# and so would be what the tests start. A handler is not passed on; Ctrl-C works there again.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Every boto3 session reads the service models of its own, which was a third of the tests' time.
# They are the same for all: one loader keeps them. So are an event's aliases, and whether a
# function takes any keyword, which sessions and clients find out again and again.
botocore.session.create_loader = cache(botocore.session.create_loader)  # type: ignore[attr-defined]
_alias = cache(botocore.hooks.EventAliaser(None)._alias_event_name)
botocore.hooks.EventAliaser._alias_event_name = lambda _, name: _alias(name)
_takes_any = botocore.hooks.accepts_kwargs
botocore.hooks.accepts_kwargs = lambda handler: (
    bool(handler.__code__.co_flags & inspect.CO_VARKEYWORDS)
    if inspect.isroutine(handler) and hasattr(handler, "__code__")
    else _takes_any(handler)
)


# `make check` tries a few inputs of each kind; HYPOTHESIS_PROFILE=thorough tries many. How long one
# takes says more about what else the machine is doing.
settings.register_profile(
    "quick", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=1000)
settings.register_profile("histories", settings.get_profile("quick"), max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


# What is imported and collected stays: looking through it for garbage again and again took long.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def started_browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process: it takes seconds to start."""
    from tests.browser import chromium  # Selenium only where it is needed

    with chromium() as browser:
        yield browser


@pytest.fixture
def window(started_browser: Browser) -> Iterator[Browser]:
    """A tab of its own, closed afterwards: no page goes on talking into another test's console."""
    with started_browser.new_tab():
        started_browser.log()  # reads away what earlier tests' pages have said
        yield started_browser
