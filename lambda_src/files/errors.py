"""What can be wrong with an uploaded file, or with what its sender wishes.

FileError                    one sentence: which file, what is wrong, what to do next
├── EventError               an event's record is not about a file in FileExchangeBucket
├── FileNotReadable          no link could download the file: S3 refuses, or browsers cannot ask
│   ├── FileArchived         its storage class has to be restored first
│   └── FileEncrypted        its KMS key may not be used
├── MisspelledMetadata       a name in its metadata is nearly one of ours
├── HiddenMetadata           S3 does not show all of its metadata
├── FileOutlived             the file's time is over before its link was made
├── InvalidAnnounce          the metadata `announce` is not "always" or "now"
├── InvalidExpiry            the metadata `expires` is not a whole number of seconds above 0
├── InvalidMaxDownloads      the metadata `max-downloads` is not a number, or cannot be kept
└── InvalidShare             a manifest, or a file that it names, is not as it must be

A file that is gone before its event arrives is not an error: there is nothing to announce.
"""
# ruff: noqa: N818 - names say what happened, as in function.errors

from __future__ import annotations

from function.errors import FunctionError


class FileError(FunctionError):
    """Base of all errors about a file."""


class EventError(FileError):
    """An event's record is not about a file in FileExchangeBucket."""


class FileNotReadable(FileError):
    """No link could download the file: S3 refuses, or browsers cannot ask."""


class FileArchived(FileNotReadable):
    """The file's storage class has to be restored first."""


class MisspelledMetadata(FileError):
    """A name in its metadata is nearly one of ours."""


class HiddenMetadata(FileError):
    """S3 does not show all of its metadata."""


class FileEncrypted(FileNotReadable):
    """Its KMS key may not be used."""


class FileOutlived(FileError):
    """The file's time is over before its link was made."""


class InvalidAnnounce(FileError):
    """The metadata `announce` is not "always" or "now"."""


class InvalidExpiry(FileError):
    """The metadata `expires` is not a whole number of seconds above 0."""


class InvalidMaxDownloads(FileError):
    """The metadata `max-downloads` is not a number, or cannot be kept."""


class InvalidShare(FileError):
    """A manifest, or a file that it names, is not as it must be."""
