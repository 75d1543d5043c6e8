"""The answers of the login server: a page under its policy, a document, the way elsewhere. Pure."""

from __future__ import annotations

from http import HTTPStatus
from json import dumps
from typing import Any

from werkzeug.wrappers import Response

from deploy.local.cognito.login import pages


def html(page: str, status: HTTPStatus = HTTPStatus.OK, target: str = "") -> Response:
    response = Response(page, status=status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = pages.policy(target)
    return response


def json(document: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(dumps(document), status=status, mimetype="application/json")


def redirect(location: str) -> Response:
    response = Response(status=HTTPStatus.FOUND)
    response.headers["Location"] = location
    return response
