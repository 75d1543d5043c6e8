"""Counts what functions do in the embedded AWS's CloudWatch, where alarms look for it."""

from __future__ import annotations

from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

_MILLISECONDS = frozenset({"AsyncEventAge", "Duration"})


def put_metrics(function: Any, **values: float) -> None:
    """Add one value to each of the named metrics of moto's `function`."""
    cloudwatch_backends[function.account_id][function.region].put_metric_data(
        "AWS/Lambda",
        [
            {
                "MetricName": name,
                "Dimensions": [{"Name": "FunctionName", "Value": function.function_name}],
                "Value": value,
                "Unit": "Milliseconds" if name in _MILLISECONDS else "Count",
            }
            for name, value in values.items()
        ],
    )
