"""What every test shares."""

from __future__ import annotations

from functools import cache

import botocore.session

# Every boto3 session reads the service models of its own, which was a third of the tests' time.
# They are the same for all: one loader keeps them.
botocore.session.create_loader = cache(botocore.session.create_loader)  # type: ignore[attr-defined]
