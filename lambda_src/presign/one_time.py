"""A link that works exactly once, for one program: to one version of a file, at most as long as
the file stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from files.expiry import file_ends, row_ends
from files.store import StoredFile
from files.uploads import Upload
from http_api.fields import check_names, number, text
from http_api.requests import BadRequest, Request, shown
from portal_links import rows
from portal_links.store import NewLink
from portal_links.tokens import new_link_id, new_token, one_time_link_to
from tables.service import TableError

from presign import log
from presign.errors import NotThere
from presign.faults import table_fault
from presign.files import find
from presign.keys import check_key
from presign.services import Services
from presign.settings import Settings

# Beyond every ExchangableObjectsTTL (3,650 days): the file's end is what counts then.
_LONGEST_EXPIRES = 10**9  # seconds


def one_time_link(
    body: Mapping[str, Any], settings: Settings, services: Services, request: Request
) -> dict[str, Any]:
    """Raises BadRequest, NotThere or Unavailable."""
    check_names(body, ("bucket_name", "object_name", "expires"), "field")
    # The same sentence for every other bucket: whose they are, and whether they are, is no
    # business of the caller's.
    if text(body, "bucket_name") != settings.bucket:
        raise BadRequest("bucket_name is not the bucket of this portal; name that one.")
    key = text(body, "object_name")
    check_key("object_name", key, settings)
    expires = number(body, "expires", 1, _LONGEST_EXPIRES) if "expires" in body else None
    now = services.clock()
    file = find(Upload(settings.bucket, key, None), services)
    link = _new_link(file, _ends(file, expires, settings, now), settings, services)
    try:
        services.links.make([link], now, services.pause)
    except TableError as exc:
        raise table_fault(f"No link to {shown(key)} was made", exc) from exc
    log.done("Made a one-time link to", key, request, version=link.version, link=link.token.link_id)
    return {"url": one_time_link_to(settings.portal_url, link.token)}


def _ends(file: StoredFile, expires: int | None, settings: Settings, now: datetime) -> datetime:
    """The caller's wish, but never beyond the file's end."""
    ends = file_ends(file, settings)
    if ends <= now:
        raise NotThere(
            f"{shown(file.upload.key)} may be removed at any moment, for its time is over; "
            "upload it again."
        )
    return ends if expires is None else min(ends, now + timedelta(seconds=expires))


def _new_link(file: StoredFile, ends: datetime, settings: Settings, services: Services) -> NewLink:
    return NewLink(
        token=new_token(new_link_id(services.random_bytes), services.random_bytes),
        kind=rows.PROGRAM,
        bucket=file.upload.bucket,
        key=file.upload.key,
        version=file.upload.version,
        recipient=None,
        expires_at=ends,
        file_ends_at=file_ends(file, settings),
        removed_at=row_ends(file, settings),
        modified_at=file.last_modified,
        max_downloads=1,
    )
