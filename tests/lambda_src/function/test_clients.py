"""The clients of a function: what each call of them says, whoever makes it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import Stubber
from function.clients import Clients, patience

ACCOUNT = "123456789012"
OBJECT = {"Bucket": "example-files", "Key": "report.pdf"}
UPLOAD = {**OBJECT, "UploadId": "1"}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("head_bucket", {"Bucket": "example-files"}),
    ("head_object", OBJECT),
    ("get_object", OBJECT),
    ("list_objects_v2", {"Bucket": "example-files"}),
    ("list_object_versions", {"Bucket": "example-files"}),
    ("create_multipart_upload", OBJECT),
    ("complete_multipart_upload", UPLOAD),
    ("abort_multipart_upload", UPLOAD),
]


@pytest.fixture(autouse=True)
def _with_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


@pytest.mark.parametrize(("operation", "given"), CALLS, ids=[name for name, _ in CALLS])
def test_every_call_of_s3_says_whose_the_bucket_must_be(
    operation: str, given: dict[str, Any]
) -> None:
    """A bucket that was deleted is anybody's to make; none of its caller's words goes there."""
    store = Clients(patience(attempts=1, connect=1, read=1)).s3(ACCOUNT)
    expected = {**given, "ExpectedBucketOwner": ACCOUNT}

    with Stubber(store) as s3:
        s3.add_response(operation, {}, expected)
        getattr(store, operation)(**given)
