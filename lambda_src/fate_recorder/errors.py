"""Everything that can go wrong on purpose.

FateRecorderError       one sentence: what failed, about whom, what to do next
├── UnreadableEvent     an event is not one that SES publishes
├── FateNotRecorded     the ledger did not take a fate
└── AdminNotTold        CommonAlarmTopic did not take the bad news

No message contains a link, a token or a mail.
"""
# The names are read by operators, as errorType in the log: they say what happened and end there.
# ruff: noqa: N818

from __future__ import annotations

from function.errors import FunctionError


class FateRecorderError(FunctionError):
    """Base of all errors that FateRecorder raises."""


class UnreadableEvent(FateRecorderError):
    """An event is not one that SES publishes."""


class FateNotRecorded(FateRecorderError):
    """The ledger did not take a fate."""


class AdminNotTold(FateRecorderError):
    """CommonAlarmTopic did not take the bad news."""
