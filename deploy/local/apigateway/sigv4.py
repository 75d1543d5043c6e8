"""A signature in a request's Authorization header (version 4), and the one it should be. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, unquote_to_bytes

from botocore.utils import normalize_url_path

from deploy.local.apigateway.requests import ApiRequest
from deploy.local.iam.credentials import Keys
from deploy.local.iam.presigned import ALGORITHM, MalformedError, read_timestamp

SERVICE = "execute-api"
_CLOCK_SKEW = timedelta(minutes=5)  # either way
_HEADER = re.compile(
    rf"{ALGORITHM} +Credential=([^/, ]+)/(\d{{8}})/([^/, ]+)/([^/, ]+)/aws4_request, *"
    r"SignedHeaders=([^, ]+), *Signature=([0-9a-f]+)"
)
_UNRESERVED = "-_.~"


class SignatureError(Exception):
    """The signature is missing or does not hold; the message says why, for the log."""


@dataclass(frozen=True)
class Signature:
    """What a request says of its signature."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_names: tuple[str, ...]
    value: str

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def read_signature(request: ApiRequest) -> Signature:
    """Raises SignatureError when the request is not signed in its header."""
    match = _HEADER.fullmatch(request.headers.get("authorization", ""))
    if not match:
        raise SignatureError("The request is not signed.")
    access_key_id, date, region, service, names, value = match.groups()
    return Signature(access_key_id, date, region, service, tuple(names.split(";")), value)


def check_signature(
    request: ApiRequest, signature: Signature, keys: Keys | None, region: str
) -> None:
    """Raises SignatureError unless whoever has `keys` has signed exactly this request just now."""
    if keys is None:
        raise SignatureError("Nobody has these keys.")
    if (signature.service, signature.region) != (SERVICE, region):
        raise SignatureError(f"It is signed for {signature.service} in {signature.region}.")
    timestamp = _check_time(request, signature)
    needed = {"host", *(name for name in request.headers if name.startswith("x-amz-"))}
    if missing := needed.difference(signature.signed_names):
        raise SignatureError(f"Headers are not signed: {', '.join(sorted(missing))}.")
    if request.headers.get("x-amz-security-token") != keys.session_token:
        raise SignatureError("The session token is not the one of these keys.")
    if keys.expires and request.at >= keys.expires:
        raise SignatureError("The session has ended.")
    expected = signature_with(keys.secret_access_key, request, signature, timestamp)
    if not hmac.compare_digest(expected, signature.value):
        raise SignatureError("The signature is not the one of this request.")


def signature_with(secret: str, request: ApiRequest, signature: Signature, timestamp: str) -> str:
    """The signature that somebody with this secret key gives to the request."""
    canonical = hashlib.sha256(_canonical(request, signature).encode()).hexdigest()
    text = "\n".join([ALGORITHM, timestamp, signature.scope, canonical])
    key = f"AWS4{secret}".encode()
    for part in signature.scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _check_time(request: ApiRequest, signature: Signature) -> str:
    timestamp = request.headers.get("x-amz-date", "")
    try:
        signed_at: datetime = read_timestamp(timestamp)
    except MalformedError as exc:
        raise SignatureError(str(exc)) from exc
    if not timestamp.startswith(signature.date):
        raise SignatureError("The date of the credential is not the one of X-Amz-Date.")
    if abs(request.at - signed_at) > _CLOCK_SKEW:
        raise SignatureError(f"It was signed at {timestamp}, which is not now.")
    return timestamp


def _canonical(request: ApiRequest, signature: Signature) -> str:
    headers = [
        f"{name}:{' '.join(request.headers.get(name, '').split())}"
        for name in signature.signed_names
    ]
    return "\n".join(
        [
            request.method,
            quote(normalize_url_path(request.sent_path), safe=f"/{_UNRESERVED}"),
            _canonical_query(request.query),
            *headers,
            "",
            ";".join(signature.signed_names),
            hashlib.sha256(request.body).hexdigest(),
        ]
    )


def _canonical_query(query: str) -> str:
    """A character may be sent encoded or not; only one way of writing it is signed."""
    pairs = []
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        pairs.append((_encoded(name), _encoded(value)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text), safe=_UNRESERVED)
