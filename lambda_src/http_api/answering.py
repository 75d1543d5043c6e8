"""Answers an event of an HTTP API: with what a function's routes give, or with their error.

Every answer of 5xx sets off the API's alarm; a defect is raised, and sets off the function's too.
"""

from __future__ import annotations

from collections.abc import Callable

from function.log import place_of

from http_api.answers import Answer, error_answer
from http_api.errors import ApiError, UnexpectedFailure
from http_api.requests import Request, request_of


def answered(
    event: object,
    done: Callable[[Request], Answer],
    log_failed: Callable[[ApiError, Request], None],
    function: str,
) -> Answer:
    """`function` is its name in a sentence. Raises nothing but UnexpectedFailure."""
    request = Request("")
    try:
        request = request_of(event)
        return done(request)
    except ApiError as exc:
        if exc.status >= 500:
            log_failed(exc, request)
        return error_answer(exc.status, str(exc))
    except Exception as exc:
        failure = UnexpectedFailure(
            f"A request was not answered: {place_of(exc)}. "
            f"This is a defect of {function}; please report it."
        )
        log_failed(failure, request)
    raise failure
