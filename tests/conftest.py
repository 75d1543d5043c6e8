"""What every test shares."""

from __future__ import annotations

from functools import cache

from botocore.loaders import JSONFileLoader

# Each boto3 session reads its service models anew, which was a third of the time of all tests.
# The models are the same for every session: read them once.
JSONFileLoader.load_file = cache(JSONFileLoader.load_file)  # type: ignore[method-assign]
