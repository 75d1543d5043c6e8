"""An embedded AWS that stops while somebody waits for an HTTP API."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from moto.cloudwatch.models import cloudwatch_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.server import EmbeddedAws
from tests.local import apis
from tests.local.account import Account, Diary
from tests.local.apis import ask
from tests.local.stacks import Stacks, template

pytestmark = pytest.mark.slow


def test_stopping_does_not_wait_for_requests(diary: Diary) -> None:
    """Who waits for a function's answer gets none, and leaves nothing to the next one."""
    with EmbeddedAws() as aws, ThreadPoolExecutor(1) as pool:
        account = Account(aws)
        arn = account.create_function(diary.source("time.sleep(900)"), Timeout=900)
        resources = {
            **apis.api("Slow"),
            **apis.integration("Slow", "Sleeper", arn),
            **apis.routes("Slow", "Sleeper", "GET /"),
            **apis.permission("Slow", arn),
        }
        stacks = Stacks(account)
        stacks.apply("apis", template(resources, Outputs=apis.endpoints("Slow")))
        waiting = pool.submit(ask, stacks.outputs("apis")["Slow"])
        diary.wait_for(1)

        start = time.monotonic()
        aws.stop()

        assert time.monotonic() - start < 30  # seconds, after which the API would give up itself
        assert waiting.result().status == 503
    assert cloudwatch_backends[LOCAL_ACCOUNT]["eu-west-1"].metric_data == []
