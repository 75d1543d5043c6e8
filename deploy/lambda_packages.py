"""The functions' packages that the tool uses, too: its only way into their code.

A rule written twice would one day differ, so whoever needs one takes it from here. Only names
stand here; what is done with them belongs to the folder that does it.
"""

from __future__ import annotations

import sys

from deploy.assets import LAMBDA_SOURCES

if str(LAMBDA_SOURCES) not in sys.path:
    sys.path.append(str(LAMBDA_SOURCES))

from files.expiry import DEAD_LETTERS_LAST, DIRECT_LINK_LIMIT, EXPIRES
from files.metadata import METADATA_LIMIT, header_text, metadata_size
from files.store import look_up
from files.uploads import Upload, is_arrival, records_of, upload_of
from files.wishes import MAX_DOWNLOADS
from function.text import file_size, quoted
from ledger import rows
from link_generator.errors import (
    EventError,
    FileNotReadable,
    LinkGeneratorError,
    SettingsError,
)
from link_generator.outcomes import IN_PROGRESS
from link_generator.settings import Settings as LinkGeneratorSettings
from mail.addresses import parse_address
from mail.recipients import RECIPIENTS, recipients_of
from mail.template_data import NOTE
from portal_links.files import file_of
from portal_links.links import EXPIRED, LOCKED, REVOKED, STATES, USABLE, USED_UP, Link
from portal_links.rows import MAIL
from portal_links.store import Links
from tables.service import TableError

__all__ = [
    "DEAD_LETTERS_LAST",
    "DIRECT_LINK_LIMIT_SECONDS",
    "EXPIRED",
    "EXPIRES",
    "IN_PROGRESS",
    "LOCKED",
    "MAIL",
    "MAX_DOWNLOADS",
    "METADATA_LIMIT",
    "NOTE",
    "RECIPIENTS",
    "REVOKED",
    "STATES",
    "USABLE",
    "USED_UP",
    "EventError",
    "FileNotReadable",
    "Link",
    "LinkGeneratorError",
    "LinkGeneratorSettings",
    "Links",
    "SettingsError",
    "TableError",
    "Upload",
    "file_of",
    "file_size",
    "header_text",
    "is_arrival",
    "look_up",
    "metadata_size",
    "parse_address",
    "quoted",
    "recipients_of",
    "records_of",
    "rows",
    "upload_of",
]

DIRECT_LINK_LIMIT_SECONDS = int(DIRECT_LINK_LIMIT.total_seconds())
