"""The base of all errors that end with a sentence for the operator, and AWS's word for a fault.

FunctionError        one sentence: what failed, of what, what to do next
└── SettingsError    the function's environment is incomplete or wrong

Packages derive their own from it. No message contains a link, a token, a note or a mail.
"""
# The names are read by operators, as errorType in the log: they say what happened and end there.

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError


class FunctionError(Exception):
    """Base of all errors that a function raises on purpose."""


class SettingsError(FunctionError):
    """The function's environment is incomplete or wrong."""


def code_of(exc: ClientError | BotoCoreError) -> str:
    """AWS's word for what went wrong; without an answer of AWS, botocore's."""
    if isinstance(exc, ClientError):
        return str(exc.response.get("Error", {}).get("Code", "Unknown"))
    return type(exc).__name__
