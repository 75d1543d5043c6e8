"""What Lambda calls. Builds the clients once, when Lambda imports it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from function.clients import Clients, patience
from function.environment import required
from function.invocation import utc_now
from portal_links.store import Links

from fate_recorder.recording import Services, record_all


def _services(environment: Mapping[str, str]) -> Services:
    clients = Clients(patience(attempts=3, connect=2, read=4))
    tables = clients.dynamodb()
    links_table = environment.get("LinksTableName")
    return Services(
        ledger=tables,
        table=_required(environment, "DeliveriesLedgerName"),
        topic=clients.sns(),
        topic_arn=_required(environment, "CommonAlarmTopicArn"),
        clock=utc_now,
        deployment=_required(environment, "DeploymentName"),
        links=Links(tables, links_table) if links_table else None,
    )


def _required(environment: Mapping[str, str], name: str) -> str:
    missing = f"FateRecorder's environment has no {name}; deploy the generator stack again."
    return required(environment, name, otherwise=missing)


SERVICES = _services(os.environ)


def handle(event: Mapping[str, Any], context: object) -> None:
    """Record the fates that an SNS event tells. An error makes Lambda try again."""
    record_all(event, SERVICES)
