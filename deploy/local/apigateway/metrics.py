"""Counts an HTTP API's requests in the embedded AWS's CloudWatch, where alarms look for it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
"""

from __future__ import annotations

from moto.cloudwatch.models import cloudwatch_backends

from deploy.local.apigateway.events import Place


def put_metrics(place: Place, status: int, latency: float) -> None:
    """`latency` in milliseconds."""
    values = {
        "Count": 1.0,
        "4xx": float(400 <= status < 500),
        "5xx": float(status >= 500),
        "Latency": latency,
    }
    api = {"Name": "ApiId", "Value": place.api_id}
    cloudwatch_backends[place.account][place.region].put_metric_data(
        "AWS/ApiGateway",
        [
            {
                "MetricName": name,
                "Dimensions": dimensions,
                "Value": value,
                "Unit": "Milliseconds" if name == "Latency" else "Count",
            }
            for name, value in values.items()
            for dimensions in ([api], [api, {"Name": "Stage", "Value": place.stage}])
        ],
    )
