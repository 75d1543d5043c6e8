"""Everything that can go wrong on purpose.

S3LinkError                      one sentence for the operator; the command ends with exit code 1
├── ConfigurationError           s3link.toml or an environment variable is not usable
│   └── OptionError              an option, or the variable for it, can never be used; exit code 2
├── CheckError                   a check before the start failed; nothing was changed
├── AccessError                  credentials are missing, expired, or do not allow an action
├── ConnectionFailedError        the endpoint could not be reached
├── StackError                   a stack could not be created, updated or deleted
├── PackageError                 the Lambda zip could not be made or stored
├── UploadError                  a file could not be sent
│   └── UploadStoppedError       the operator stopped the sending; exit code 130
├── DeletionError                a file could not be deleted
├── LedgerError                  the deliveries ledger cannot be read
├── LinkError                    a link of the portal could not be read, changed or mailed again
├── MembersError                 members, versions or the survey could not be read or changed
│   └── PublishStoppedError      the operator stopped the publishing; exit code 130
├── OutputError                  stdout could not be written
├── FunctionError                a function that was invoked failed
├── DeadLetterError              failed events could not be listed, replayed or dropped
│   └── RedriveStoppedError      the operator stopped the replaying or dropping; exit code 130
└── LocalError                   the embedded AWS could not start or went wrong

A message says what failed, on which stack, file or value, and the next command to type.
"""


class S3LinkError(Exception):
    """Base of all errors that the command line prints as one sentence."""

    exit_code = 1


class ConfigurationError(S3LinkError):
    """s3link.toml, --set or an environment variable is not usable."""


class OptionError(ConfigurationError):
    """An option, or the variable for it, can never be used; exit code 2, as wrong usage."""

    exit_code = 2


class CheckError(S3LinkError):
    """A check before the start failed; nothing was changed."""


class AccessError(S3LinkError):
    """Credentials are missing, expired, or do not allow an action."""


class ConnectionFailedError(S3LinkError):
    """The endpoint could not be reached."""


class StackError(S3LinkError):
    """A stack could not be created, updated or deleted."""


class PackageError(S3LinkError):
    """The Lambda zip could not be made or stored."""


class UploadError(S3LinkError):
    """A file could not be sent."""


class UploadStoppedError(UploadError):
    """The operator stopped the sending; exit code 130, as wherever Ctrl-C is pressed."""

    exit_code = 130


class DeletionError(S3LinkError):
    """A file could not be deleted."""


class LedgerError(S3LinkError):
    """The deliveries ledger cannot be read."""


class LinkError(S3LinkError):
    """A link of the portal could not be read, changed or mailed again."""


class MembersError(S3LinkError):
    """Members, versions or the survey could not be read or changed."""


class PublishStoppedError(MembersError):
    """The operator stopped the publishing; exit code 130, as wherever Ctrl-C is pressed."""

    exit_code = 130


class OutputError(S3LinkError):
    """Stdout could not be written, perhaps because a disk is full."""


class FunctionError(S3LinkError):
    """A function that was invoked failed."""


class DeadLetterError(S3LinkError):
    """Failed events could not be listed, replayed or dropped."""


class RedriveStoppedError(DeadLetterError):
    """The operator stopped it half-way; exit code 130, as wherever Ctrl-C is pressed."""

    exit_code = 130


class LocalError(S3LinkError):
    """The embedded AWS could not start or went wrong."""
