"""The handlers of Programs and NonceGate as Lambda imports them, against moto."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests
from function.errors import SettingsError
from moto import mock_aws

from tests.lambda_src.fakes import BUCKET
from tests.lambda_src.programs_world import ENVIRONMENT, request_for
from tests.templates.reading import PROGRAMS
from tests.waiting import PATIENCE

REGION: Any = "eu-west-1"
TABLE_PROPERTIES = ("AttributeDefinitions", "KeySchema", "BillingMode")
HANDLERS = ("programs.handler", "programs.gate_handler")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The account, with the functions' environment."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        nonces: Any = {name: PROGRAMS.properties("NoncesTable")[name] for name in TABLE_PROPERTIES}
        boto3.client("dynamodb").create_table(TableName=ENVIRONMENT["NoncesTableName"], **nonces)
        yield client


@pytest.fixture
def imported(s3: Any) -> Iterator[dict[str, ModuleType]]:
    """Both imported afresh, as in a new execution environment."""
    yield {name: importlib.import_module(name) for name in HANDLERS}
    for name in HANDLERS:
        del sys.modules[name]


def answered(imported: dict[str, ModuleType], event: dict[str, Any]) -> dict[str, Any]:
    answer = imported["programs.handler"].handle(event, None)
    assert answer["statusCode"] == 200, answer
    body: dict[str, Any] = json.loads(answer["body"])
    return body


def presigned(imported: dict[str, ModuleType], **parameters: object) -> dict[str, Any]:
    return answered(imported, request_for("GET /presigned-url", parameters))


def test_an_upload_and_a_download(imported: dict[str, ModuleType], s3: Any) -> None:
    """Both by URL, with what was signed, and nothing of botocore's own beside it."""
    upload = presigned(imported, operation="upload", fileKey="a b.txt", note="Für Sie")
    put = requests.put(upload["url"], b"bytes", headers=upload["headers"], timeout=PATIENCE)

    assert put.status_code == 200
    assert s3.head_object(Bucket=BUCKET, Key="a b.txt")["Metadata"] == {
        "note": "=?utf-8?b?RsO8ciBTaWU=?="
    }
    download = presigned(imported, operation="download", fileKey="a b.txt")
    assert requests.get(download["url"], timeout=PATIENCE).content == b"bytes"
    assert urlsplit(download["url"]).hostname == f"{BUCKET}.s3.eu-west-1.amazonaws.com"


def test_an_upload_in_parts(imported: dict[str, ModuleType], s3: Any) -> None:
    """botocore asks S3 for no checksum of the parts: a plain PUT sends none, and S3 would refuse
    to put the parts together."""
    asked: list[dict[str, Any]] = []
    client = imported["programs.handler"].SERVICES.store
    client.meta.events.register(
        "before-call.s3.CreateMultipartUpload",
        lambda params, **_: asked.append(dict(params["headers"])),
    )

    begun = presigned(imported, operation="upload", fileKey="a", contentLength=3, parts=1)
    tag = requests.put(begun["urls"][0], b"abc", timeout=PATIENCE).headers["etag"]
    body = begun["complete"]["body"]
    body["parts"][0]["eTag"] = tag
    done = answered(imported, request_for("POST /complete-upload", body=json.dumps(body)))

    assert not [name for name in asked[0] if "checksum" in name.lower()]
    got = s3.get_object(Bucket=BUCKET, Key="a", VersionId=done["versionId"])
    assert got["Body"].read() == b"abc"


def test_a_one_time_link(imported: dict[str, ModuleType], s3: Any) -> None:
    """Made by the one, let in once by the other, and followed."""
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"bytes")
    body = json.dumps({"bucket_name": BUCKET, "object_name": "a"})
    url = answered(imported, request_for("POST /generate-url", body=body))["url"]
    event = request_for("GET /access-object", urlsplit(url).query)

    gate = imported["programs.gate_handler"].handle
    first = gate(event, None)

    [nonce] = parse_qs(urlsplit(url).query)["nonce"]
    assert first["isAuthorized"]
    assert nonce not in str(first)
    event["requestContext"]["authorizer"] = {"lambda": first["context"]}
    answer = imported["programs.handler"].handle(event, None)
    assert requests.get(answer["headers"]["location"], timeout=PATIENCE).content == b"bytes"
    assert gate(event, None) == {"isAuthorized": False}


def test_a_defect_is_an_error_that_quotes_nothing(
    imported: dict[str, ModuleType],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Lambda counts it, and the alarm of the function tells the admin; the line is named."""
    module = imported["programs.handler"]

    # An answer of S3 without what its own model promises.
    module.SERVICES.store.meta.events.register(
        "after-call.s3.CreateMultipartUpload", lambda parsed, **_: parsed.pop("UploadId")
    )
    event = request_for(
        "GET /presigned-url",
        {"operation": "upload", "fileKey": "a", "contentLength": 3, "parts": 1},
    )
    with pytest.raises(Exception, match=r"KeyError in uploads\.py, line \d+\.") as raised:
        module.handle(event, None)

    assert type(raised.value).__name__ == "UnexpectedFailure"
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    assert str(raised.value) in caplog.text


@pytest.mark.parametrize("name", HANDLERS)
def test_without_its_environment_it_does_not_start(
    name: str, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function that cannot answer must not look as if it could."""
    monkeypatch.delenv("NoncesTableName")

    with pytest.raises(SettingsError, match="no NoncesTableName"):
        importlib.import_module(name)
