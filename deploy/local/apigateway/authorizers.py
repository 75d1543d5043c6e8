"""Who may take a route: authorization types AWS_IAM and CUSTOM (a Lambda authorizer).

The type JWT is in deploy/local/apigateway/jwt.py."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from moto.iam.models import iam_backends

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_ACCOUNT
from deploy.local.apigateway.answers import failed, forbidden, unauthorized
from deploy.local.apigateway.integrations import Invoker, function_of
from deploy.local.apigateway.requests import ApiRequest, Place, authorizer_event
from deploy.local.apigateway.routes import Match
from deploy.local.apigateway.sigv4 import SignatureError, check_signature, read_signature
from deploy.local.iam.credentials import find_keys, find_session
from deploy.local.iam.policies import SECURE, Request, UnreadablePolicyError, Verdict
from deploy.local.iam.role_policies import session_verdict

_AUTHORIZER_LIMIT = 10.0  # seconds that API Gateway waits for a Lambda authorizer
_HEADER, _QUERY = "$request.header.", "$request.querystring."

_log = logging.getLogger(__name__)


def is_identity_source(source: str) -> bool:
    """Whether `identity_values` can read it."""
    return source.startswith((_HEADER, _QUERY))


def identity_values(sources: list[str], request: ApiRequest) -> list[str]:
    """The values of an authorizer's identity sources. Raises ApiError when one is missing."""
    values = []
    for source in sources:
        value = (
            request.headers.get(source.removeprefix(_HEADER).lower())
            if source.startswith(_HEADER)
            else request.query_parameters.get(source.removeprefix(_QUERY))
        )
        if not value:
            raise unauthorized()
        values.append(value)
    return values


def authorize_by_iam(request: ApiRequest, match: Match, place: Place) -> dict[str, Any]:
    """What the event says of the caller, who has signed the request. Raises ApiError."""
    try:
        signature = read_signature(request)
        key = signature.access_key_id
        check_signature(request, signature, find_keys(key), place.region)
    except SignatureError as exc:
        raise forbidden(str(exc)) from exc
    session = find_session(key)
    path = request.path if match.path.startswith("/") else match.path
    arn = place.invoked_arn(request.method, path)
    if session and not _may_invoke(session, arn):
        # The path itself may be a secret, the route is not.
        route = place.invoked_arn(request.method, match.path)
        raise forbidden(f"{session.arn} may not do execute-api:Invoke on {route}.")
    return {"iam": _identity(key, session)}


def _may_invoke(session: Any, arn: str) -> bool:
    context = {**SECURE, "aws:principalarn": session.role_arn}
    try:
        granted = session_verdict(session, Request("execute-api:Invoke", arn, context))
    except UnreadablePolicyError as exc:
        _log.warning("A policy of %s cannot be read: %s", session.role_arn, exc)
        raise failed(str(exc)) from exc
    return granted is Verdict.ALLOWED


def _identity(access_key_id: str, session: Any | None) -> dict[str, Any]:
    user_id, arn = LOCAL_ACCOUNT, f"arn:aws:iam::{LOCAL_ACCOUNT}:root"
    if session:
        user_id, arn = session.user_id, session.arn
    elif access_key_id != LOCAL_ACCESS_KEY:
        iam = iam_backends[LOCAL_ACCOUNT]["aws"]
        user = iam.get_user(iam.access_keys[access_key_id].user_name)
        user_id, arn = user.id, user.arn
    return {
        "accessKey": access_key_id,
        "accountId": LOCAL_ACCOUNT,
        "callerId": user_id,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": arn,
        "userId": user_id,
    }


def authorize_by_function(
    authorizer: Any, request: ApiRequest, match: Match, place: Place, invoker: Invoker
) -> dict[str, Any]:
    """Ask moto's `authorizer`; what it says of the caller. Raises ApiError."""
    identity = identity_values(authorizer.identity_source or [], request)
    event = authorizer_event(request, match, place, identity)
    function = function_of(authorizer.authorizer_uri)
    if function is None:
        raise failed("The authorizer names no function.")
    source = place.arn(f"authorizers/{authorizer.id}")
    answer = _read(invoker.invoke(function, source, event, _AUTHORIZER_LIMIT))
    if not answer["isAuthorized"]:
        raise forbidden("The authorizer says no.")
    return {"lambda": answer.get("context") or {}}


def _read(payload: bytes) -> Mapping[str, Any]:
    """The authorizer's answer in its simple form. Raises ApiError."""
    answer = json.loads(payload)
    if not isinstance(answer, dict) or not isinstance(answer.get("isAuthorized"), bool):
        raise failed("The authorizer does not say whether the caller isAuthorized.")
    return answer
