"""What Lambda calls. Builds the settings and the clients once, when Lambda imports it.

Importing it without the function's environment fails with SettingsError.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from function.clients import Clients, patience
from function.invocation import utc_now
from http_api.answers import Answer
from signing.signer import signer_of

from programs.nonces import Nonces
from programs.routes import answer_to
from programs.settings import Services, Settings

# API Gateway waits for 30 seconds. Putting parts together may take S3 some of them.
_PATIENCE = patience(attempts=2, connect=2, read=10)
# Twice is safe: each update knows its own request.
_TABLE_PATIENCE = patience(attempts=2, connect=1, read=2)
# botocore would ask for a checksum of every part, which those who upload by URL do not send.
_NO_CHECKSUMS = Config(
    request_checksum_calculation="when_required", response_checksum_validation="when_required"
)


def _services(settings: Settings) -> Services:
    clients = Clients(_PATIENCE)
    store = clients.s3(settings.account, _NO_CHECKSUMS)
    return Services(
        store=store,
        nonces=Nonces(clients.dynamodb(_TABLE_PATIENCE), settings.nonces_table),
        signer=signer_of(
            clients.session,
            store,
            settings.account,
            "Programs has no AWS credentials to sign with.",
        ),
        clock=utc_now,
    )


SETTINGS = Settings.from_environment(os.environ)
SERVICES = _services(SETTINGS)


def handle(event: Mapping[str, Any], context: object) -> Answer:
    """Answer a program's request. A defect is an error, which Lambda counts."""
    return answer_to(event, SETTINGS, SERVICES)
