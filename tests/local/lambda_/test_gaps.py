"""What moto's own Lambda does not do; a test here fails once moto has closed the gap."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from moto.cloudformation.parsing import get_model_map

from tests.local.plain_moto import ACCOUNT, REGION, TRUSTS_LAMBDA, MotoStack


def test_function(moto_stack: MotoStack) -> None:
    """moto drops dead letters, logging and tracing of a function. Gap of Function."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("main.py", "def handle(event, context): pass")
    s3 = moto_stack.client("s3")
    s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="code", Key="zip", Body=content.getvalue())
    role = moto_stack.client("iam").create_role(
        RoleName="worker", AssumeRolePolicyDocument=json.dumps(TRUSTS_LAMBDA)
    )
    moto_stack.create(
        "AWS::Lambda::Function",
        {
            "FunctionName": "subject",
            "Runtime": "python3.13",
            "Handler": "main.handle",
            "Role": role["Role"]["Arn"],
            "Code": {"S3Bucket": "code", "S3Key": "zip"},
            "DeadLetterConfig": {"TargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:letters"},
            "LoggingConfig": {"LogFormat": "JSON"},
            "TracingConfig": {"Mode": "Active"},
        },
    )

    given = moto_stack.client("lambda").get_function_configuration(FunctionName="subject")

    assert "DeadLetterConfig" not in given
    assert "LoggingConfig" not in given
    assert given["TracingConfig"] == {"Mode": "PassThrough"}


def test_permission() -> None:
    """moto cannot take a permission away again. Gap of Permission."""
    model = get_model_map()["AWS::Lambda::Permission"]

    assert hasattr(model.delete_from_cloudformation_json, "__isabstractmethod__")


def test_account_settings(moto_stack: MotoStack) -> None:
    """moto tells no limit of the account, and sets none. Gap of LambdaBackend."""
    functions = moto_stack.client("lambda")

    with pytest.raises(Exception, match=r"404|parse|Not yet implemented|Unknown"):
        functions.get_account_settings()
