"""A function as it is configured right now, and the environment that its processes get. Pure.

Read from moto's LambdaFunction, which carries more once `resource_types.Function` has made it:
dead_letter_target_arn (of DeadLetterConfig, or None) and logging_config ({} when absent).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.local.iam.credentials import Keys

LATEST = "$LATEST"
_RETRIES = 2  # of an asynchronous event, AWS's default
_MAXIMUM_EVENT_AGE = 21600  # seconds, AWS's default


@dataclass(frozen=True)
class FunctionSettings:
    """Everything that a running process depends on; once it differs, new processes are needed."""

    name: str
    arn: str
    account: str
    region: str
    runtime: str
    handler: str
    role: str
    timeout: float  # seconds
    memory: int  # MiB
    code_sha256: str
    environment: tuple[tuple[str, str], ...]
    log_group: str
    log_format: str
    log_level: str

    @classmethod
    def of(cls, function: Any) -> FunctionSettings:
        """Read moto's LambdaFunction."""
        logging: Mapping[str, str] = getattr(function, "logging_config", {})
        log_format = logging.get("LogFormat", "Text")
        return cls(
            name=function.function_name,
            arn=function.function_arn,
            account=function.account_id,
            region=function.region,
            runtime=function.run_time or "",
            handler=function.handler or "",
            role=function.role,
            timeout=float(function.timeout),
            memory=int(function.memory_size),
            code_sha256=function.code_sha_256,
            environment=tuple(sorted(function.environment_vars.items())),
            log_group=logging.get("LogGroup", f"/aws/lambda/{function.function_name}"),
            log_format=log_format,
            log_level=logging.get("ApplicationLogLevel", "INFO" if log_format == "JSON" else ""),
        )


@dataclass(frozen=True)
class InvocationRules:
    """What happens to an asynchronous event: retries, age in seconds, where it ends."""

    retries: int
    maximum_event_age: int
    dead_letter_target_arn: str | None


def invocation_rules(function: Any) -> InvocationRules:
    """The rules of a function, from its DeadLetterConfig and its EventInvokeConfig."""
    configurations = getattr(function, "event_invoke_config", [])
    given: dict[str, Any] = configurations[0].config if configurations else {}
    return InvocationRules(
        retries=int(given.get("MaximumRetryAttempts", _RETRIES)),
        maximum_event_age=int(given.get("MaximumEventAgeInSeconds", _MAXIMUM_EVENT_AGE)),
        dead_letter_target_arn=getattr(function, "dead_letter_target_arn", None),
    )


@dataclass(frozen=True)
class ProcessContext:
    """What differs from one process of a function to the next."""

    keys: Keys
    endpoint: str
    runtime_api: str
    log_stream: str
    code: str  # the directory with the unpacked zip
    home: str  # a directory that nobody else uses


def process_environment(settings: FunctionSettings, context: ProcessContext) -> dict[str, str]:
    """The template's variables, Lambda's reserved and usual ones; nothing of this process's own.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    HOME and TMPDIR are not Lambda's: they keep the operator's ~/.aws and /tmp out of reach.
    """
    reserved = {
        "AWS_ACCESS_KEY_ID": context.keys.access_key_id,
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": context.endpoint,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{settings.runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings.memory),
        "AWS_LAMBDA_FUNCTION_NAME": settings.name,
        "AWS_LAMBDA_FUNCTION_VERSION": LATEST,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": settings.log_format,
        "AWS_LAMBDA_LOG_GROUP_NAME": settings.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": context.log_stream,
        "AWS_LAMBDA_RUNTIME_API": context.runtime_api,
        "AWS_REGION": settings.region,
        "AWS_SECRET_ACCESS_KEY": context.keys.secret_access_key,
        "AWS_SESSION_TOKEN": context.keys.session_token or "",
        "HOME": context.home,
        "LAMBDA_TASK_ROOT": context.code,
        "TMPDIR": context.home,
        "_HANDLER": settings.handler,
    }
    if settings.log_level:
        reserved["AWS_LAMBDA_LOG_LEVEL"] = settings.log_level
    usual = {"LANG": "C.UTF-8", "TZ": ":UTC"}
    return {**usual, **dict(settings.environment), **reserved}
