"""What Lambda calls. Builds the settings and the clients once, when Lambda imports it.

Importing it without the function's environment fails with SettingsError: a function that cannot
announce anything must not accept an event. Everything else is in `announcement`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from function.invocation import Context, invocation_of
from ledger.claims import Ledger
from portal_links.store import Links
from signing.signer import ADDRESSES, signers

from link_generator.announcement import announce_all
from link_generator.services import Services
from link_generator.settings import Settings

# A call that hangs must leave time for the retries inside the function's timeout.
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=3,  # seconds
    read_timeout=10,  # seconds
)
# One attempt: SES may have taken a mail whose answer never came, and botocore would send it again.
_SES_CONFIG = _CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
# While the ledger is slow a claim grows old; an update that is sent twice does no harm.
_LEDGER_CONFIG = _CONFIG.merge(
    Config(
        retries={"mode": "standard", "total_max_attempts": 2},
        connect_timeout=1,  # seconds
        read_timeout=2,  # seconds
    )
)


def _services(settings: Settings) -> Services:
    session = boto3.Session()
    store = session.client("s3", config=_CONFIG.merge(ADDRESSES))
    signer = signers(
        session,
        store.meta.region_name,
        otherwise="LinkGenerator has no AWS credentials to sign links with.",
    )
    tables = session.client("dynamodb", config=_LEDGER_CONFIG)
    return Services(
        store=store,
        mail=session.client("ses", config=_SES_CONFIG),
        ledger=Ledger(tables, settings.ledger),
        signer=signer,
        links=Links(tables, settings.portal.table) if settings.portal else None,
    )


SETTINGS = Settings.from_environment(os.environ)
SERVICES = _services(SETTINGS)


def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Announce the files of an S3 event, and say how it ended with each.

    An error makes Lambda try again, then dead-letter it.
    """
    announced = announce_all(event, SETTINGS, SERVICES, invocation_of(context))
    return {
        "uploads": [
            {"file": one.upload.key, "version": one.upload.version, "outcome": one.outcome}
            for one in announced
        ]
    }
