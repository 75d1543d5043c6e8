"""Lets S3's lists name any key: what XML cannot carry comes URL-encoded, when that is asked for.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html (encoding-type)
AWS's own clients always ask for it. moto encodes some of the names and forgets the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from moto.core.responses import ActionResult
from moto.s3.responses import S3Response

from deploy.local.replacement import replaced

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


@contextmanager
def listed_keys_encoded() -> Iterator[None]:
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
