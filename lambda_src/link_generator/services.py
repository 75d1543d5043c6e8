"""What LinkGenerator acts on, passed to whoever acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ledger.claims import Ledger

from link_generator.mails import MailService
from link_generator.signing import Signer
from link_generator.store import FileStore


@dataclass(frozen=True)
class Services:
    """`signer` is called per mail, for credentials are renewed."""

    store: FileStore
    mail: MailService
    ledger: Ledger
    signer: Callable[[], Signer]
