"""A pre-signed request to S3 as it came in, and the signature that it should carry. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_from_bytes, unquote_to_bytes

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from deploy.local.wire.requests import Environ, query_of, raw_path

ALGORITHM = "AWS4-HMAC-SHA256"
SIGNATURE = "X-Amz-Signature"
MAXIMUM_EXPIRES = 604800  # seconds, seven days
_DATE_FORMAT = "%Y%m%dT%H%M%SZ"
_UNRESERVED = "-_.~"
_NEEDED = ("X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", SIGNATURE)
_CREDENTIAL = re.compile(r"([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")


class MalformedError(Exception):
    """A parameter of the signature is missing or cannot be read; the message is S3's."""


@dataclass(frozen=True)
class PresignedRequest:
    """What a pre-signed request says about itself; `url` and `headers` are what is signed."""

    method: str
    url: str
    headers: Mapping[str, str]
    unsigned_headers: frozenset[str]  # x-amz-… headers that somebody added to the request
    access_key_id: str
    region: str
    timestamp: str
    signed_at: datetime
    valid_for: timedelta
    token: str | None
    signature: str

    @property
    def ends_at(self) -> datetime:
        return self.signed_at + self.valid_for

    def string_to_sign(self) -> str:
        signer, request = self._signer("")
        return str(signer.string_to_sign(request, signer.canonical_request(request)))

    def signature_with(self, secret_access_key: str) -> str:
        """The signature that somebody with these keys gives to exactly this request."""
        signer, request = self._signer(secret_access_key)
        return str(signer.signature(self.string_to_sign(), request))

    def _signer(self, secret_access_key: str) -> tuple[S3SigV4QueryAuth, AWSRequest]:
        request = AWSRequest(method=self.method, url=self.url, headers=dict(self.headers))
        request.context["timestamp"] = self.timestamp
        keys = Credentials(self.access_key_id, secret_access_key)
        return S3SigV4QueryAuth(keys, "s3", self.region), request


def read_presigned(environ: Environ) -> PresignedRequest:
    """Read a request whose query carries a signature. Raises MalformedError."""
    pairs = query_of(environ)
    query = dict(reversed(pairs))  # of two with one name the first counts
    _check_form(query)
    access_key_id, date, region = _scope(query["X-Amz-Credential"])
    if not query["X-Amz-Date"].startswith(date):
        raise MalformedError(f'Invalid credential date "{date}". It is not the one of X-Amz-Date.')
    signed_names = query["X-Amz-SignedHeaders"].split(";")
    amazon_names = {_header_name(key) for key in environ if key.startswith("HTTP_X_AMZ_")}
    signed_query = "&".join(
        f"{_encode(name)}={_encode(value)}" for name, value in pairs if name != SIGNATURE
    )
    return PresignedRequest(
        method=environ["REQUEST_METHOD"],
        url=f"http://{environ['HTTP_HOST']}{_canonical_path(environ)}?{signed_query}",
        headers={name: environ.get(_environ_name(name), "") for name in signed_names},
        unsigned_headers=frozenset(amazon_names.difference(signed_names)),
        access_key_id=access_key_id,
        region=region,
        timestamp=query["X-Amz-Date"],
        signed_at=read_timestamp(query["X-Amz-Date"]),
        valid_for=timedelta(seconds=_seconds(query["X-Amz-Expires"])),
        token=query.get("X-Amz-Security-Token"),
        signature=query[SIGNATURE],
    )


def read_timestamp(timestamp: str) -> datetime:
    """The moment in an X-Amz-Date. Raises MalformedError."""
    try:
        return datetime.strptime(timestamp, _DATE_FORMAT).replace(tzinfo=UTC)
    except ValueError as exc:
        raise MalformedError(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        ) from exc


def _canonical_path(environ: Environ) -> str:
    """A character may be sent encoded or not; only one way of writing it is signed."""
    return quote_from_bytes(unquote_to_bytes(raw_path(environ)), safe=f"/{_UNRESERVED}")


def _check_form(query: Mapping[str, str]) -> None:
    missing = [name for name in _NEEDED if name not in query]
    if missing:
        raise MalformedError(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, "
            "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
            f"X-Amz-Expires parameters; missing: {', '.join(missing)}."
        )
    if query.get("X-Amz-Algorithm") != ALGORITHM:
        raise MalformedError(f'X-Amz-Algorithm only supports "{ALGORITHM}"')


def _scope(credential: str) -> tuple[str, str, str]:
    """Access key id, date and region."""
    match = _CREDENTIAL.fullmatch(credential)
    if not match:
        raise MalformedError(
            "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; "
            'expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
        )
    access_key_id, date, region, service = match.groups()
    if service != "s3":
        raise MalformedError(
            f'Error parsing the X-Amz-Credential parameter; incorrect service "{service}". '
            'This endpoint belongs to "s3".'
        )
    return access_key_id, date, region


def _seconds(expires: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", expires):
        raise MalformedError("X-Amz-Expires should be a number")
    if int(expires) > MAXIMUM_EXPIRES:
        raise MalformedError(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given "
            f"X-Amz-Expires must be less than {MAXIMUM_EXPIRES} seconds"
        )
    return int(expires)


def _encode(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogateescape"), safe=_UNRESERVED)


def _environ_name(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"


def _header_name(environ_name: str) -> str:
    return environ_name.removeprefix("HTTP_").lower().replace("_", "-")
