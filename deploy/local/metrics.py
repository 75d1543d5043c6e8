"""What AWS's services count of themselves, put into CloudWatch, where alarms look for it."""

from __future__ import annotations

from collections.abc import Mapping

from moto.cloudwatch.models import cloudwatch_backends

# The metrics that are times; the others are counts.
_MILLISECONDS = frozenset({"AsyncEventAge", "Duration", "Latency"})


def put_metric_data(
    account: str,
    region: str,
    namespace: str,
    values: Mapping[str, float],
    *dimensions: Mapping[str, str],
) -> None:
    """Add a value to each of the named metrics, for each of these sets of dimensions."""
    cloudwatch_backends[account][region].put_metric_data(
        namespace,
        [
            {
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in each.items()],
                "Value": number,
                "Unit": "Milliseconds" if metric in _MILLISECONDS else "Count",
            }
            for metric, number in values.items()
            for each in dimensions
        ],
    )
