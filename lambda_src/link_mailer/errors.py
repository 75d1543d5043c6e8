"""Everything that can go wrong on purpose.

LinkMailerError              one sentence: what was not mailed, why, what to do next
├── UnreadableTask           the event is not one of the tasks that LinkMailer has
├── TaskInProgress           another run does the task at this moment
├── NotMailed                SES did not take a mail
├── AdminNotTold             CommonAlarmTopic did not take the news
└── TableUnavailable         DynamoDB did not answer, or refuses

An error makes Lambda try again, and then the task waits in PortalDeadLetterQueue.
"""
# The names are read by operators, as errorType in the log: they say what happened and end there.
# ruff: noqa: N818

from __future__ import annotations

from function.errors import FunctionError

TRIED_AGAIN = "Lambda tries again, and then the task waits in PortalDeadLetterQueue."


class LinkMailerError(FunctionError):
    """Base of all errors that LinkMailer raises."""


class UnreadableTask(LinkMailerError):
    """The event is not one of the tasks that LinkMailer has."""


class TaskInProgress(LinkMailerError):
    """Another run does the task at this moment."""


class NotMailed(LinkMailerError):
    """SES did not take a mail."""


class AdminNotTold(LinkMailerError):
    """CommonAlarmTopic did not take the news."""


class TableUnavailable(LinkMailerError):
    """DynamoDB did not answer, or refuses."""
