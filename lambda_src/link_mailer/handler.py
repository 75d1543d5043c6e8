"""What Lambda calls. Builds the settings and the clients once, when Lambda imports it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from function.invocation import Context, invocation_of
from portal_links.request_counts import RequestCounts
from portal_links.store import Links
from signing.signer import ADDRESSES

from link_mailer.services import Desk, Services
from link_mailer.settings import Settings
from link_mailer.tasks import do

_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=3,  # seconds
    read_timeout=10,  # seconds
)
# One attempt: SES may have taken a mail whose answer never came, and botocore would send it again.
_SES_CONFIG = _CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


def _services(settings: Settings) -> Services:
    session = boto3.Session()
    tables = session.client("dynamodb", config=_CONFIG)
    return Services(
        store=session.client("s3", config=_CONFIG.merge(ADDRESSES)),
        mail=session.client("ses", config=_SES_CONFIG),
        topic=session.client("sns", config=_CONFIG),
        links=Links(tables, settings.links_table),
        counts=RequestCounts(tables, settings.counts_table),
        random_bytes=secrets.token_bytes,
    )


SETTINGS = Settings.from_environment(os.environ)
SERVICES = _services(SETTINGS)


def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Do one task. An error makes Lambda try again, then dead-letter it."""
    return do(event, Desk(SETTINGS, SERVICES, invocation_of(context)))
