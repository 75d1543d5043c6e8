"""Answers of a function to an HTTP API. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Answer = dict[str, Any]


def json_answer(status: int, body: Mapping[str, Any]) -> Answer:
    """No cache may keep it: it may hold a link."""
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": json.dumps(body),
    }


def see_other(url: str) -> Answer:
    """Sends the caller on with a GET; `url` is a credential, which no cache may keep."""
    headers = {"location": url, "cache-control": "no-store", "referrer-policy": "no-referrer"}
    return {"statusCode": 303, "headers": headers, "body": ""}


def error_answer(status: int, sentence: str) -> Answer:
    return json_answer(status, {"error": sentence})
