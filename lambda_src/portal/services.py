"""What the portal acts on, passed to whoever acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from files.store import FileStore
from portal_links.request_counts import RequestCounts
from portal_links.store import Links
from signing.signer import Signer


class Functions(Protocol):
    """The part of a Lambda client that the portal uses."""

    def invoke(self, *args: Any, **parameters: Any) -> Any: ...


@dataclass(frozen=True)
class Services:
    """`signer` is called per download, for credentials are renewed."""

    store: FileStore
    links: Links
    counts: RequestCounts
    functions: Functions
    signer: Callable[[], Signer]
    clock: Callable[[], datetime]
