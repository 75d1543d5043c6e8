"""The artifacts bucket: made and protected by the tool, and each zip stored once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from threading import Lock
from types import SimpleNamespace
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from deploy.aws.clients import Clients, connect_with_keys
from deploy.errors import PackageError
from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.server import EmbeddedAws
from deploy.package.artifacts import Artifact, artifact, store, template_url
from deploy.package.lambda_zip import Package

pytestmark = pytest.mark.slow

BUCKET = "s3link-artifacts-123456789012-eu-west-1"
NOT_OURS = (
    f"The artifacts bucket {BUCKET} cannot be used: it belongs to another account, or account "
    "123456789012 does not let you see it (s3:ListBucket); ask your administrator, or deploy in "
    "another region."
)


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as aws:
        yield aws


@pytest.fixture
def clients(aws: EmbeddedAws) -> Iterator[Clients]:
    """An account without an artifacts bucket."""
    clients = connect_with_keys(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY, aws.region, aws.endpoint)
    yield clients
    for bucket in clients.s3.list_buckets()["Buckets"]:
        for stored in clients.s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
            clients.s3.delete_object(Bucket=bucket["Name"], Key=stored["Key"])
        clients.s3.delete_bucket(Bucket=bucket["Name"])


def package(content: bytes) -> Package:
    return Package(content, hashlib.sha256(content).hexdigest())


def test_the_zip_is_stored_under_its_own_sha256(clients: Clients) -> None:
    """One bucket per account and region; the name tells what is in the object."""
    stored = store(clients, package(b"zip"))

    assert stored == Artifact(BUCKET, f"lambda/{package(b'zip').sha256}.zip")
    assert stored == artifact(clients, package(b"zip"))
    body = clients.s3.get_object(Bucket=stored.bucket, Key=stored.key)["Body"].read()
    assert body == b"zip"


def test_naming_a_place_makes_nothing(clients: Clients) -> None:
    """A plan can say where the zip would go, and leaves nothing behind."""
    artifact(clients, package(b"zip"))

    assert clients.s3.list_buckets()["Buckets"] == []


def test_the_same_zip_is_uploaded_once(clients: Clients) -> None:
    """A second deploy of the same code finds it there."""
    first = store(clients, package(b"zip"))
    uploaded = clients.s3.head_object(Bucket=first.bucket, Key=first.key)["LastModified"]

    second = store(clients, package(b"zip"))

    assert second == first
    assert clients.s3.head_object(Bucket=second.bucket, Key=second.key)["LastModified"] == uploaded


def test_another_zip_is_stored_beside_it(clients: Clients) -> None:
    """The one before stays: a stack that rolls back needs it."""
    store(clients, package(b"before"))
    store(clients, package(b"after"))

    stored = clients.s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert {entry["Key"] for entry in stored} == {
        f"lambda/{package(content).sha256}.zip" for content in (b"before", b"after")
    }


def unprotect(clients: Clients) -> None:
    """As if an earlier run had been interrupted right after it created the bucket."""
    clients.s3.delete_bucket_policy(Bucket=BUCKET)
    clients.s3.delete_public_access_block(Bucket=BUCKET)


@pytest.mark.parametrize("interrupted", [False, True])
def test_the_bucket_is_private_encrypted_and_tls_only(clients: Clients, interrupted: bool) -> None:
    """On the first run, and again on each later one."""
    store(clients, package(b"zip"))
    if interrupted:
        unprotect(clients)
        store(clients, package(b"zip"))

    block = clients.s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    encryption = clients.s3.get_bucket_encryption(Bucket=BUCKET)
    [rule] = encryption["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    ownership = clients.s3.get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"]
    assert ownership["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    policy = json.loads(clients.s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    [statement] = policy["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]


def test_what_an_administrator_has_set_stays(clients: Clients) -> None:
    """A key and a policy of their own are not undone by the next deploy; but it is never public."""
    store(clients, package(b"zip"))
    clients.s3.delete_public_access_block(Bucket=BUCKET)
    rule: Any = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/ours"}
    clients.s3.put_bucket_encryption(
        Bucket=BUCKET,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": rule}]},
    )
    policy = {"Version": "2012-10-17", "Statement": []}
    clients.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))

    store(clients, package(b"another zip"))

    encryption = clients.s3.get_bucket_encryption(Bucket=BUCKET)
    [kept] = encryption["ServerSideEncryptionConfiguration"]["Rules"]
    assert kept["ApplyServerSideEncryptionByDefault"] == rule
    assert json.loads(clients.s3.get_bucket_policy(Bucket=BUCKET)["Policy"]) == policy
    block = clients.s3.get_public_access_block(Bucket=BUCKET)
    assert all(block["PublicAccessBlockConfiguration"].values())


def test_the_first_region_is_not_named(aws: EmbeddedAws) -> None:
    """us-east-1 is refused as a LocationConstraint, and is what no constraint means."""
    clients = connect_with_keys(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY, "us-east-1", aws.endpoint)

    stored = store(clients, package(b"zip"))

    assert stored.bucket == "s3link-artifacts-123456789012-us-east-1"
    clients.s3.delete_object(Bucket=stored.bucket, Key=stored.key)
    clients.s3.delete_bucket(Bucket=stored.bucket)


def test_other_bytes_under_our_name_are_never_deployed(clients: Clients) -> None:
    """Whoever can write to the bucket could otherwise run code in the functions."""
    target = store(clients, package(b"zip"))
    clients.s3.put_object(
        Bucket=target.bucket, Key=target.key, Body=b"evil", ChecksumAlgorithm="SHA256"
    )

    with pytest.raises(PackageError) as failure:
        store(clients, package(b"zip"))

    assert str(failure.value) == (
        f"s3://{target.bucket}/{target.key} does not hold the Lambda code that its name promises; "
        "find out who wrote it, delete it and deploy again."
    )


_PROTECTING = ("put_public_access_block", "get_bucket_encryption", "get_bucket_policy")


class StubbedS3:
    """S3 as a script of answers; everything asked must say whose bucket it is."""

    account = "123456789012"
    region = "eu-west-1"
    partition = "aws"
    s3_host = "s3.eu-west-1.amazonaws.com"

    def __init__(self) -> None:
        self.s3 = connect_with_keys("key", "secret", self.region, None).s3
        self.script: list[tuple[str, int, dict[str, Any]]] = []
        self._lock = Lock()
        self.s3.meta.events.register("provide-client-params.s3", self._check_owner)
        self.s3.meta.events.register("before-call.s3", self._answer)

    def answers(self, operation: str, **answer: Any) -> StubbedS3:
        self.script.append((operation, 200, answer))
        return self

    def fails(self, operation: str, code: str, status: int) -> StubbedS3:
        metadata = {"HTTPStatusCode": status}
        error = {"Error": {"Code": code}, "ResponseMetadata": metadata}
        self.script.append((operation, status, error))
        return self

    def _answer(self, model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        """What comes next in the script; calls that protect the bucket come in any order."""
        asked = xform_name(model.name)
        with self._lock:
            for index, (operation, status, answer) in enumerate(self.script):
                if operation == asked:
                    del self.script[index]
                    return SimpleNamespace(status_code=status), answer
                if operation not in _PROTECTING:
                    break
        raise AssertionError(f"{asked} does not come next in {self.script}")

    def lacks_it(self) -> StubbedS3:
        """A deploy looks first whether everything is there."""
        return self.fails("head_object", "404", 404)

    def has_protected_bucket(self) -> StubbedS3:
        return self.answers("head_bucket").is_protected()

    def is_protected(self) -> StubbedS3:
        for operation in _PROTECTING:
            self.answers(operation)
        return self

    def _check_owner(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name != "CreateBucket":
            assert params["ExpectedBucketOwner"] == self.account


def test_a_bucket_of_somebody_else_is_never_touched() -> None:
    """Bucket names are the whole world's; every call says whose bucket it must be."""
    s3 = StubbedS3().fails("head_object", "403", 403).fails("head_bucket", "403", 403)

    with pytest.raises(PackageError) as failure:
        store(s3, package(b"zip"))

    assert str(failure.value) == NOT_OURS


def test_a_name_that_is_taken_meanwhile_is_not_ours() -> None:
    """Somebody may create it between looking and creating."""
    s3 = StubbedS3().lacks_it().fails("head_bucket", "404", 404)
    s3.fails("create_bucket", "BucketAlreadyExists", 409)

    with pytest.raises(PackageError) as failure:
        store(s3, package(b"zip"))

    assert str(failure.value) == NOT_OURS


def test_two_deploys_at_once_may_both_create_it() -> None:
    """The slower one finds that the bucket is its own."""
    s3 = StubbedS3().lacks_it().fails("head_bucket", "404", 404)
    s3.fails("create_bucket", "BucketAlreadyOwnedByYou", 409)
    s3.is_protected().answers("put_object")

    store(s3, package(b"zip"))

    assert s3.script == []


@pytest.mark.parametrize("made_by_another", [False, True])
def test_a_plan_removes_a_bucket_only_if_it_made_it(made_by_another: bool) -> None:
    """A deploy may make it between the plan's look and its try; then it stays, even while empty."""
    s3 = StubbedS3().fails("head_bucket", "404", 404)
    if made_by_another:
        s3.fails("create_bucket", "BucketAlreadyOwnedByYou", 409)
    else:
        s3.answers("create_bucket").is_protected()
    s3.answers("put_object", VersionId="v1").answers("delete_object")
    if not made_by_another:
        s3.answers("delete_bucket")

    with template_url(s3, "a template", is_kept=False):
        pass

    assert s3.script == []


def test_a_bucket_that_a_plan_takes_back_meanwhile_is_made_again() -> None:
    """A plan takes back the bucket that it made, perhaps between a deploy's look and its upload."""
    s3 = StubbedS3().lacks_it().has_protected_bucket().fails("put_object", "NoSuchBucket", 404)
    s3.fails("head_bucket", "404", 404).answers("create_bucket").is_protected()
    s3.answers("put_object")

    store(s3, package(b"zip"))

    assert s3.script == []


def test_an_upload_that_meets_another_is_tried_again() -> None:
    """S3 answers 409 while the same key is being written, and asks to repeat."""
    s3 = StubbedS3().lacks_it().has_protected_bucket()
    s3.fails("put_object", "ConditionalRequestConflict", 409).answers("put_object")

    store(s3, package(b"zip"))

    assert s3.script == []


def test_a_conflict_that_stays_is_told() -> None:
    """Nobody waits for ever."""
    s3 = StubbedS3().lacks_it().has_protected_bucket()
    for _ in range(5):
        s3.fails("put_object", "ConditionalRequestConflict", 409)

    with pytest.raises(ClientError, match="ConditionalRequestConflict"):
        store(s3, package(b"zip"))
