"""Deletes objects of a bucket, many with a call, and says which of them stay.

Every call names the account that must own the bucket, so nobody else's is ever touched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from deploy.lambda_packages import quoted

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import DeleteObjectRequestTypeDef, ObjectIdentifierTypeDef

    from deploy.aws.clients import Clients

# DeleteObjects takes up to 1,000 keys, which is also what ListObjectVersions gives at a time.
_BATCH = 1000

# Keys may hold characters that XML cannot, and DeleteObjects speaks XML.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def delete_objects(
    clients: Clients, bucket: str, listed: Sequence[ObjectIdentifierTypeDef]
) -> list[str]:
    """Delete these versions, or hide the objects whose version is not named.

    The sentences of those that could not be.
    """
    batch = [version for version in listed if not _NOT_XML.search(version["Key"])]
    for version in listed:
        if _NOT_XML.search(version["Key"]):
            request: DeleteObjectRequestTypeDef = {
                "Bucket": bucket,
                "Key": version["Key"],
                "ExpectedBucketOwner": clients.account,
            }
            if "VersionId" in version:
                request["VersionId"] = version["VersionId"]
            clients.s3.delete_object(**request)
    failures: list[str] = []
    for start in range(0, len(batch), _BATCH):
        answer = clients.s3.delete_objects(
            Bucket=bucket,
            Delete={"Objects": batch[start : start + _BATCH], "Quiet": True},
            ExpectedBucketOwner=clients.account,
        )
        failures += [
            f"{quoted(error.get('Key', ''))} stays ({error.get('Code')}: {error.get('Message')})"
            for error in answer.get("Errors", [])
        ]
    return failures
