"""What Lambda calls. Builds the client once, when Lambda imports it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config
from function.environment import required
from portal_links.store import Links

from nonce_gate.gate import authorize

# An update that is sent twice does no harm: it takes a nonce for nobody rather than for two.
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 2},
    connect_timeout=1,  # seconds
    read_timeout=2,  # seconds
)

LINKS = Links(
    boto3.Session().client("dynamodb", config=_CONFIG),
    required(os.environ, "LinksTableName"),
)


def handle(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Let a program in, or not. An error makes API Gateway answer 500."""
    return authorize(event, LINKS, datetime.now(UTC))
