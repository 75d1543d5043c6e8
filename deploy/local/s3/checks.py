"""Refuses what S3 refuses of a request that is signed and allowed: a bucket of another owner, and a
body that is not as its headers say. Writes are done one after another.

moto stores whatever comes, and looks whether a key is free some time before it writes.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from threading import RLock
from typing import Any

from deploy.local.iam.requested_s3 import S3Request, read_s3_request
from deploy.local.wire.replies import ServiceError, WsgiApp, reply
from deploy.local.wire.requests import Environ, read_body, service_of

# As a header; and in a pre-signed URL, in small letters only (aws/aws-sdk-go-v2 issue 2508).
_OWNER = "x-amz-expected-bucket-owner"
_ACCOUNT = re.compile("[0-9]{12}")
_SIGNED_IN_CHUNKS = "STREAMING-"
_CHUNK = re.compile(rb"([0-9a-fA-F]+)[^\r\n]*\r\n")
_SHA256 = re.compile("[0-9a-f]{64}")
_WRITES = ("PUT", "POST", "DELETE")


def _sha1(body: bytes) -> bytes:
    return hashlib.sha1(body).digest()  # noqa: S324 - one of S3's checksums, no secret


def _crc32(body: bytes) -> bytes:
    return zlib.crc32(body).to_bytes(4, "big")


# Of S3's checksums, those that Python has.
_CHECKSUMS: Mapping[str, Callable[[bytes], bytes]] = {
    "CRC32": _crc32,
    "SHA1": _sha1,
    "SHA256": lambda body: hashlib.sha256(body).digest(),
}


class S3Checks:
    """WSGI: lets through what S3 would do, one write after another."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app
        self._writing = RLock()

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        request = read_s3_request(environ) if service_of(environ) == "s3" else None
        if request is None or request.bucket is None:
            return self._app(environ, start_response)
        error = _wrong_owner(request)
        if error is None and request.key and environ["REQUEST_METHOD"] == "PUT":
            error = _wrong_body(environ)
        if error:
            return reply(error, "s3", environ, start_response)
        if not request.key or environ["REQUEST_METHOD"] not in _WRITES:
            return self._app(environ, start_response)
        read_body(environ)  # before the lock: a slow caller holds up nobody
        environ["CONTENT_LENGTH"] = str(len(environ["wsgi.input"].getvalue()))
        with self._writing:
            if _is_changed(request):
                return reply(_CHANGED, "s3", environ, start_response)
            return self._app(environ, start_response)


def _wrong_owner(request: S3Request) -> ServiceError | None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html"""
    owner = request.environ.get("HTTP_X_AMZ_EXPECTED_BUCKET_OWNER", request.query.get(_OWNER))
    if owner is None or owner == request.bucket.account_id:
        return None
    if not _ACCOUNT.fullmatch(owner):
        return _bad(
            "InvalidBucketOwnerAWSAccountID",
            "The value of the expected bucket owner parameter must be an AWS account ID...",
        )
    return ServiceError(HTTPStatus.FORBIDDEN, "AccessDenied", "Access Denied")


def _is_changed(request: S3Request) -> bool:
    """Whether a write expects another file under its key; moto asks that of no copy.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """
    expected = request.environ.get("HTTP_IF_MATCH")
    newest = request.bucket.keys.get(request.key)
    return expected is not None and expected != getattr(newest, "etag", None)


def _wrong_body(environ: Environ) -> ServiceError | None:
    decoded = environ.get("HTTP_X_AMZ_DECODED_CONTENT_LENGTH")
    if environ.get("HTTP_TRANSFER_ENCODING") and decoded is None:
        return ServiceError(
            HTTPStatus.NOT_IMPLEMENTED,
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
            {"Header": "Transfer-Encoding"},
        )
    length = environ.get("CONTENT_LENGTH")
    if not length and not environ.get("HTTP_TRANSFER_ENCODING"):
        return ServiceError(
            HTTPStatus.LENGTH_REQUIRED,
            "MissingContentLength",
            "You must provide the Content-Length HTTP header.",
        )
    body = read_body(environ)
    if length and len(body) < int(length):
        return _INCOMPLETE
    if environ.get("HTTP_X_AMZ_CONTENT_SHA256", "").startswith(_SIGNED_IN_CHUNKS):
        return None if decoded == str(_bytes_in_chunks(body)) else _INCOMPLETE
    return _wrong_digest(environ, body)


def _bytes_in_chunks(body: bytes) -> int:
    """What a body in aws-chunked encoding brings, without what frames it and follows it."""
    total = position = 0
    while match := _CHUNK.match(body, position):
        size = int(match.group(1), 16)
        if size == 0:
            break
        total += min(size, len(body) - match.end())
        position = match.end() + size + len(b"\r\n")
    return total


def _wrong_digest(environ: Environ, body: bytes) -> ServiceError | None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""
    signed = environ.get("HTTP_X_AMZ_CONTENT_SHA256", "")
    if _SHA256.fullmatch(signed) and signed != hashlib.sha256(body).hexdigest():
        return _bad(
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )
    given = environ.get("HTTP_CONTENT_MD5")
    if given is not None:
        md5 = hashlib.md5(body).digest()  # noqa: S324 - S3's own, no secret
        try:
            is_digest = len(b64decode(given, validate=True)) == len(md5)
        except ValueError:
            is_digest = False
        if not is_digest:
            return _bad("InvalidDigest", "The Content-MD5 you specified was invalid.")
        if given != b64encode(md5).decode():
            return _bad_digest("Content-MD5")
    for name, checksum in _CHECKSUMS.items():
        given = environ.get(f"HTTP_X_AMZ_CHECKSUM_{name}")
        if given is not None and given != b64encode(checksum(body)).decode():
            return _bad_digest(name)
    return None


def _bad(code: str, message: str) -> ServiceError:
    return ServiceError(HTTPStatus.BAD_REQUEST, code, message)


def _bad_digest(name: str) -> ServiceError:
    return _bad("BadDigest", f"The {name} you specified did not match the calculated checksum.")


_CHANGED = ServiceError(
    HTTPStatus.PRECONDITION_FAILED,
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
    {"Condition": "If-Match"},
)
_INCOMPLETE = _bad(
    "IncompleteBody",
    "You did not provide the number of bytes specified by the Content-Length HTTP header.",
)
