"""Links to S3 itself, pinned to the object version. Links are credentials: never log them."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from files.errors import FileNotReadable
from files.expiry import Validity
from files.names import LONGEST_IN_LINK, content_disposition, in_link
from files.store import FileStore, StoredFile
from files.uploads import Upload

from signing.signer import Signer

# S3 ignores query parameters that begin with "x-" but writes them to its access log
# (S3 user guide, "Customizing access logs").
DELIVERY_PARAMETER = "x-s3link-delivery"

# Outlook and the scanners of mail servers cut longer ones, as old browsers did.
LONGEST_MAILED = 2048  # characters

# A file that says that it is compressed would be saved unpacked, under a name that ends in .gz. All
# that knows encodings takes this one for none (RFC 9110, 8.4.1 and 12.5.3).
_ENCODING_PARAMETER = "response-content-encoding"
_AS_STORED = "identity"


def mailed_link(
    file: StoredFile, address: str, identifier: str, validity: Validity, signer: Signer
) -> str:
    """A signed link; its file's name is shortened if that lets mail programs leave it whole."""
    link = signed_link(file, address, identifier, validity, signer)
    excess = len(link) - LONGEST_MAILED
    if excess <= 0:
        return link
    room = in_link(content_disposition(file.name)) - excess
    shorter = signed_link(file, address, identifier, validity, signer, room)
    return shorter if len(shorter) <= LONGEST_MAILED else link


def signed_link(
    file: StoredFile,
    address: str,
    identifier: str,
    validity: Validity,
    signer: Signer,
    longest_name: int = LONGEST_IN_LINK,
) -> str:
    """A link to this version under its own name; S3's access log shows the identifier with it."""
    parameters = {
        "response-content-disposition": content_disposition(file.name, longest_name),
        DELIVERY_PARAMETER: identifier,
    }
    if file.upload.version:
        parameters["versionId"] = file.upload.version
    if file.content_encoding:
        parameters[_ENCODING_PARAMETER] = _AS_STORED
    return signer.signed_url(address, parameters, validity.starts_at, validity.seconds)


def download_url(
    file: StoredFile,
    identifier: str,
    starts_within: timedelta,
    now: datetime,
    store: FileStore,
    signer: Signer,
) -> str:
    """A link for a download that begins at once; one that has begun goes on."""
    starts_at = now.replace(microsecond=0)
    validity = Validity(starts_at, starts_at + starts_within)
    return signed_link(file, address_of(file.upload, store), identifier, validity, signer)


def download_origin(upload: Upload, store: FileStore) -> str:
    """The site that downloads of the file come from."""
    parts = urlsplit(address_of(upload, store))
    return f"{parts.scheme}://{parts.netloc}"


def is_openable(key: str) -> bool:
    """Not for a key that browsers would turn into another one (WHATWG URL, "double-dot URL path
    segment"), however it is encoded."""
    return not {".", ".."} & set(key.split("/"))


def check_openable(upload: Upload) -> None:
    """Raises FileNotReadable for a key that is not openable."""
    if not is_openable(upload.key):
        raise FileNotReadable(
            f"{upload} was not announced: browsers cannot open a link to a folder or file named "
            '"." or ".."; upload it again under another name.'
        )


def address_of(upload: Upload, store: FileStore) -> str:
    """The object's URL as botocore's endpoint rules have it: region, partition, dots in names."""
    check_openable(upload)
    url = store.generate_presigned_url("get_object", {"Bucket": upload.bucket, "Key": upload.key})
    return url.partition("?")[0]
