"""What Lambda calls. Builds the settings and the clients once, when Lambda imports it.

Importing it without the function's environment fails with SettingsError: a function that cannot
announce anything must not accept an event. Everything else is in `announcement`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from function.clients import Clients, patience
from function.invocation import Context, invocation_of
from ledger.claims import Ledger
from portal_links.store import Links
from signing.signer import signer_of

from link_generator.announcement import announce_all
from link_generator.closing import close_group, is_wake_up
from link_generator.gathered_files import GatheredFiles
from link_generator.settings import Gathering, Services, Settings
from link_generator.wake_ups import WakeUps

# A call that hangs must leave time for the retries inside the function's timeout.
_PATIENCE = patience(attempts=3, connect=3, read=10)
# While the ledger is slow a claim grows old; an update that is sent twice does no harm.
_LEDGER_PATIENCE = patience(attempts=2, connect=1, read=2)
# For which a client of botocore keeps connections.
_READERS = 10


def _services(settings: Settings) -> Services:
    clients = Clients(_PATIENCE)
    store, tables = clients.s3(settings.account), clients.dynamodb(_LEDGER_PATIENCE)
    gathering = None
    if settings.gathering:
        gathering = Gathering(
            files=GatheredFiles(tables, settings.gathering.table),
            # Made when the first file waits: other runs need no time for it.
            wake_ups=WakeUps(cache(clients.schedules), settings.gathering.target),
            manifests=store,
        )
    return Services(
        store=store,
        mail=clients.ses(),
        ledger=Ledger(tables, settings.ledger),
        signer=signer_of(
            clients.session,
            store,
            settings.account,
            "LinkGenerator has no AWS credentials to sign links with.",
        ),
        links=Links(tables, settings.portal.table) if settings.portal else None,
        gathering=gathering,
        readers=_READERS,
    )


SETTINGS = Settings.from_environment(os.environ)
SERVICES = _services(SETTINGS)


def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Announce the files of an S3 event, or those that waited, and say how it ended with each.

    An error makes Lambda try again, then dead-letter it.
    """
    work = close_group if is_wake_up(event) else announce_all
    announced = work(event, SETTINGS, SERVICES, invocation_of(context))
    return {
        "uploads": [
            {
                "file": one.upload.key,
                "version": one.upload.version,
                "outcome": one.outcome,
                "revoked": [str(address) for address in one.revoked],
            }
            for one in announced
        ]
    }
