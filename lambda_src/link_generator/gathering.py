"""Gathering: a file waits for others that the same people get of the same folder.

What decides that files belong together is their group, which stands in the id of the share that is
made of them: so a manifest with such an id can name nothing but what was gathered for it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from files.expiry import row_ends
from files.manifest import Manifest, ManifestError, SharedFile, manifest_of, share_id_of
from files.metadata import (
    SENDER,
    decoded,
    is_complete,
    lifetime_wished,
    max_downloads_of,
    note_of,
)
from files.shares import refusal_of
from files.store import StoredFile
from files.uploads import Upload
from function.invocation import Invocation
from function.text import shown
from mail.addresses import Address, parse_address
from mail.template_data import shortened
from tables.service import TableError, write_patiently

from link_generator import log
from link_generator.deliveries import delivery_id
from link_generator.faults import ledger_unavailable, not_gathered, not_woken
from link_generator.gathered_files import GatheredFile, file_id
from link_generator.settings import Services, Settings
from link_generator.side_by_side import side_by_side
from link_generator.wake_ups import WakeUpError

_DIGITS = 32
_SHARE_DIGITS = 16
_ID = re.compile(f"gathered-([0-9a-f]{{{_DIGITS}}})-[0-9a-f]{{{_SHARE_DIGITS}}}")
_GROUP = re.compile(f"[0-9a-f]{{{_DIGITS}}}")

_REFUSED = "an id that begins with gathered- is for files that LinkGenerator has gathered"


def gather(
    file: StoredFile,
    recipients: Sequence[Address],
    settings: Settings,
    services: Services,
    invocation: Invocation,
) -> bool:
    """Let a file wait for others; False when it is to be mailed alone. Raises NotGathered.

    An event that comes again finds its file waiting, or in a share.
    """
    gathering = services.gathering
    if gathering is None or settings.gathering is None or is_complete(file):
        return False
    period = settings.gathering.period
    share = share_of_one(file, recipients)
    if share is None or _was_mailed_alone(file, recipients, services):
        return False
    upload, now = file.upload, invocation.clock()
    [one] = share.files
    wanted = GatheredFile(
        id=file_id(upload),
        group=group_of(share, upload.key),
        key=one.key,
        version=one.version,
        size=one.size,
        name=one.own_name,
        recipients=share.recipients,
    )
    ends_at = row_ends(file, settings)
    try:
        known = write_patiently(
            lambda: gathering.files.add(wanted, now, ends_at), invocation.pause_a_few_times
        )
    except TableError as exc:
        raise not_gathered(upload, exc) from exc
    if known.share:
        log.gathered_before(upload)
        return True
    try:
        # Of one that waits already, too: the run that let it wait may have died since.
        due = invocation.clock() + period
        gathering.wake_ups.make(known.group, due, invocation.pause_a_few_times)
    except WakeUpError as exc:
        raise not_woken(upload, exc) from exc
    log.gathered(upload, int(period.total_seconds()))
    return True


def share_of_one(file: StoredFile, recipients: Sequence[Address]) -> Manifest | None:
    """What a manifest would say of this file alone; None for what none can say.

    Raises FileError for wishes that make no sense.
    """
    wished = lifetime_wished(file, timedelta.max)
    sender = file.metadata.get(SENDER)
    share = Manifest(
        files=(_shared(file),),
        recipients=tuple(str(one) for one in recipients),
        sender=decoded(sender).strip() if sender is not None else "",
        note=note_of(file),
        expires=None if wished is None else int(wished.total_seconds()),
        max_downloads=max_downloads_of(file),
    )
    try:
        return share if manifest_of(share.text) == share else None
    except (ManifestError, UnicodeError):
        return None


def group_of(share: Manifest, key: str) -> str:
    """What has the same may be mailed together: recipients, terms and folder."""
    said = [
        sorted(parse_address(one).identity for one in share.recipients),
        key.rpartition("/")[0],
        share.sender,
        share.note,
        share.expires,
        share.max_downloads,
    ]
    text = json.dumps(said, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def is_group(text: object) -> bool:
    return isinstance(text, str) and bool(_GROUP.fullmatch(text))


def new_share_id(random: bytes) -> str:
    """The part of a share's id that tells it from others of its group."""
    return random.hex()[:_SHARE_DIGITS]


def gathered_id(group: str, share: str) -> str:
    """The id of a share of gathered files."""
    return f"gathered-{group}-{share}"


def is_gathered(share: StoredFile) -> bool:
    """Whether its id says that LinkGenerator made it."""
    return share_id_of(share.upload.key).startswith("gathered-")


def check_gathered(share: StoredFile, services: Services) -> None:
    """Raises InvalidShare for files that were not gathered for just this share; NotGathered."""
    manifest, found = share.manifest, _ID.fullmatch(share_id_of(share.upload.key))
    if services.gathering is None or manifest is None or found is None:
        raise refusal_of(share, _REFUSED)
    if any(group_of(manifest, one.key) != found[1] for one in manifest.files):
        raise refusal_of(share, _REFUSED)
    bucket, own = share.upload.bucket, found[0].rpartition("-")[2]
    named = {file_id(Upload(bucket, one.key, one.version)): one.key for one in manifest.files}
    try:
        shares = {one.id: one.share for one in services.gathering.files.files(named)}
    except TableError as exc:
        raise not_gathered(share.upload, exc) from exc
    for identifier, key in named.items():
        if shares.get(identifier) != own:
            raise refusal_of(share, f"{shown(key)} was not gathered for it")


def not_gathered_yet(
    file: StoredFile, copied: Sequence[str], recipients: Sequence[Address], services: Services
) -> tuple[Address, ...]:
    """Those for whom none of the versions that were `copied` waits, or was mailed, with others.

    Raises NotGathered.
    """
    if services.gathering is None or not copied:
        return tuple(recipients)
    ids = [file_id(replace(file.upload, version=version)) for version in copied]
    try:
        known = services.gathering.files.files(ids)
    except TableError as exc:
        raise not_gathered(file.upload, exc) from exc
    told = {parse_address(one).identity for each in known for one in each.recipients}
    return tuple(one for one in recipients if one.identity not in told)


def _shared(file: StoredFile) -> SharedFile:
    upload = file.upload
    return SharedFile(
        upload.key, str(upload.version or "null"), file.size, shortened(file.own_name)
    )


def _was_mailed_alone(file: StoredFile, recipients: Sequence[Address], services: Services) -> bool:
    """Whether an event of this file came while none were gathered. Raises LedgerUnavailable."""
    ids = [delivery_id(file.upload, one) for one in recipients]
    try:
        return any(side_by_side(services.ledger.knows, ids, services.readers))
    except TableError as exc:
        raise ledger_unavailable(file.upload, exc) from exc
