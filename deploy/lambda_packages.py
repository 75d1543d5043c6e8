"""The functions' packages that the tool uses, too: its only way into their code.

A rule written twice would one day differ, so whoever needs one takes it from here. Only names
stand here; what is done with them belongs to the folder that does it.
"""

from __future__ import annotations

import sys

from deploy.assets import LAMBDA_SOURCES

if str(LAMBDA_SOURCES) not in sys.path:
    # First, for others use such names too: PyTables is called `tables`.
    sys.path.insert(0, str(LAMBDA_SOURCES))

from artifacts.versions import (
    LONGEST_NOTES,
    MOST_LISTED,
    NOTES,
    SURVEY_KEY,
    Version,
    listed_bytes,
    versions_of,
)
from files.copies import COPY_OF, Family, copy_mark, family_of, is_prolonged
from files.errors import EventError, FileArchived, FileNotReadable
from files.expiry import DEAD_LETTERS_LAST, DIRECT_LINK_LIMIT, file_ends, row_ends
from files.leftovers import is_leftover
from files.manifest import (
    FORMAT_VERSION,
    MOST_DIRECT_FILES,
    MOST_FILES,
    Manifest,
    ManifestError,
    SharedFile,
    is_manifest,
    manifest_key,
    manifest_of,
    share_id_of,
)
from files.metadata import (
    ALWAYS,
    ANNOUNCE,
    EXPIRES,
    MAX_DOWNLOADS,
    METADATA_LIMIT,
    NOTE,
    NOW,
    RECIPIENTS,
    SENDER,
    SHARE,
    check_names,
    header_text,
    is_left_out,
    metadata_size,
)
from files.names import one_spelling, spellings
from files.shares import with_manifest
from files.store import StoredFile, look_up, look_up_as_it_was
from files.uploads import Outcome, Upload, is_arrival, records_of, upload_of
from function.environment import MOST_DAYS, MOST_SECONDS, positive
from function.errors import FunctionError, SettingsError
from function.invocation import Pause
from function.text import file_size, quoted
from ledger import rows
from ledger.prolonging import prolong as prolong_deliveries
from mail.addresses import parse_address
from mail.mailboxes import parse_mailbox
from mail.named_senders import authorized_senders, named_sender
from mail.recipients import RecipientSettings, means_an_address, recipients_of
from mail.senders import reply_to_of, sender_name_of
from portal_links.links import (
    EXPIRED,
    LINK_ATTRIBUTES,
    LOCKED,
    RETRYABLE,
    REVOKED,
    STATES,
    USED_UP,
    WORKING,
    Link,
)
from portal_links.moving import NewVersion
from portal_links.moving import move as move_links
from portal_links.store import Links
from portal_links.tokens import link_to, new_token
from signing.links import LONGEST_MAILED, is_openable
from survey.answers import Answered
from survey.questions import (
    DEFAULT_QUESTIONS,
    LONGEST_SURVEY,
    Questions,
    SurveyError,
    questions_of,
)
from survey.spreadsheet import csv_of
from tables.service import NotWritten, TableError, moment_text

__all__ = [
    "ALWAYS",
    "ANNOUNCE",
    "COPY_OF",
    "DEAD_LETTERS_LAST",
    "DEFAULT_QUESTIONS",
    "DIRECT_LINK_LIMIT_SECONDS",
    "EXPIRED",
    "EXPIRES",
    "FORMAT_VERSION",
    "LINK_ATTRIBUTES",
    "LOCKED",
    "LONGEST_MAILED",
    "LONGEST_NOTES",
    "LONGEST_SURVEY",
    "MAX_DOWNLOADS",
    "METADATA_LIMIT",
    "MOST_DAYS",
    "MOST_DIRECT_FILES",
    "MOST_FILES",
    "MOST_LISTED",
    "MOST_SECONDS",
    "NOTE",
    "NOTES",
    "NOW",
    "RECIPIENTS",
    "RETRYABLE",
    "REVOKED",
    "SENDER",
    "SHARE",
    "STATES",
    "SURVEY_KEY",
    "USED_UP",
    "WORKING",
    "Answered",
    "EventError",
    "Family",
    "FileArchived",
    "FileNotReadable",
    "FunctionError",
    "Link",
    "Links",
    "Manifest",
    "ManifestError",
    "NewVersion",
    "NotWritten",
    "Outcome",
    "Pause",
    "Questions",
    "RecipientSettings",
    "SettingsError",
    "SharedFile",
    "StoredFile",
    "SurveyError",
    "TableError",
    "Upload",
    "Version",
    "authorized_senders",
    "check_names",
    "copy_mark",
    "csv_of",
    "family_of",
    "file_ends",
    "file_size",
    "header_text",
    "is_arrival",
    "is_left_out",
    "is_leftover",
    "is_manifest",
    "is_openable",
    "is_prolonged",
    "link_to",
    "listed_bytes",
    "look_up",
    "look_up_as_it_was",
    "manifest_key",
    "manifest_of",
    "means_an_address",
    "metadata_size",
    "moment_text",
    "move_links",
    "named_sender",
    "new_token",
    "one_spelling",
    "parse_address",
    "parse_mailbox",
    "positive",
    "prolong_deliveries",
    "questions_of",
    "quoted",
    "recipients_of",
    "records_of",
    "reply_to_of",
    "row_ends",
    "rows",
    "sender_name_of",
    "share_id_of",
    "spellings",
    "upload_of",
    "versions_of",
    "with_manifest",
]

DIRECT_LINK_LIMIT_SECONDS = int(DIRECT_LINK_LIMIT.total_seconds())
