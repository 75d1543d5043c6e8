"""ACM: a certificate that is asked for is issued at once.

moto would wait a minute. AWS waits until it finds the records by which the domain is proved.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from moto import settings

from deploy.local.replacement import replaced


@contextmanager
def certificates_issued() -> Iterator[None]:
    """Inside the block, no certificate waits."""
    with replaced(settings, "ACM_VALIDATION_WAIT", -1):
        yield
