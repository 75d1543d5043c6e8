"""Lets S3 take a file that is sent with a form's type, as urllib and `curl --data` send it.

moto reads such a body as a form and stores an empty file. No service of AWS reads forms by PUT, so
moto is told of another type here; the object has that one then.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from deploy.local.wire.replies import Environ, WsgiApp

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_ANY_BYTES = "binary/octet-stream"  # what S3 calls a file without a type


class FilesNotForms:
    """WSGI: hides the type of forms from moto where the request puts something."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        kind = environ.get("CONTENT_TYPE", "").lower()
        if environ["REQUEST_METHOD"] == "PUT" and kind.startswith(_FORMS):
            environ = {**environ, "CONTENT_TYPE": _ANY_BYTES}
        return self._app(environ, start_response)
