"""How often a file may be downloaded, by its sender's wish. Pure."""

from __future__ import annotations

from function.text import quoted
from link_generator.errors import InvalidMaxDownloads
from link_generator.settings import Settings

from files.store import StoredFile

MAX_DOWNLOADS = "max-downloads"
# As for the template's own MaxDownloads.
MOST_DOWNLOADS = 1_000_000


def max_downloads_of(file: StoredFile, settings: Settings) -> int | None:
    """The metadata `max-downloads`, 0 for any number; None leaves it to the portal.

    Raises InvalidMaxDownloads, also where a link to S3 could not be counted.
    """
    value = file.metadata.get(MAX_DOWNLOADS)
    if value is None:
        return None
    digits = value.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(MOST_DOWNLOADS))):
        raise InvalidMaxDownloads(
            f"{file.upload} was not announced: its metadata max-downloads is {quoted(value)}; "
            f"upload it again with a whole number from 0 (any number) to {MOST_DOWNLOADS}."
        )
    if int(digits) > MOST_DOWNLOADS:
        raise InvalidMaxDownloads(
            f"{file.upload} was not announced: its metadata max-downloads is {quoted(value)}; "
            f"upload it again with at most {MOST_DOWNLOADS}, or 0 for any number."
        )
    if not settings.portal:
        raise InvalidMaxDownloads(
            f"{file.upload} was not announced: downloads are counted by the portal only, which "
            "this deployment has not; upload it again without the metadata max-downloads, or "
            "run `s3link deploy --with portal`."
        )
    return int(digits)
