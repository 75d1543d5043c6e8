"""What a function answers with a sentence, instead of with what was asked for.

ApiError                one sentence for the caller
├── BadRequest          the caller's mistake (in `requests`, which finds most of them): 400
├── NotThere            what is asked for is not there: 404
├── Unavailable         S3 or DynamoDB did not do it: 503
└── UnexpectedFailure   a defect; names the line and is raised, so that Lambda counts it: 500

No sentence contains a link, a token, a nonce, a note or an answer. Pure.
"""
# ruff: noqa: N818 - names say what happened, as in function.errors

from __future__ import annotations

from function.errors import FunctionError


class ApiError(FunctionError):
    """Base of all errors of a function behind an HTTP API; `status` is that of its answer."""

    status = 500


class NotThere(ApiError):
    """What is asked for is not there."""

    status = 404


class Unavailable(ApiError):
    """S3 or DynamoDB did not do it."""

    status = 503


class UnexpectedFailure(ApiError):
    """A defect; names the line."""
