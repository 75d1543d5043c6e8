"""What Lambda calls. Builds the settings and the clients once, when Lambda imports it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from typing import Any

from function.clients import Clients, patience
from function.invocation import Context, invocation_of
from portal_links.request_counts import RequestCounts
from portal_links.store import Links
from portal_links.tasks import Tasks

from link_mailer.settings import Services, Settings
from link_mailer.tasks import do


def _services(settings: Settings) -> Services:
    clients = Clients(patience(attempts=3, connect=3, read=10))
    tables = clients.dynamodb()
    return Services(
        store=clients.s3(settings.account),
        mail=clients.ses(),
        topic=clients.sns(),
        links=Links(tables, settings.links_table),
        counts=RequestCounts(tables, settings.counts_table),
        tasks=Tasks(tables, settings.counts_table),
        random_bytes=secrets.token_bytes,
    )


SETTINGS = Settings.from_environment(os.environ)
SERVICES = _services(SETTINGS)


def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Do one task. An error makes Lambda try again, then dead-letter it."""
    return do(event, SETTINGS, SERVICES, invocation_of(context))
