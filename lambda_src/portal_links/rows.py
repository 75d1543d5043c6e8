"""What a row of LinksTable says. Pure.

A row is one link: to one version of a file, for one recipient. It may have several
tokens, one for each mail that carried the link; what was counted belongs to the link.
"""

from __future__ import annotations

# The table's key, and its indexes.
LINK_ID = "LinkId"
BY_RECIPIENT = "LinksByRecipient"
RECIPIENT_ID = "RecipientId"
CREATED_AT = "CreatedAt"
TO_REMIND = "LinksToRemind"
REMINDER = "Reminder"
REMIND_AT = "RemindAt"  # epoch seconds
REMINDER_TAKEN_BY = "ReminderTakenBy"  # an id of whoever took it to be sent

# What it leads to, and for whom.
BUCKET = "Bucket"
FILE = "File"  # the key
VERSION = "Version"
NAME = "Name"  # where the key does not tell it
MODIFIED_AT = "ModifiedAt"  # the file's, epoch seconds
RECIPIENT = "Recipient"
TOKEN_HASHES = "TokenHashes"  # noqa: S105 - SHA-256 of tokens, which open nothing

# How long and how often it works; all in epoch seconds. Without MAX_DOWNLOADS the portal's own
# limit holds.
EXPIRES_AT = "ExpiresAt"
FILE_ENDS_AT = "FileEndsAt"
MAX_DOWNLOADS = "MaxDownloads"
REVOKED_AT = "RevokedAt"

# Of a link to a share: how many files it has, and by a file's position in the manifest, which
# begins with 0, how often it was downloaded and until when again (epoch seconds).
FILE_COUNT = "FileCount"
FILE_DOWNLOADS = "FileDownloads"
FILE_GRACE = "FileGrace"

# What became of it; DOWNLOADS of a share are those of all its files.
DOWNLOADS = "Downloads"
FIRST_DOWNLOAD_AT = "FirstDownloadAt"
LAST_DOWNLOAD_AT = "LastDownloadAt"
GRACE_UNTIL = "GraceUntil"  # epoch seconds
WRONG_ANSWERS = "WrongAnswers"
LOCKED_UNTIL = "LockedUntil"  # epoch seconds
REMINDED_AT = "RemindedAt"

REMOVED_AT = "RemovedAt"  # DynamoDB's time to live, epoch seconds

# The one value of REMINDER: rows without it are not in the index.
PENDING = "pending"
