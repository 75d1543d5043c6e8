"""Everything of a deployment that an operator, or whoever else may read logs, could read."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from moto.sts.models import sts_backends

from deploy.local import LOCAL_ACCOUNT
from tests.e2e.deployed import Deployed

# Where it stands, and what stands there.
Places = Mapping[str, str]

SIGNED = {"X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-Credential"}


def places_of(deployed: Deployed, said: str) -> dict[str, str]:
    """All but the dead letters, which replays take away; `said` is this process's log."""
    client = deployed.account.client
    stacks = [f"s3link-{kind}" for kind in ("sender", *deployed.parts, "generator")]
    return {
        "logs": _logs(client("logs")),
        "ledger": json.dumps(deployed.rows),
        "metrics": json.dumps(client("cloudwatch").list_metrics()["Metrics"]),
        "alarms": json.dumps(client("cloudwatch").describe_alarms()["MetricAlarms"], default=str),
        "mails to the admin": "\n".join(
            f"{mail.subject}\n{mail.text}\n{mail.html}" for mail in deployed.admins_mails[1:]
        ),
        "terminal": "\n".join(deployed.printed),
        "this process's log": said,
        "stacks": "".join(
            json.dumps(client("cloudformation").describe_stack_events(StackName=s), default=str)
            + json.dumps(client("cloudformation").describe_stacks(StackName=s), default=str)
            for s in stacks
        ),
        "functions": json.dumps(client("lambda").list_functions()["Functions"], default=str),
    }


def session_secrets() -> set[str]:
    """The secret halves of every session that a function has had."""
    return {
        secret
        for session in sts_backends[LOCAL_ACCOUNT]["aws"].assumed_roles
        for secret in (session.secret_access_key, session.session_token)
    }


def as_written(secrets: set[str]) -> set[str]:
    """Secrets as they are, and as they stand in a URL."""
    return secrets | {quote(secret, safe="") for secret in secrets}


def search(places: Places, secrets: set[str]) -> set[tuple[str, str]]:
    """Where which secret stands."""
    return {(place, s) for place, text in places.items() for s in secrets if s in text}


def _logs(logs: Any) -> str:
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    pages = [
        page
        for group in groups
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    ]
    return "\n".join(event["message"] for page in pages for event in page["events"])


class _Lines(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.INFO)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(logging.Formatter().format(record))


@contextmanager
def listening() -> Iterator[list[str]]:
    """What any library logs in this process, with tracebacks."""
    lines: list[str] = []
    handler = _Lines(lines)
    logging.getLogger().addHandler(handler)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(handler)
