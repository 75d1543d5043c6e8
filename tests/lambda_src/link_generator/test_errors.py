"""The errors, as an operator reads them in the log."""

from __future__ import annotations

import re

import function.errors
import mail.named_senders
import mail.recipients
from files import errors as file_errors
from files.errors import EventError, InvalidExpiry
from function.errors import FunctionError
from link_generator import errors
from link_generator.errors import SeveralFailures

_MODULES = (function.errors, file_errors, mail.recipients, mail.named_senders, errors)


def test_the_tree_in_the_text_is_the_tree_in_the_code() -> None:
    """Every error is drawn in the module's docstring, and nothing else is."""
    drawn = set(re.findall(r"^(?:│   |    )*(?:[├└]── )?(\w+)  +\w", errors.__doc__ or "", re.M))

    defined = {
        name
        for module in _MODULES
        for name, kind in vars(module).items()
        if isinstance(kind, type) and issubclass(kind, FunctionError)
    }

    assert drawn == defined


def test_several_failures_are_one_sentence_after_another() -> None:
    """Lambda's log has one errorMessage: each failure is in it with its name."""
    failures = [EventError("One."), InvalidExpiry("Two.")]

    error = SeveralFailures(failures)

    assert str(error) == (
        "2 files of one event were not announced: (1) EventError: One. (2) InvalidExpiry: Two."
    )
    assert error.failures == tuple(failures)
