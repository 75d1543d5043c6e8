"""What every test shares."""

from __future__ import annotations

import gc
import signal
from functools import cache
from typing import Any

from botocore import loaders, session

# In the background, below `nohup` and in some CI, programs are started with Ctrl-C switched off,
# and so would be what the tests start. A handler is not passed on; Ctrl-C works there again.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# The service models are large, and the same for every boto3 session. Reading them for each, and
# looking through them for garbage again and again, was half of the time of all tests.
session.create_loader = cache(session.create_loader)
_load_file = loaders.JSONFileLoader.load_file


def _load_for_good(self: loaders.JSONFileLoader, file_path: str) -> Any:
    model = _load_file(self, file_path)
    gc.freeze()
    return model


loaders.JSONFileLoader.load_file = _load_for_good  # type: ignore[method-assign]
