"""What a request to S3 asks for: the bucket, the object, and the permissions that it needs.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from moto.s3.models import s3_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.iam.presigned import ALGORITHM, SIGNATURE, MalformedError, read_timestamp
from deploy.local.wire.requests import Environ, query_of, raw_path, read_body

_VERBS = {"GET": "Get", "HEAD": "Get", "PUT": "Put", "POST": "Put", "DELETE": "Put"}
# What a parameter without value asks of a bucket …
_BUCKET_PARTS = {
    "accelerate": "AccelerateConfiguration",
    "acl": "BucketAcl",
    "analytics": "AnalyticsConfiguration",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "intelligent-tiering": "IntelligentTieringConfiguration",
    "inventory": "InventoryConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "metrics": "MetricsConfiguration",
    "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
# … and of an object.
_OBJECT_PARTS = {
    "acl": "Object{}Acl",
    "attributes": "Object{}Attributes",
    "legal-hold": "ObjectLegalHold",
    "retention": "ObjectRetention",
    "tagging": "Object{}Tagging",
    "torrent": "Object{}Torrent",
}
_LISTS = {"versions": "ListBucketVersions", "uploads": "ListBucketMultipartUploads"}
_LIST_KEYS = ("prefix", "delimiter", "max-keys")


@dataclass(frozen=True)
class S3Request:
    """A request to S3; `bucket` is moto's, and None where there is none of the name."""

    environ: Environ
    bucket: Any
    name: str
    key: str
    query: dict[str, str]

    @property
    def is_read(self) -> bool:
        """Whether it fetches an object, or asks about one."""
        return bool(self.key) and self.environ["REQUEST_METHOD"] in ("GET", "HEAD")

    @property
    def bucket_arn(self) -> str:
        return f"arn:aws:s3:::{self.name}"

    @property
    def is_for_no_bucket(self) -> bool:
        """Whether it names a bucket that does not exist, and does not make it."""
        makes = self.environ["REQUEST_METHOD"] == "PUT" and not self.key
        return bool(self.name) and self.bucket is None and not makes

    def context(self, now: datetime) -> dict[str, str]:
        """The condition keys that say what is asked for, and how it is signed."""
        context = {f"s3:{key}": self.query[key] for key in _LIST_KEYS if key in self.query}
        if self.bucket:
            context["kms:viaservice"] = f"s3.{self.bucket.region_name}.amazonaws.com"
        if "versionId" in self.query:
            context["s3:versionid"] = self.query["versionId"]
        return context | self._signature(now)

    def _signature(self, now: datetime) -> dict[str, str]:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html"""
        if SIGNATURE in self.query:
            kind, timestamp = "REST-QUERY-STRING", self.query.get("X-Amz-Date", "")
        elif "HTTP_AUTHORIZATION" in self.environ:
            kind, timestamp = "REST-HEADER", self.environ.get("HTTP_X_AMZ_DATE", "")
        else:
            return {"s3:authtype": "POST"}  # a browser's form; nothing else comes unsigned
        context = {"s3:authtype": kind, "s3:signatureversion": ALGORITHM}
        with contextlib.suppress(MalformedError):
            age = now - read_timestamp(timestamp)
            context["s3:signatureage"] = str(max(0, age // timedelta(milliseconds=1)))
        return context

    def permissions(self) -> Iterator[tuple[str, str]]:
        """Every action that must be allowed, with its resource."""
        if not self.name:
            yield "s3:ListAllMyBuckets", "*"
        elif self.key:
            yield from self._of_object()
        elif self.environ["REQUEST_METHOD"] == "POST" and "delete" in self.query:
            yield from self._of_deletions()
        else:
            yield f"s3:{self._bucket_action()}", self.bucket_arn
            if self.environ.get("HTTP_X_AMZ_OBJECT_OWNERSHIP"):
                yield "s3:PutBucketOwnershipControls", self.bucket_arn

    def _of_object(self) -> Iterator[tuple[str, str]]:
        arn = f"{self.bucket_arn}/{self.key}"
        action = self._object_action()
        yield f"s3:{action}", arn
        # A HEAD gives none of the bytes.
        if action.startswith("GetObject") and self.environ["REQUEST_METHOD"] == "GET":
            yield from self._of_encryption()
        if self.environ.get("HTTP_X_AMZ_TAGGING"):
            yield "s3:PutObjectTagging", arn
        if self.environ.get("HTTP_X_AMZ_ACL"):
            yield "s3:PutObjectAcl", arn
        source = urlsplit(self.environ.get("HTTP_X_AMZ_COPY_SOURCE", ""))
        if source.path:
            version = "Version" if "versionId" in source.query else ""
            yield f"s3:GetObject{version}", f"arn:aws:s3:::{unquote(source.path).lstrip('/')}"

    def _of_encryption(self) -> Iterator[tuple[str, str]]:
        """Whoever reads an object under a customer's key has S3 decrypt with it in their name.

        S3's own key (alias/aws/s3) lets everybody of the account.
        """
        versions = self.bucket.keys.getlist(self.key, []) if self.bucket else []
        wanted = self.query.get("versionId")
        found = [one for one in versions if wanted in (None, one.version_id)]
        key = getattr(found[-1], "kms_key_id", None) if found else None
        if key and not key.endswith("alias/aws/s3"):
            account = f"arn:aws:kms:{self.bucket.region_name}:{LOCAL_ACCOUNT}"
            yield "kms:Decrypt", key if key.startswith("arn:") else f"{account}:key/{key}"

    def _of_deletions(self) -> Iterator[tuple[str, str]]:
        """S3 refuses objects one by one; here one that may not be deleted keeps all."""
        try:
            root = ElementTree.fromstring(read_body(self.environ))  # noqa: S314 - never leaves here
        except ElementTree.ParseError:
            return
        for each in root.iterfind("{*}Object"):
            version = "Version" if each.findtext("{*}VersionId") else ""
            key = each.findtext("{*}Key", "")
            yield f"s3:DeleteObject{version}", f"{self.bucket_arn}/{key}"

    def _bucket_action(self) -> str:
        method = self.environ["REQUEST_METHOD"]
        for part, noun in _BUCKET_PARTS.items():
            if part in self.query:
                deletes = method == "DELETE" and part in ("policy", "website")
                return f"{'Delete' if deletes else _VERBS.get(method, 'Get')}{noun}"
        if method in ("PUT", "DELETE"):
            return "CreateBucket" if method == "PUT" else "DeleteBucket"
        if method == "POST":
            return "PutObject"
        return next((action for part, action in _LISTS.items() if part in self.query), "ListBucket")

    def _object_action(self) -> str:
        method = self.environ["REQUEST_METHOD"]
        version = "Version" if "versionId" in self.query else ""
        deletes = method == "DELETE"
        for part, noun in _OBJECT_PARTS.items():
            if part in self.query:
                verb = "Delete" if deletes else _VERBS.get(method, "Get")
                return verb + noun.format(version)
        if "uploadId" in self.query and method in ("GET", "DELETE"):
            return "AbortMultipartUpload" if deletes else "ListMultipartUploadParts"
        if method == "POST" and "restore" in self.query:
            return "RestoreObject"
        if method in ("PUT", "POST") and "select" not in self.query:
            return "PutObject"
        return f"{'Delete' if deletes else 'Get'}Object{version}"


def read_s3_request(environ: Environ) -> S3Request:
    """The bucket is named by the host or by the path."""
    buckets = s3_backends[LOCAL_ACCOUNT]["aws"].buckets
    host, path = environ.get("HTTP_HOST", ""), unquote(raw_path(environ)).removeprefix("/")
    query = dict(reversed(query_of(environ)))
    for name, bucket in list(buckets.items()):
        if host.startswith(f"{name}."):
            return S3Request(environ, bucket, name, path, query)
    name, _, key = path.partition("/")
    return S3Request(environ, buckets.get(name), name, key, query)
