"""What Lambda calls. Builds the settings and the clients once, when Lambda imports it.

Importing it without the function's environment fails with SettingsError.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from function.clients import Clients, patience
from function.invocation import utc_now
from http_api.answers import Answer
from signing.signer import signer_of
from tables.rows import Rows

from members.discovery import Login, fetch
from members.routes import answer_to
from members.sessions import SignedOut
from members.settings import Services, Settings

# Somebody is waiting, and API Gateway waits no longer than 30 seconds.
_PATIENCE = patience(attempts=2, connect=1, read=4)


def _services(settings: Settings) -> Services:
    clients = Clients(_PATIENCE)
    store, tables = clients.s3(settings.account), clients.dynamodb()
    return Services(
        store=store,
        survey=Rows(tables, settings.survey_table),
        signed_out=SignedOut(tables, settings.signed_out_table),
        users=clients.user_pools(),
        login=Login(settings.issuer, settings.client_id, settings.url, fetch),
        signer=signer_of(
            clients.session,
            store,
            settings.account,
            "Members has no AWS credentials to sign downloads with.",
        ),
        clock=utc_now,
    )


SETTINGS = Settings.from_environment(os.environ)
SERVICES = _services(SETTINGS)


def handle(event: Mapping[str, Any], context: object) -> Answer:
    """Answer a member's request. A defect is an error, which Lambda counts."""
    return answer_to(event, SETTINGS, SERVICES)
