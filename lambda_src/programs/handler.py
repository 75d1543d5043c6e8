"""What Lambda calls. Builds the settings and the clients once, when Lambda imports it.

Importing it without the function's environment fails with SettingsError.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config
from http_api.answers import Answer
from signing.signer import ADDRESSES, signers

from programs.nonces import Nonces
from programs.routes import answer_to
from programs.settings import Services, Settings

# API Gateway waits for 30 seconds. Putting parts together may take S3 some of them.
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 2},
    connect_timeout=2,  # seconds
    read_timeout=10,  # seconds
)
# botocore would ask for a checksum of every part, which those who upload by URL do not send.
_S3_CONFIG = _CONFIG.merge(ADDRESSES).merge(
    Config(
        request_checksum_calculation="when_required", response_checksum_validation="when_required"
    )
)
_TABLE_CONFIG = _CONFIG.merge(Config(connect_timeout=1, read_timeout=2))


def _services(settings: Settings) -> Services:
    session = boto3.Session()
    store = session.client("s3", config=_S3_CONFIG)
    signer = signers(
        session,
        store.meta.region_name,
        otherwise="Programs has no AWS credentials to sign with.",
    )
    return Services(
        store=store,
        nonces=Nonces(session.client("dynamodb", config=_TABLE_CONFIG), settings.nonces_table),
        signer=signer,
        clock=lambda: datetime.now(UTC),
    )


SETTINGS = Settings.from_environment(os.environ)
SERVICES = _services(SETTINGS)


def handle(event: Mapping[str, Any], context: object) -> Answer:
    """Answer a program's request. A defect is an error, which Lambda counts."""
    return answer_to(event, SETTINGS, SERVICES)
