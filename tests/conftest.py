"""What every test shares."""

from __future__ import annotations

import gc
import signal
from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader, Loader

# In the background, below `nohup` and in some CI, programs are started with Ctrl-C switched off,
# and so would be what the tests start. A handler is not passed on; Ctrl-C works there again.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class _ReadOnce(JSONFileLoader):
    """The service models are the same for every boto3 session, and large.

    Reading them for each session, and looking through them for garbage, was half of the time of
    all tests.
    """

    @cache  # noqa: B019 - there is one, for good
    def load_file(self, file_path: str) -> Any:
        model = super().load_file(file_path)
        gc.freeze()
        return model


_READ_ONCE = _ReadOnce()
Loader.FILE_LOADER_CLASS = staticmethod(lambda: _READ_ONCE)  # type: ignore[assignment]
