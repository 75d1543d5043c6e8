"""Says that somebody may not do something, as the service that was called says it. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from deploy.local.wire.replies import Environ, ServiceError

_XML_CODES = {"sns": "AuthorizationError"}
_JSON_CODES = {"sqs": "AccessDenied"}


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
