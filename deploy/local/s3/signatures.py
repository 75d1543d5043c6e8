"""Refuses S3 requests that S3 refuses: pre-signed URLs expired or changed, and unsigned requests.

moto hands any object to anyone. Only signatures in the query are checked; who signs in a header
is a tool of the operator, and from those the embedded AWS takes any keys.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from deploy.local.iam.credentials import Keys, find_keys
from deploy.local.iam.presigned import SIGNATURE, MalformedError, PresignedRequest, read_presigned
from deploy.local.iam.requested_s3 import read_s3_request
from deploy.local.wire.replies import ServiceError, WsgiApp, reply
from deploy.local.wire.requests import Environ, query_of

_CLOCK_SKEW = timedelta(minutes=15)  # how far ahead of S3's clock the signer's may be
_ISO = "%Y-%m-%dT%H:%M:%SZ"


class SignatureCheck:
    """WSGI: lets through what S3 would let through. `clock` tells what time it is."""

    def __init__(self, app: WsgiApp, clock: Callable[[], datetime]) -> None:
        self._app = app
        self._clock = clock

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        error = self._check(environ)
        if error:
            return reply(error, "s3", environ, start_response)
        return self._app(environ, start_response)

    def _check(self, environ: Environ) -> ServiceError | None:
        names = {name for name, _ in query_of(environ)}
        if "HTTP_AUTHORIZATION" in environ:
            return _TWO_SIGNATURES if SIGNATURE in names else None
        bucket = read_s3_request(environ).bucket
        if SIGNATURE in names:
            return self._check_presigned(environ, bucket)
        if {"AWSAccessKeyId", "Signature"} <= names:
            return _OLD_SIGNATURE
        if bucket and not _signs_elsewhere(environ):
            return _UNSIGNED
        return None

    def _check_presigned(self, environ: Environ, bucket: Any) -> ServiceError | None:
        try:
            request = read_presigned(environ)
        except MalformedError as exc:
            return _malformed(str(exc))
        if bucket and request.region != bucket.region_name:
            return _wrong_region(request.region, bucket.region_name)
        return refusal(request, find_keys(request.access_key_id), self._clock())


def refusal(request: PresignedRequest, keys: Keys | None, now: datetime) -> ServiceError | None:
    """Why S3 refuses the request at this moment; None when it serves it. Pure."""
    if keys is None:
        return ServiceError(
            HTTPStatus.FORBIDDEN,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            {"AWSAccessKeyId": request.access_key_id},
        )
    expected = request.signature_with(keys.secret_access_key)
    if not hmac.compare_digest(expected.encode(), request.signature.encode()):
        return _wrong_signature(request)
    if request.unsigned_headers:
        return _denied(
            "There were headers present in the request which were not signed",
            HeadersNotSigned=", ".join(sorted(request.unsigned_headers)),
        )
    if now + _CLOCK_SKEW < request.signed_at:
        return _denied("Request is not valid yet", ServerTime=now.strftime(_ISO))
    if now >= request.ends_at:
        return _denied(
            "Request has expired",
            **{"X-Amz-Expires": f"{request.valid_for.total_seconds():.0f}"},
            Expires=request.ends_at.strftime(_ISO),
            ServerTime=now.strftime(_ISO),
        )
    return _token_refusal(request, keys, now)


def _token_refusal(request: PresignedRequest, keys: Keys, now: datetime) -> ServiceError | None:
    """S3 answers 400 here, not 403 (seen by users: craftcms/aws-s3 182, ex-aws/ex_aws 228)."""
    if request.token != keys.session_token:
        message = "The provided token is malformed or otherwise invalid."
        return ServiceError(HTTPStatus.BAD_REQUEST, "InvalidToken", message)
    if keys.expires and now >= keys.expires:
        message = "The provided token has expired."
        return ServiceError(HTTPStatus.BAD_REQUEST, "ExpiredToken", message)
    return None


def _signs_elsewhere(environ: Environ) -> bool:
    """A browser's form signs in its fields; its question before a call is never signed."""
    form = environ.get("CONTENT_TYPE", "").startswith("multipart/form-data")
    method: str = environ["REQUEST_METHOD"]
    return method == "OPTIONS" or (method == "POST" and form)


def _denied(message: str, **details: str) -> ServiceError:
    return ServiceError(HTTPStatus.FORBIDDEN, "AccessDenied", message, details)


_UNSIGNED = _denied("Access Denied")
_TWO_SIGNATURES = ServiceError(
    HTTPStatus.BAD_REQUEST,
    "InvalidArgument",
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
    "string parameter or the Authorization header should be specified",
)
_OLD_SIGNATURE = ServiceError(
    HTTPStatus.BAD_REQUEST,
    "InvalidRequest",
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
)


def _malformed(message: str) -> ServiceError:
    return ServiceError(HTTPStatus.BAD_REQUEST, "AuthorizationQueryParametersError", message)


def _wrong_region(given: str, region: str) -> ServiceError:
    return _malformed(
        "Error parsing the X-Amz-Credential parameter; "
        f"the region '{given}' is wrong; expecting '{region}'"
    )


def _wrong_signature(request: PresignedRequest) -> ServiceError:
    return ServiceError(
        HTTPStatus.FORBIDDEN,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method.",
        {
            "AWSAccessKeyId": request.access_key_id,
            "StringToSign": request.string_to_sign(),
            "SignatureProvided": request.signature,
        },
    )
