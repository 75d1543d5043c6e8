"""Does what a program does with the API for programs: an upload by URL, and a link that works once.

As a program it has keys of the account and signs its requests with them; the URLs that it gets are
opened without any credentials.
"""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.parse import quote, urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from deploy.errors import LocalError
from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.run import LocalDeployment

_KEYS = Credentials(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY)
_TIMEOUT = 60.0  # seconds


@dataclass(frozen=True)
class Fetched:
    """What a one-time link gave, and the status with which it refused to give it again."""

    content: bytes
    second_status: int


def upload(local: LocalDeployment, key: str, content: bytes) -> None:
    """Ask for a URL and put the content there."""
    asked = {"operation": "upload", "fileKey": key, "contentLength": len(content)}
    query = urlencode(asked, quote_via=quote)
    answer = json.loads(_call(local, "GET", f"/presigned-url?{query}"))
    put = urllib.request.Request(answer["url"], content, answer["headers"], method="PUT")  # noqa: S310 - an address of the embedded AWS
    _opened(put)


def fetch_once(local: LocalDeployment, key: str) -> Fetched:
    """Ask for a one-time link, open it, and open it again."""
    body = json.dumps({"bucket_name": local.bucket, "object_name": key}).encode()
    link = json.loads(_call(local, "POST", "/generate-url", body))["url"]
    content = _opened(urllib.request.Request(link))  # noqa: S310 - see above
    try:
        with urllib.request.urlopen(link, timeout=_TIMEOUT) as again:  # noqa: S310 - see above
            return Fetched(content, again.status)
    except HTTPError as exc:
        return Fetched(content, exc.code)


def _call(local: LocalDeployment, method: str, target: str, body: bytes | None = None) -> bytes:
    """One signed request to the API."""
    url = f"{local.programs}{target}"
    signed = AWSRequest(method, url, data=body)
    SigV4Auth(_KEYS, "execute-api", local.region).add_auth(signed)
    headers = dict(signed.headers.items())
    return _opened(urllib.request.Request(url, body, headers, method=method))  # noqa: S310 - see above


def _opened(request: urllib.request.Request) -> bytes:
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - see above
            content: bytes = answer.read()
    except HTTPError as exc:
        raise LocalError(
            f"The API for programs answered {exc.code} to {request.get_method()}; run "
            "`s3link local --with programs` and read `s3link logs --programs`."
        ) from exc
    return content
