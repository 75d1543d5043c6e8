"""What Lambda calls. Builds the settings and the clients once, when Lambda imports it.

Importing it without the function's environment fails with SettingsError: a function that cannot
announce anything must not accept an event. Everything else is in `announcement`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config

from link_generator.announcement import Services, announce_all
from link_generator.errors import SettingsError
from link_generator.settings import Settings
from link_generator.signing import Signer

# A call that hangs must leave time for the retries inside the function's timeout.
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=3,  # seconds
    read_timeout=10,  # seconds
)
# Without v4 botocore may sign in a way that new regions refuse; regional virtual-hosted addresses
# are never redirected, which a signed link would not survive.
_S3_CONFIG = _CONFIG.merge(
    Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    )
)


def _services() -> Services:
    session = boto3.Session()
    store = session.client("s3", config=_S3_CONFIG)
    credentials = session.get_credentials()
    if credentials is None:
        raise SettingsError("LinkGenerator has no AWS credentials to sign links with.")

    def signer() -> Signer:
        return Signer(credentials.get_frozen_credentials(), store.meta.region_name)

    return Services(
        store=store,
        mail=session.client("ses", config=_CONFIG),
        signer=signer,
        clock=lambda: datetime.now(UTC),
    )


SETTINGS = Settings.from_environment(os.environ)
SERVICES = _services()


def handle(event: Mapping[str, Any], context: object) -> None:
    """Announce the files of an S3 event. An error makes Lambda try again, then dead-letter it."""
    announce_all(event, SETTINGS, SERVICES)
