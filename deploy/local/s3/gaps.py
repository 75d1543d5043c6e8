"""What moto's S3 does otherwise than S3. Each gap is closed here and nowhere else.

Each has a test in tests/local/s3 that fails once moto has closed it by itself; then it goes here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import quote

from moto.core.responses import ActionResult
from moto.iam.access_control import PermissionResult
from moto.moto_server import werkzeug_app
from moto.moto_server.utilities import RegexConverter
from moto.s3 import models
from moto.s3.exceptions import NoSuchUpload
from moto.s3.responses import S3Response

from deploy.local.replacement import replaced
from deploy.local.wire.replies import WsgiApp
from deploy.local.wire.requests import Environ

# What moto leaves as it is in each of the lists.
_FORGOTTEN = {
    "ListObjects": ("Prefix", "Delimiter", "NextMarker", "CommonPrefixes"),
    "ListObjectsV2": ("Delimiter", "StartAfter"),
    "ListObjectVersions": (
        *("Prefix", "Delimiter", "KeyMarker", "NextKeyMarker"),
        *("Versions", "DeleteMarkers", "CommonPrefixes"),
    ),
}
_NAMES = ("Key", "Prefix")  # of one entry of a list

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_ANY_BYTES = "binary/octet-stream"  # what S3 calls a file without a type


@contextmanager
def gaps_closed() -> Iterator[None]:
    """Inside the block moto's S3 does what S3 does."""
    with ExitStack() as closing:
        closing.enter_context(replaced(werkzeug_app, "RegexConverter", _AnyCharacter))
        closing.enter_context(
            replaced(models.FakeBucket, "get_permission", _bucket_policies_read_elsewhere)
        )
        closing.enter_context(
            replaced(S3Response, "_invalid_headers", _signatures_checked_elsewhere)
        )
        closing.enter_context(_listed_keys_encoded())
        closing.enter_context(_late_parts_refused())
        yield


class S3Backend(models.S3Backend):
    """moto's S3, whose access logs leave out the requests that CloudFormation makes.

    moto writes a log line while the request runs, AWS hours later. A stack that deletes a bucket
    and the bucket of its access logs would fail each time, because of the lines about the deletion.
    """

    def log_incoming_request(self, request: Any, bucket_name: str) -> None:
        if request.from_wsgi_server:
            super().log_incoming_request(request, bucket_name)


class FilesNotForms:
    """WSGI: takes a file that comes with a form's type, as urllib and `curl --data` send it.

    moto reads such a body as a form and stores an empty file. No service of AWS reads forms by
    PUT, so moto is told of another type here; the object has that one then.
    """

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        kind = environ.get("CONTENT_TYPE", "").lower()
        if environ["REQUEST_METHOD"] == "PUT" and kind.startswith(_FORMS):
            environ = {**environ, "CONTENT_TYPE": _ANY_BYTES}
        return self._app(environ, start_response)


class _AnyCharacter(RegexConverter):
    """Finds the route of object keys with line breaks.

    In moto's patterns a dot means any character, but says any except a line break.
    """

    def __init__(self, url_map: Any, *items: str) -> None:
        super().__init__(url_map, f"(?s:{items[0]})", *items[1:])


def _bucket_policies_read_elsewhere(*_: Any) -> PermissionResult:
    """deploy/local/iam/authorization.py reads them.

    moto refuses everybody where a condition does not hold; on AWS such a statement says nothing.
    """
    return PermissionResult.NEUTRAL


def _signatures_checked_elsewhere(*_: Any) -> bool:
    """deploy/local/s3/signatures.py checks them.

    Of a key that has only old versions left moto takes the link's response-content-… for headers
    that are missing, and refuses the signature.
    """
    return False


@contextmanager
def _listed_keys_encoded() -> Iterator[None]:
    """Lists can name any key: what XML cannot carry comes URL-encoded, when that is asked for.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html (encoding-type)
    AWS's own clients always ask for it. moto encodes some of the names and forgets the others.
    """
    serialized = S3Response.serialized

    def encode(response: Any, result: Any) -> Any:
        forgotten = _FORGOTTEN.get(response.data.get("Action"), ())
        wanted = response.querystring.get("encoding-type") == ["url"]
        if wanted and forgotten and isinstance(result.result, dict):
            given = {name: result.result[name] for name in forgotten if name in result.result}
            encoded = {name: _encoded(value) for name, value in given.items()}
            result = ActionResult({**result.result, **encoded, "EncodingType": "url"})
        return serialized(response, result)

    with replaced(S3Response, "serialized", encode):
        yield


def _encoded(value: Any) -> Any:
    if isinstance(value, list):
        return [
            {name: _encoded(one) if name in _NAMES else one for name, one in entry.items()}
            for entry in value
        ]
    return quote(value) if isinstance(value, str) else value


@contextmanager
def _late_parts_refused() -> Iterator[None]:
    """Parts of an upload that was completed or given up are refused; moto fails instead.

    Whoever has the URL of a part may come that late.
    """
    original = models.S3Backend.upload_part

    def upload_part(backend: Any, bucket: str, upload: str, part: int, value: bytes) -> Any:
        if upload not in backend.get_bucket(bucket).multiparts:
            raise NoSuchUpload(upload_id=upload)
        return original(backend, bucket, upload, part, value)

    with replaced(models.S3Backend, "upload_part", upload_part):
        yield
