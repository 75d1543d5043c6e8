"""Services that are switched off and on again."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy.local.wire.stopped_services import StoppedServices
from tests.local.account import Account

# One call of every service that s3link uses, each with its own protocol for errors.
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("apigatewayv2", "get_apis", {}),
    ("cloudformation", "describe_stacks", {}),
    ("cloudwatch", "describe_alarms", {}),
    ("cognito-idp", "list_user_pools", {"MaxResults": 1}),
    ("dynamodb", "list_tables", {}),
    ("iam", "list_roles", {}),
    ("lambda", "list_functions", {}),
    ("logs", "describe_log_groups", {}),
    ("s3", "list_buckets", {}),
    ("scheduler", "list_schedules", {}),
    ("ses", "get_send_quota", {}),
    ("sns", "list_topics", {}),
    ("sqs", "list_queues", {}),
    ("sts", "get_caller_identity", {}),
]


@pytest.mark.parametrize(("service", "operation", "arguments"), CALLS)
def test_stopped_service_is_unavailable_until_it_is_started(
    account: Account, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    """Its clients get ServiceUnavailable with a sentence that says how to start it again."""
    call = getattr(account.client(service), operation)
    account.aws.services.stop(service)

    with pytest.raises(ClientError) as caught:
        call(**arguments)

    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert response["Error"]["Code"] == "ServiceUnavailable"
    assert response["Error"]["Message"].endswith("/start starts it again.")

    account.aws.services.start(service)
    assert call(**arguments)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_other_services_go_on(account: Account) -> None:
    """Only the service that was stopped is missing."""
    account.aws.services.stop("ses")

    assert account.client("s3").list_buckets()["Buckets"] == []


@pytest.mark.parametrize("name", ["monitoring", "cloudwatch", "CloudWatch"])
def test_service_has_the_names_that_people_use(name: str) -> None:
    """What is stopped under one name can be started under another."""
    services = StoppedServices()

    services.stop(name)
    assert services.names == {"monitoring"}

    services.start("cloudwatch")
    assert services.names == frozenset()
