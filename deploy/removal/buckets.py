"""Looks into buckets and empties them: all versions, delete markers and unfinished uploads.

Every call names the account that must own the bucket, so nobody else's is ever touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from botocore.exceptions import ClientError

from deploy.aws.explain import error_code
from deploy.aws.objects import delete_objects
from deploy.errors import StackError
from deploy.lambda_packages import file_size

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ObjectIdentifierTypeDef

    from deploy.aws.clients import Clients

# Files may arrive, and deletions may fail, while a bucket is emptied; then it is gone over again.
_PASSES = 5


@dataclass(frozen=True)
class BucketContents:
    """What a bucket holds: current objects, versions of all kinds, and the bytes of all."""

    name: str
    objects: int
    versions: int
    size: int
    uploads: int

    def describe(self) -> str:
        older = self.versions - self.objects
        return (
            f"{self.name} (objects: {self.objects:,}, older versions and markers: {older:,}, "
            f"{file_size(self.size)} in all)"
        )


def bucket_contents(clients: Clients, name: str) -> BucketContents | None:
    """Count what a bucket holds; None when there is no such bucket."""
    objects = versions = size = 0
    try:
        for page in version_pages(clients, name):
            listed = page.get("Versions", [])
            objects += sum(version["IsLatest"] for version in listed)
            versions += len(listed) + len(page.get("DeleteMarkers", []))
            size += sum(version["Size"] for version in listed)
        uploads = sum(1 for _ in _unfinished_uploads(clients, name))
    except ClientError as exc:
        if error_code(exc) == "NoSuchBucket":
            return None
        raise
    return BucketContents(name, objects, versions, size, uploads)


def empty_bucket(clients: Clients, name: str, removed: Callable[[int], None]) -> None:
    """Remove everything from a bucket, telling `removed` how much at a time.

    Raises StackError for a version that cannot be removed, and when files keep arriving.
    """
    failure = "files keep arriving"
    for _ in range(_PASSES):
        found = False
        for page in version_pages(clients, name):
            listed = _identifiers(page)
            found = found or bool(listed)
            failures = delete_objects(clients, name, listed)
            failure = failures[0] if failures else failure
            removed(len(listed) - len(failures))
        for upload in _unfinished_uploads(clients, name):
            clients.s3.abort_multipart_upload(
                Bucket=name, **upload, ExpectedBucketOwner=clients.account
            )
        if not found:
            return
    raise StackError(f"Bucket {name} could not be emptied: {failure}; run the command again.")


def version_pages(clients: Clients, name: str, prefix: str = "") -> Iterator[Any]:
    """boto3 asks for URL-encoded keys here, as XML cannot hold all of them, and decodes them."""
    paginator = clients.s3.get_paginator("list_object_versions")
    return iter(paginator.paginate(Bucket=name, Prefix=prefix, ExpectedBucketOwner=clients.account))


def _identifiers(page: Any) -> list[ObjectIdentifierTypeDef]:
    return [
        {"Key": version["Key"], "VersionId": version["VersionId"]}
        for kind in ("Versions", "DeleteMarkers")
        for version in page.get(kind, [])
    ]


def _unfinished_uploads(clients: Clients, name: str) -> Iterator[Any]:
    """Keys come URL-encoded, for XML cannot hold all of them; boto3 does not see to that here."""
    marker: dict[str, Any] = {}
    while True:
        page = clients.s3.list_multipart_uploads(
            Bucket=name, EncodingType="url", ExpectedBucketOwner=clients.account, **marker
        )
        decode = unquote_plus if page.get("EncodingType") == "url" else str
        for upload in page.get("Uploads", []):
            yield {"Key": decode(upload["Key"]), "UploadId": upload["UploadId"]}
        if not page.get("IsTruncated"):
            return
        marker = {
            "KeyMarker": decode(page["NextKeyMarker"]),
            "UploadIdMarker": page["NextUploadIdMarker"],
        }
