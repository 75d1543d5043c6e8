"""What the HTTP API calls. Builds the settings and the clients once, when Lambda imports it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config
from portal_links.request_counts import RequestCounts
from portal_links.store import Links
from signing.signer import ADDRESSES, signers

from portal.routes import answer
from portal.services import Services
from portal.settings import Settings

# Somebody is waiting, and the API waits no longer than 30 seconds.
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 2},
    connect_timeout=2,  # seconds
    read_timeout=4,  # seconds
)


def _services(settings: Settings) -> Services:
    session = boto3.Session()
    store = session.client("s3", config=_CONFIG.merge(ADDRESSES))
    signer = signers(
        session,
        store.meta.region_name,
        otherwise="Portal has no AWS credentials to sign downloads with.",
    )
    tables = session.client("dynamodb", config=_CONFIG)
    return Services(
        store=store,
        links=Links(tables, settings.links_table),
        counts=RequestCounts(tables, settings.counts_table),
        functions=session.client("lambda", config=_CONFIG),
        signer=signer,
        clock=lambda: datetime.now(UTC),
    )


SETTINGS = Settings.from_environment(os.environ)
SERVICES = _services(SETTINGS)


def handle(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Answer one request."""
    return answer(event, SETTINGS, SERVICES)
