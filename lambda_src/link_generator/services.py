"""What LinkGenerator acts on, passed to whoever acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_bytes

from files.store import FileStore
from ledger.claims import Ledger
from mail.sending import MailService
from portal_links.store import Links
from portal_links.tokens import RandomBytes
from signing.signer import Signer


@dataclass(frozen=True)
class Services:
    """`signer` is called per mail, for credentials are renewed. `links` where there is a portal."""

    store: FileStore
    mail: MailService
    ledger: Ledger
    signer: Callable[[], Signer]
    links: Links | None = None
    random_bytes: RandomBytes = token_bytes
