"""What the HTTP API calls. Builds the settings and the clients once, when Lambda imports it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from function.clients import Clients, patience
from function.invocation import utc_now
from portal_links.request_counts import RequestCounts
from portal_links.store import Links
from signing.signer import signer_of

from portal.routes import answer
from portal.settings import Services, Settings

# Somebody is waiting, and the API waits no longer than 30 seconds.
_PATIENCE = patience(attempts=2, connect=2, read=4)


def _services(settings: Settings) -> Services:
    clients = Clients(_PATIENCE)
    store, tables = clients.s3(settings.account), clients.dynamodb()
    return Services(
        store=store,
        links=Links(tables, settings.links_table),
        counts=RequestCounts(tables, settings.counts_table),
        functions=clients.functions(),
        signer=signer_of(
            clients.session,
            store,
            settings.account,
            "Portal has no AWS credentials to sign downloads with.",
        ),
        clock=utc_now,
    )


SETTINGS = Settings.from_environment(os.environ)
SERVICES = _services(SETTINGS)


def handle(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Answer one request."""
    return answer(event, SETTINGS, SERVICES)
