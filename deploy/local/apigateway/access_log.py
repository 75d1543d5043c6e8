"""The access log of an HTTP API: one line per request, in its stage's own format.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Mapping
from typing import Any

from moto.logs.models import logs_backends

from deploy.local.apigateway.events import Place

_VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_]+(?:\.[A-Za-z0-9_-]+)*)")
_UNKNOWN = "-"

_log = logging.getLogger(__name__)


def log_line(pattern: str, values: Mapping[str, Any]) -> str:
    """The line of a request: every variable replaced; "-" for one that has no value. Pure."""
    return _VARIABLE.sub(lambda found: _text(values.get(found.group(1))), pattern)


def write_line(settings: Mapping[str, str] | None, place: Place, values: Mapping[str, Any]) -> None:
    """Write the request's line where the stage's AccessLogSettings say, if they say so."""
    if not settings or not settings.get("format"):
        return
    group = settings["destinationArn"].split(":log-group:")[-1].removesuffix(":*")
    backend = logs_backends[place.account][place.region]
    if group not in backend.groups:
        _log.warning("The access log group %s of an HTTP API is not there.", group)
        return
    stream = f"{place.api_id}-{place.stage.strip('$')}"
    backend.ensure_log_stream(group, stream)
    event = {"timestamp": int(time.time() * 1000), "message": log_line(settings["format"], values)}
    backend.put_log_events(group, stream, [event])


def _text(value: Any) -> str:
    """A caller's text must not end the JSON string that it stands in."""
    if value is None or value == "":
        return _UNKNOWN
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value)[1:-1] if isinstance(value, str) else str(value)
