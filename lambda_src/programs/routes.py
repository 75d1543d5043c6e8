"""Which route does what, and how its errors are answered: the caller's own with 400 or 404, those
of S3 and DynamoDB with 503.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from function.text import shown
from http_api.answering import answered
from http_api.answers import Answer, json_answer
from http_api.fields import check_names, text
from http_api.requests import BadRequest, Request, json_object_of, parameters_of

from programs import log
from programs.completing import complete_upload
from programs.objects import download
from programs.one_time import follow, one_time_link
from programs.settings import Services, Settings
from programs.upload_requests import upload_asked
from programs.uploads import upload_in_parts, whole_upload


def answer_to(event: object, settings: Settings, services: Services) -> Answer:
    """Raises nothing but UnexpectedFailure."""
    return answered(
        event, lambda request: _done(request, settings, services), log.failed, "Programs"
    )


def _done(request: Request, settings: Settings, services: Services) -> Answer:
    route = ROUTES.get(request.route)
    if route is None:
        if request.route == FOLLOWED:
            return follow(request, services)
        raise BadRequest("This function has no such route.")
    return json_answer(200, route(request, settings, services))


def _presigned_url(request: Request, settings: Settings, services: Services) -> dict[str, Any]:
    parameters = parameters_of(request.query)
    operation = text(parameters, "operation")
    if operation == "download":
        return download(parameters, settings, services, request)
    if operation != "upload":
        raise BadRequest(f"operation is {shown(operation)}, but must be upload or download.")
    asked = upload_asked(parameters, settings)
    if asked.parts is None:
        return whole_upload(asked, settings, services, request)
    return upload_in_parts(asked, asked.parts, settings, services, request)


def _complete_upload(request: Request, settings: Settings, services: Services) -> dict[str, Any]:
    check_names(parameters_of(request.query), (), "query parameter")
    return complete_upload(json_object_of(request.body), settings, services, request)


def _generate_url(request: Request, settings: Settings, services: Services) -> dict[str, Any]:
    check_names(parameters_of(request.query), (), "query parameter")
    return one_time_link(json_object_of(request.body), settings, services, request)


FOLLOWED = "GET /access-object"
ROUTES: dict[str, Callable[[Request, Settings, Services], dict[str, Any]]] = {
    "GET /presigned-url": _presigned_url,
    "POST /complete-upload": _complete_upload,
    "POST /generate-url": _generate_url,
}
