"""Signs the download of one click."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from files.expiry import Validity
from files.store import StoredFile
from portal_links.files import upload_of
from portal_links.links import Link
from signing.links import address_of, signed_link

from portal.services import Services

# Long enough to follow a redirect; a download that has begun goes on.
LIFETIME = timedelta(seconds=60)


def download_url(link: Link, file: StoredFile, now: datetime, services: Services) -> str:
    """Where the file is for the next LIFETIME, under its own name. A credential."""
    starts_at = now.replace(microsecond=0)
    validity = Validity(starts_at, starts_at + LIFETIME)
    address = address_of(file.upload, services.store)
    return signed_link(file.upload, address, link.id, validity, services.signer())


def download_origin(link: Link, services: Services) -> str:
    """Where downloads come from: browsers check a form's redirect against form-action too."""
    parts = urlsplit(address_of(upload_of(link), services.store))
    return f"{parts.scheme}://{parts.netloc}"
