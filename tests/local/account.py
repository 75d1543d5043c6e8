"""An embedded AWS as tests use it: clients, and functions written in a few lines."""

from __future__ import annotations

import io
import json
import os
import textwrap
import time
import zipfile
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.iam.credentials import Keys, assume
from deploy.local.server import EmbeddedAws
from tests.waiting import until


class Account:
    """The operator of an embedded AWS."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        # One client per service and test; retries would only make expected failures slow.
        self.client = cache(self._client)
        self.worker = cache(self._worker)

    def _client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.aws.endpoint,
            region_name=self.aws.region,
            aws_access_key_id=LOCAL_ACCESS_KEY,
            aws_secret_access_key=LOCAL_SECRET_KEY,
            config=Config(signature_version="s3v4", retries={"total_max_attempts": 1})
            if service == "s3"
            else Config(retries={"total_max_attempts": 1}),
        )

    def _worker(self, service: str) -> Any:
        """A client with the keys of a session of `role`, as a function's process has them."""
        return client_with(self, service, assume(self.role, "function", self.aws.region))

    @cached_property
    def role(self) -> str:
        """The ARN of a role for functions, which may do everything."""
        created = self.client("iam").create_role(RoleName="worker", AssumeRolePolicyDocument="{}")
        self.allow(allowing("*"))
        return str(created["Role"]["Arn"])

    def allow(self, *statements: dict[str, Any]) -> None:
        """From now on this is all that the role may do."""
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        self.client("iam").put_role_policy(
            RoleName="worker", PolicyName="work", PolicyDocument=json.dumps(policy)
        )

    def create_function(self, source: str, **settings: Any) -> str:
        """A function whose handler is `handle` in `source`; gives its ARN."""
        given = {
            "FunctionName": "function",
            "Runtime": "python3.13",
            "Handler": "main.handle",
            "Role": self.role,
            "Code": {"ZipFile": zipped(source)},
            "Timeout": 900,
            **settings,
        }
        return str(self.client("lambda").create_function(**given)["FunctionArn"])

    def invoke(self, event: Any = None, **options: Any) -> dict[str, Any]:
        """The answer of `function`, with its payload read and parsed."""
        answer = self.client("lambda").invoke(
            FunctionName="function", Payload=json.dumps(event), **options
        )
        payload = answer["Payload"].read()
        answer["Payload"] = json.loads(payload) if payload else None
        return dict(answer)

    def create_bucket(self, name: str = "exchange", versioned: bool = True) -> str:
        s3 = self.client("s3")
        s3.create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": self.aws.region}
        )
        if versioned:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def notify(self, function: str, filters: list[dict[str, str]] | None = None) -> None:
        """Let the bucket `exchange` tell the function about new objects."""
        configuration: dict[str, Any] = {
            "LambdaFunctionArn": function,
            "Events": ["s3:ObjectCreated:*"],
        }
        if filters:
            configuration["Filter"] = {"Key": {"FilterRules": filters}}
        self.client("s3").put_bucket_notification_configuration(
            Bucket="exchange",
            NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]},
        )

    def log_messages(self, group: str = "/aws/lambda/function") -> list[str]:
        events = self.client("logs").filter_log_events(logGroupName=group)["events"]
        return [event["message"] for event in events]

    def metric(self, name: str, function: str = "function") -> float:
        """The sum of a metric of a function since the embedded AWS started."""
        now = time.time()
        points = self.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=name,
            Dimensions=[{"Name": "FunctionName", "Value": function}],
            StartTime=now - 3600,
            EndTime=now + 60,
            Period=3600 * 2,
            Statistics=["Sum"],
        )["Datapoints"]
        return float(sum(point["Sum"] for point in points))

    def wait_for_events(self, function: str = "function") -> None:
        """Until all events that a function was sent are done or given up; no try is left."""

        def done() -> float:
            runs = self.metric("Invocations", function)
            return runs - self.metric("Errors", function)

        def given_up() -> float:
            return self.metric("AsyncEventsDropped", function)

        until(lambda: done() + given_up() == self.metric("AsyncEventsReceived", function))


class Diary:
    """A file in which functions of a test write down, one JSON value per line, what they saw."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.file.touch()

    def source(self, then: str = "") -> str:
        """A handler that writes down its event and request, and then does `then`."""
        return textwrap.dedent(
            f"""\
            import json, os, subprocess, sys, time

            def write(value):
                with open({str(self.file)!r}, "a") as file:
                    file.write(json.dumps(value) + "\\n")

            def handle(event, context):
                write({{"event": event, "request": context.aws_request_id, "at": time.time()}})
            """
        ) + textwrap.indent(textwrap.dedent(then), "    ")

    @property
    def entries(self) -> list[Any]:
        return [json.loads(line) for line in self.file.read_text().splitlines()]

    def wait_for(self, count: int) -> list[Any]:
        until(lambda: len(self.entries) >= count)
        return self.entries


def client_with(account: Account, service: str, keys: Keys, region: str = "eu-west-1") -> Any:
    """A client with the keys of a session."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=account.aws.endpoint,
        region_name=region,
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        aws_session_token=keys.session_token,
        config=Config(retries={"total_max_attempts": 1}),
    )


def allowing(action: str, resource: str = "*", **condition: Any) -> dict[str, Any]:
    """A statement of a role's policy, with `condition` by operator."""
    return {
        "Effect": "Allow",
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    }


def zipped(source: str) -> bytes:
    """A deployment package with one module, `main`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("main.py", textwrap.dedent(source))
    return content.getvalue()


def open_files() -> int:
    """How many this process has, pipes and sockets too; on Linux only."""
    return len(list(Path("/proc/self/fd").iterdir()))


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # A killed process stays a zombie until somebody asks for its status.
    return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
