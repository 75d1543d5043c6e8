"""Reads requests: who signed them for which service, and which operation they call.

The credential scope of a signature names keys, region and service. S3's requests say their
operation in other ways; see deploy/local/iam/requested_s3.py.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_to_bytes, urlsplit

import botocore.session
from botocore.exceptions import UnknownServiceError

from deploy.local import LOCAL_ACCOUNT

Environ = dict[str, Any]

# Where IAM calls a service by another name than signatures do, or botocore by another than IAM.
_IAM_NAMES = {"monitoring": "cloudwatch"}
_REST_MODELS = {"ses": "sesv2"}
# Whose bodies are parameters, as JSON; those of others may be anything.
_JSON_BODIES = frozenset({"scheduler"})
# .../operation/PutMetricData, as CloudWatch's newest clients call it
_RPC_PATH = re.compile(r"/service/\w+/operation/(\w+)")

# AKID/20261121/eu-west-1/s3/aws4_request, in the Authorization header or in the query
_SCOPE = re.compile(r"Credential=([^/&,]+)/\d{8}/([^/&,]+)/([^/&,]+)/aws4_request")

_COGNITO_TARGET = "AWSCognitoIdentityProviderService."


@dataclass(frozen=True)
class Call:
    """One call; `parameters` have the names that the service's protocol gives them."""

    service: str
    operation: str
    region: str
    parameters: Mapping[str, Any]

    @property
    def action(self) -> str:
        return f"{self.service}:{self.operation}"

    def arn(self, resource: str) -> str:
        """The ARN of a resource of the service in this account and region."""
        return f"arn:aws:{self.service}:{self.region}:{LOCAL_ACCOUNT}:{resource}"

    def text(self, parameter: str) -> str:
        return str(self.parameters.get(parameter) or "")


def service_of(environ: Environ) -> str:
    """The service that a request was signed for; S3 when it was not, because moto takes it so."""
    scope = _scope_of(environ)
    if scope:
        return scope.group(3).lower()
    # People who sign in have no keys yet.
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    return "cognito-idp" if target.startswith(_COGNITO_TARGET) else "s3"


def region_of(environ: Environ) -> str | None:
    """The region that a request was signed for; None when it was not."""
    scope = _scope_of(environ)
    return scope.group(2) if scope else None


def access_key_of(environ: Environ) -> str | None:
    """The id of the keys that a request was signed with; None when it was not."""
    scope = _scope_of(environ)
    return scope.group(1) if scope else None


def _scope_of(environ: Environ) -> re.Match[str] | None:
    return _SCOPE.search(
        environ.get("HTTP_AUTHORIZATION") or unquote(environ.get("QUERY_STRING", ""))
    )


def query_of(environ: Environ) -> list[tuple[str, str]]:
    """The query's parameters, decoded as S3 decodes them, in their order."""
    pairs = []
    for pair in environ.get("QUERY_STRING", "").split("&"):
        name, _, value = pair.partition("=")
        pairs.append((_decode(name.replace("+", " ")), _decode(value.replace("+", " "))))
    return pairs


def raw_path(environ: Environ) -> str:
    """The path as it was sent, still encoded; some clients send a whole URL."""
    target = str(environ["REQUEST_URI"])
    return urlsplit(target).path if "://" in target.split("?")[0] else target.split("?")[0]


def read_call(environ: Environ) -> Call:
    signed_for = service_of(environ)
    service = _IAM_NAMES.get(signed_for, signed_for)
    operation, parameters = _operation(service, environ)
    return Call(service, operation, region_of(environ) or "", parameters)


def read_body(environ: Environ) -> bytes:
    """The body, which whoever comes next can read again."""
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    body: bytes = (
        stream.read()
        if environ.get("wsgi.input_terminated") and not length
        else stream.read(int(length or 0))
    )
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _operation(service: str, environ: Environ) -> tuple[str, Mapping[str, Any]]:
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return target.rpartition(".")[2], _json_object(read_body(environ))
    path = raw_path(environ)
    rpc = _RPC_PATH.search(path)
    if rpc:
        return rpc.group(1), {}
    fields: dict[str, Any] = dict(
        parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    )
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        body = read_body(environ).decode("utf-8", "replace")
        fields |= dict(parse_qsl(body, keep_blank_values=True))
    if "Action" in fields:
        return fields["Action"], fields
    if service in _JSON_BODIES:
        fields |= _json_object(read_body(environ))
    operation, named = _rest_operation(service, environ["REQUEST_METHOD"], path)
    return operation, {**fields, **named}


def _json_object(body: bytes) -> Mapping[str, Any]:
    """The parameters; none of a body that the service itself will refuse."""
    try:
        parameters = json.loads(body)
    except ValueError:
        return {}
    return parameters if isinstance(parameters, dict) else {}


def _rest_operation(service: str, method: str, path: str) -> tuple[str, Mapping[str, Any]]:
    """By method and path; named like these where no operation has them."""
    for name, verb, pattern in _routes(_REST_MODELS.get(service, service)):
        match = pattern.fullmatch(path)
        if verb == method and match:
            return name, {key: unquote(value) for key, value in match.groupdict().items()}
    return f"{method} {path}", {}


@lru_cache
def _routes(service: str) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Operation, method and path of everything the service has; a path without variables first."""
    try:
        model = botocore.session.get_session().get_service_model(service)
    except UnknownServiceError:
        return ()
    routes = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path = re.escape(http["requestUri"].partition("?")[0].rstrip("/"))
        pattern = re.sub(r"\\{(\w+)(\\\+)?\\}", _variable, path)
        routes.append((name, http["method"], re.compile(f"{pattern}/?")))
    return tuple(sorted(routes, key=lambda route: route[2].groups))


def _variable(found: re.Match[str]) -> str:
    return f"(?P<{found.group(1)}>{'.+' if found.group(2) else '[^/]+'})"


def _decode(text: str) -> str:
    return unquote_to_bytes(text.encode("latin-1")).decode("utf-8", "surrogateescape")
