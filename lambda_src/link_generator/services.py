"""What LinkGenerator acts on, passed to whoever acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_bytes

from ledger.claims import Ledger
from portal_links.store import Links
from portal_links.tokens import RandomBytes

from link_generator.mails import MailService
from link_generator.signing import Signer
from link_generator.store import FileStore


@dataclass(frozen=True)
class Services:
    """`signer` is called per mail, for credentials are renewed. `links` where there is a portal."""

    store: FileStore
    mail: MailService
    ledger: Ledger
    signer: Callable[[], Signer]
    links: Links | None = None
    random_bytes: RandomBytes = token_bytes
