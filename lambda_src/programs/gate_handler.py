"""NonceGate, as Lambda calls it: the API's authorizer of `GET /access-object`.

It answers only yes or no: API Gateway refuses with 403, and why is in the log.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from function.clients import Clients, patience
from function.environment import required
from function.invocation import utc_now

from programs.nonces import Nonces
from programs.one_time import authorize

_PATIENCE = patience(attempts=2, connect=1, read=2)

NONCES = Nonces(Clients(_PATIENCE).dynamodb(), required(os.environ, "NoncesTableName"))


def handle(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Let a program in, or not. An error makes API Gateway answer 500."""
    return authorize(event, NONCES, utc_now())
