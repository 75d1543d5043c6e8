"""What PresignApi acts on, passed to whoever acts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from typing import Any, Protocol

from files.store import FileStore
from portal_links.store import Links
from portal_links.tokens import RandomBytes
from signing.signer import Signer

# After a busy table another try, and one more; API Gateway does not wait long.
_PAUSES = (0.1, 0.4)  # seconds


class Store(FileStore, Protocol):
    """The part of an S3 client that PresignApi uses."""

    def create_multipart_upload(self, *args: Any, **parameters: Any) -> Any: ...

    def complete_multipart_upload(self, *args: Any, **parameters: Any) -> Any: ...

    def abort_multipart_upload(self, *args: Any, **parameters: Any) -> Any: ...


@dataclass(frozen=True)
class Services:
    """`signer` is called per answer, for credentials are renewed."""

    store: Store
    links: Links
    signer: Callable[[], Signer]
    clock: Callable[[], datetime]
    random_bytes: RandomBytes = token_bytes
    sleep: Callable[[float], None] = time.sleep

    def pause(self, tries: int) -> bool:
        """Wait before another try, after so many; False when there were enough."""
        if tries >= len(_PAUSES):
            return False
        self.sleep(_PAUSES[tries])
        return True
