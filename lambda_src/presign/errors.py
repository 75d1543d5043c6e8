"""What else than a caller's mistake (`http_api.requests.BadRequest`) is answered with a sentence.

PresignError            one sentence for the caller
├── NotThere            a file or an upload is not there: 404
├── Unavailable         S3 or DynamoDB did not do it: 503
└── UnexpectedFailure   a defect; names the line and is raised, so that Lambda counts it: 500

No sentence contains a link, a token or a note.
"""
# ruff: noqa: N818 - as in link_generator.errors

from __future__ import annotations


class PresignError(Exception):
    """Base of all errors that PresignApi raises."""


class NotThere(PresignError):
    """A file or an upload is not there."""


class Unavailable(PresignError):
    """S3 or DynamoDB did not do it."""


class UnexpectedFailure(PresignError):
    """A defect; names the line."""
