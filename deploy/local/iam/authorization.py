"""Refuses what IAM refuses: to sessions of roles what their policies do not allow, and to
everybody what the policy of a bucket or topic denies.

The operator's keys, and keys that nobody has, may do everything else.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from moto.s3.models import s3_backends
from moto.sns.models import sns_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.iam.credentials import find_session
from deploy.local.iam.policies import (
    SECURE,
    Context,
    Request,
    UnreadablePolicyError,
    Verdict,
    read_policy,
    verdict,
)
from deploy.local.iam.requested_actions import requested
from deploy.local.iam.requested_s3 import S3Request, read_s3_request
from deploy.local.iam.role_policies import session_verdict
from deploy.local.wire.replies import ServiceError, WsgiApp, reply
from deploy.local.wire.requests import Environ, access_key_of, read_call, service_of

_ROOT = f"arn:aws:iam::{LOCAL_ACCOUNT}:root"
# Whatever a bucket's policy denies, the account's owner can read, replace and remove it.
_OWNERS_RIGHT = re.compile(r"s3:(Get|Put|Delete)BucketPolicy")

_XML_CODES = {"sns": "AuthorizationError"}
_JSON_CODES = {"sqs": "AccessDenied"}


class Authorization:
    """WSGI: lets through what IAM would let through. `clock` tells what time it is."""

    def __init__(self, app: WsgiApp, clock: Callable[[], datetime]) -> None:
        self._app = app
        self._clock = clock

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        service, caller = service_of(environ), _caller_of(environ)
        try:
            if service == "s3":
                return self._serve_s3(caller, environ, start_response)
            if caller.session or service == "sns":
                call = read_call(environ)
                refusals = (caller.refusal(request) for request in requested(call))
                refusal = next((each for each in refusals if each), None)
                if refusal:
                    error = as_service_error(refusal, service, environ)
                    return reply(error, service, environ, start_response)
        except UnreadablePolicyError as exc:
            error = ServiceError(HTTPStatus.NOT_IMPLEMENTED, "NotImplemented", str(exc))
            return reply(error, service, environ, start_response)
        return self._app(environ, start_response)

    def _serve_s3(self, caller: _Caller, environ: Environ, start_response: Any) -> Iterable[bytes]:
        s3 = read_s3_request(environ)
        context = s3.context(self._clock())
        refusal = None
        if not s3.is_for_no_bucket:
            refusals = (
                caller.refusal(Request(action, resource, context))
                for action, resource in s3.permissions()
            )
            refusal = next((each for each in refusals if each), None)
        if refusal:
            error = as_service_error(refusal, "s3", environ)
            return reply(error, "s3", environ, start_response)
        hidden = _hides_absence(caller, s3, context)
        if hidden:
            return self._serve_unless_absent(hidden, environ, start_response)
        return self._app(environ, start_response)

    def _serve_unless_absent(
        self, hidden: Refusal, environ: Environ, start_response: Any
    ) -> Iterable[bytes]:
        """Refuse where there is nothing: who may not list does not learn what is there."""
        begun: list[Any] = []
        body = self._app(environ, lambda *arguments: begun.append(arguments))
        if begun[0][0].startswith("404"):
            error = as_service_error(hidden, "s3", environ)
            return reply(error, "s3", environ, start_response)
        start_response(*begun[0])
        return body


@dataclass(frozen=True)
class _Caller:
    """Who has signed a request; without `session` it is the operator."""

    arn: str
    session: Any | None

    def refusal(self, request: Request) -> Refusal | None:
        """Why the caller may not do it; None when they may. Raises UnreadablePolicyError."""
        role = self.session.role_arn if self.session else LOCAL_ACCOUNT
        # Of a session, AWS gives the role.
        arn = role if self.session else self.arn
        own = {"aws:principalarn": arn, "aws:principalisawsservice": "false"}
        context = {**SECURE, **own, **request.context}
        asked = replace(request, context=context, principals=frozenset({self.arn, role}))
        names = self.arn, request.action, request.resource
        owned = verdict(_policies_of_resource(request), asked)
        if owned is Verdict.DENIED and (self.session or not _OWNERS_RIGHT.match(request.action)):
            return Refusal.denied(*names, "a resource-based")
        if not self.session:
            return None
        granted = session_verdict(self.session, asked)
        if granted is Verdict.DENIED:
            return Refusal.denied(*names, "an identity-based")
        if Verdict.ALLOWED not in (granted, owned):
            return Refusal.not_allowed(*names)
        return None


def _caller_of(environ: Environ) -> _Caller:
    session = find_session(access_key_of(environ) or "")
    return _Caller(session.arn if session else _ROOT, session)


def _policies_of_resource(request: Request) -> list[Any]:
    """The policy of the bucket or topic that a request is about, if that has one."""
    service, _, operation = request.action.partition(":")
    if service == "s3":
        name = request.resource.removeprefix("arn:aws:s3:::").partition("/")[0]
        bucket = s3_backends[LOCAL_ACCOUNT]["aws"].buckets.get(name)
        return [read_policy(bucket.policy.decode())] if bucket and bucket.policy else []
    if service == "sns" and operation == "Publish" and request.resource.startswith("arn:"):
        region = request.resource.split(":")[3]
        topic = sns_backends[LOCAL_ACCOUNT][region].topics.get(request.resource)
        return [read_policy(topic.policy)] if topic else []
    return []


def _hides_absence(caller: _Caller, s3: S3Request, context: Context) -> Refusal | None:
    """Why S3 must not tell the caller that an object is missing; None when it may.

    For versions no document says which of the two permissions it wants, so both are wanted.
    """
    if not caller.session or not s3.is_read or s3.is_for_no_bucket:
        return None
    lists = ["s3:ListBucket"] + ["s3:ListBucketVersions"] * ("versionId" in s3.query)
    refusals = (caller.refusal(Request(action, s3.bucket_arn, context)) for action in lists)
    return next((each for each in refusals if each), None)


@dataclass(frozen=True)
class Refusal:
    """Who may not do what, and why not."""

    principal: str
    action: str
    resource: str
    reason: str

    @classmethod
    def not_allowed(cls, principal: str, action: str, resource: str) -> Refusal:
        reason = f"because no identity-based policy allows the {action} action"
        return cls(principal, action, resource, reason)

    @classmethod
    def denied(cls, principal: str, action: str, resource: str, policy: str) -> Refusal:
        """`policy` is the kind that denies it: identity-based or resource-based."""
        reason = f"with an explicit deny in {policy} policy"
        return cls(principal, action, resource, reason)

    def __str__(self) -> str:
        return (
            f"User: {self.principal} is not authorized to perform: {self.action} "
            f"on resource: {self.resource} {self.reason}"
        )


def as_service_error(refusal: Refusal, service: str, environ: Environ) -> ServiceError:
    """The refusal with the service's own code and, where it has them, its own words."""
    message = str(refusal)
    if service == "s3":
        quoted = f'"{refusal.resource}"'
        message = message.replace(refusal.resource, quoted, 1)
        return ServiceError(HTTPStatus.FORBIDDEN, "AccessDenied", message)
    if "HTTP_X_AMZ_TARGET" in environ:
        code = _JSON_CODES.get(service, "AccessDeniedException")
        return ServiceError(HTTPStatus.BAD_REQUEST, code, message)
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        code = _XML_CODES.get(service, "AccessDenied")
        return ServiceError(HTTPStatus.FORBIDDEN, code, message)
    return ServiceError(HTTPStatus.FORBIDDEN, "AccessDeniedException", message)
