"""What Lambda calls. Builds the clients once, when Lambda imports it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config
from portal_links.store import Links

from fate_recorder.errors import SettingsError
from fate_recorder.recording import Services, record_all

_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=2,  # seconds
    read_timeout=4,  # seconds
)


def _services(environment: Mapping[str, str]) -> Services:
    session = boto3.Session()
    tables = session.client("dynamodb", config=_CONFIG)
    links_table = environment.get("LinksTableName")
    return Services(
        ledger=tables,
        table=_required(environment, "DeliveriesLedgerName"),
        topic=session.client("sns", config=_CONFIG),
        topic_arn=_required(environment, "CommonAlarmTopicArn"),
        clock=lambda: datetime.now(UTC),
        links=Links(tables, links_table) if links_table else None,
    )


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise SettingsError(
            f"FateRecorder's environment has no {name}; deploy the generator stack again."
        )
    return value


SERVICES = _services(os.environ)


def handle(event: Mapping[str, Any], context: object) -> None:
    """Record the fates that an SNS event tells. An error makes Lambda try again."""
    record_all(event, SERVICES)
