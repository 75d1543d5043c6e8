"""Everything that can go wrong on purpose.

FunctionError                        one sentence: what failed, of which file, what to do next
├── SettingsError                    the function's environment is incomplete or wrong
├── FileError                        a file cannot be announced as it is
│   ├── EventError                   an event's record is not about a file in FileExchangeBucket
│   ├── FileNotReadable              no link could download it: S3 refuses, or browsers cannot ask
│   │   ├── FileArchived             its storage class has to be restored first
│   │   └── FileEncrypted            its KMS key may not be used
│   ├── MisspelledMetadata           a name in its metadata is nearly one of ours
│   ├── HiddenMetadata               S3 does not show all of its metadata
│   ├── FileOutlived                 the file's time is over before its link was made
│   ├── InvalidAnnounce              the metadata `announce` is not "always" or "now"
│   ├── InvalidExpiry                the metadata `expires` is not a whole number of seconds above 0
│   ├── InvalidMaxDownloads          the metadata `max-downloads` is not a number, or cannot be kept
│   └── InvalidShare                 a manifest, or a file that it names, is not as it must be
├── RecipientError                   nobody can be mailed as the sender wishes
│   ├── NoRecipients                 the metadata `recipients` names nobody
│   ├── InvalidRecipient             something given as a recipient is not an address
│   └── UnauthorizedRecipient        an address is not on AuthorizedRecipients
├── SenderError                      the file cannot be shared in the name of whom it names
│   ├── InvalidSender                the metadata `sender` is not one mailbox
│   └── UnauthorizedSender           its address is not on AuthorizedSenders
└── LinkGeneratorError               what only LinkGenerator raises
    ├── MailError                    SES did not take the mail for some recipients
    │   ├── TemplateMissing          LinkDownloadTemplateName does not exist
    │   ├── ConfigurationSetMissing  ConfigSetName does not exist
    │   ├── SenderNotVerified        EmailSender, or in the sandbox a recipient, is not verified
    │   ├── SendingPaused            the account or the configuration set may not send
    │   ├── SendingNotAllowed        LinkGenerator's role may not send
    │   ├── MailThrottled            over the sending rate or the daily quota
    │   └── MailServiceDown          SES did not answer or is unwell
    ├── LinksNotMade                 the portal's table did not take the links: nobody was mailed
    ├── NotGathered                  what waits to be mailed together could not be read or written
    ├── LedgerUnavailable            the ledger could not be asked who was mailed: nobody was
    ├── NotRecorded                  SES took mails that the ledger could not record
    ├── AlreadyInProgress            the same event is being worked on by another run
    ├── UnexpectedFailure            a defect; names the line
    └── SeveralFailures              more than one file of an event failed; carries each sentence

A file that is gone before its event arrives is not an error: there is nothing to announce.
No message contains a link, a token, the sender's note or a mail.
"""
# The names are read by operators, as errorType in the log: they say what happened and end there.
# ruff: noqa: N818

from __future__ import annotations

from collections.abc import Sequence

from function.errors import FunctionError


class LinkGeneratorError(FunctionError):
    """Base of the errors that only LinkGenerator raises."""


class MailError(LinkGeneratorError):
    """SES did not take the mail for some recipients."""


class TemplateMissing(MailError):
    """LinkDownloadTemplateName does not exist."""


class ConfigurationSetMissing(MailError):
    """ConfigSetName does not exist."""


class SenderNotVerified(MailError):
    """EmailSender, or in the sandbox a recipient, is not verified."""


class SendingPaused(MailError):
    """The account or the configuration set may not send."""


class SendingNotAllowed(MailError):
    """LinkGenerator's role may not send."""


class MailThrottled(MailError):
    """Over the sending rate or the daily quota."""


class MailServiceDown(MailError):
    """SES did not answer or is unwell."""


class LinksNotMade(LinkGeneratorError):
    """The portal's table did not take the links: nobody was mailed."""


class NotGathered(LinkGeneratorError):
    """What waits to be mailed together could not be read or written."""


class LedgerUnavailable(LinkGeneratorError):
    """The ledger could not be asked who was mailed: nobody was."""


class NotRecorded(LinkGeneratorError):
    """SES took mails that the ledger could not record."""


class AlreadyInProgress(LinkGeneratorError):
    """The same event is being worked on by another run."""


class UnexpectedFailure(LinkGeneratorError):
    """A defect; names the line."""


class SeveralFailures(LinkGeneratorError):
    """More than one file of an event failed; carries each sentence."""

    def __init__(self, failures: Sequence[FunctionError]) -> None:
        self.failures = tuple(failures)
        sentences = " ".join(
            f"({number}) {type(failure).__name__}: {failure}"
            for number, failure in enumerate(failures, start=1)
        )
        super().__init__(f"{len(failures)} files of one event were not announced: {sentences}")
