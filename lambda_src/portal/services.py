"""What the portal acts on, passed to whoever acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from link_generator.signing import Signer
from link_generator.store import FileStore
from portal_links.store import Links

from portal.request_counts import RequestCounts


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
