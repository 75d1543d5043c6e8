"""What every test shares."""

from __future__ import annotations

import signal
from functools import cache

from botocore.loaders import JSONFileLoader, Loader

# In the background, below `nohup` and in some CI, programs are started with Ctrl-C switched off,
# and so would be what the tests start. A handler is not passed on; Ctrl-C works there again.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class _ReadOnce(JSONFileLoader):
    load_file = cache(JSONFileLoader.load_file)


# Each boto3 session reads its service models anew, which was a third of the time of all tests.
# The models are the same for every session: one loader for all of them reads each file once.
_READ_ONCE = _ReadOnce()
Loader.FILE_LOADER_CLASS = staticmethod(lambda: _READ_ONCE)  # type: ignore[assignment]
