"""How long the tool waits for an endpoint that does not answer."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.aws.clients import Clients, connect_with_keys


@pytest.fixture
def clients() -> Clients:
    return connect_with_keys("key", "secret", "eu-west-1", None)


def longest_silence(client: Any) -> float:
    """Seconds until a call to an endpoint that takes connections and says nothing is given up."""
    config = client.meta.config
    return float(config.read_timeout * config.retries["total_max_attempts"])


@pytest.mark.parametrize(
    "service", ["cloudformation", "dynamodb", "logs", "ses", "sesv2", "sns", "sqs", "sts"]
)
def test_nobody_waits_minutes_for_an_endpoint_that_says_nothing(
    clients: Clients, service: str
) -> None:
    """All tries of a call together, with the waits in between, are over within two minutes."""
    assert longest_silence(getattr(clients, service)) <= 90


def test_s3_may_take_longer_to_answer(clients: Clients) -> None:
    """The end of an upload over a slow line is still on its way when the wait for S3 begins."""
    assert clients.s3.meta.config.read_timeout == 60
    assert clients.s3.meta.config.connect_timeout == 10


def test_a_function_is_waited_for_until_lambda_would_stop_it(clients: Clients) -> None:
    """Once: a second call while the first one still runs could do everything twice."""
    config = clients.waiting_lambda.meta.config
    assert config.read_timeout > 900
    assert config.retries["total_max_attempts"] == 1
