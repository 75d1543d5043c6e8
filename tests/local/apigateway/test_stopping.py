"""An embedded AWS that stops while somebody waits for an HTTP API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from moto.apigatewayv2.models import apigatewayv2_backends
from moto.cloudwatch.models import cloudwatch_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.server import EmbeddedAws
from tests.local import apis
from tests.local.account import Account, Diary
from tests.local.apis import ask
from tests.local.stacks import Stacks, template
from tests.waiting import PATIENCE

pytestmark = pytest.mark.slow

_LONG_WORK = f"time.sleep({PATIENCE}); write('the end')"


def test_stopping_does_not_wait_for_requests(diary: Diary) -> None:
    """Who waits for a function's answer gets none, and leaves nothing to the next one.

    The function has not come to its end, and the API would have waited even longer for it.
    """
    with EmbeddedAws() as aws, ThreadPoolExecutor(1) as pool:
        account = Account(aws)
        arn = account.create_function(diary.source(_LONG_WORK), Timeout=900)
        resources = {
            **apis.api("Slow"),
            **apis.integration("Slow", "Sleeper", arn),
            **apis.routes("Slow", "Sleeper", "GET /"),
            **apis.permission("Slow", arn),
        }
        stacks = Stacks(account)
        stacks.apply("apis", template(resources, Outputs=apis.endpoints("Slow")))
        _never_give_up()
        waiting = pool.submit(ask, stacks.outputs("apis")["Slow"])
        diary.wait_for(1)

        aws.stop()

        assert waiting.result().status == 503
        assert "the end" not in diary.entries
    assert cloudwatch_backends[LOCAL_ACCOUNT]["eu-west-1"].metric_data == []


def _never_give_up() -> None:
    """Let the API wait an hour for its function, which the 30 s of AWS's API would not allow."""
    for api in apigatewayv2_backends[LOCAL_ACCOUNT]["eu-west-1"].apis.values():
        for integration in api.integrations.values():
            integration.timeout_in_millis = 3_600_000
