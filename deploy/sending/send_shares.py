"""Puts shares: their files first, marked with the share's id, then the manifests, which announce.

Until its manifest is there, nobody is mailed of a share. One that broke off goes on with the same
command: what of it is in the bucket is not sent again, nor is anybody mailed twice.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from deploy.errors import UploadError, UploadStoppedError
from deploy.lambda_packages import FORMAT_VERSION, file_size, quoted
from deploy.sending.finding import find, settle
from deploy.sending.sharing import Sharing
from deploy.sending.wording import tell_what_was_there
from deploy.uploading.begun import Begun, BegunUploads
from deploy.uploading.put import put_all
from deploy.uploading.upload import Place, why_ended
from deploy.wording import counted, enumerated

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.sending.shares import PreparedShare

_SECONDS_PER_DAY = 86_400


def send_shares(
    clients: Clients,
    bucket: str,
    shares: Sequence[PreparedShare],
    console: Console,
    memory: BegunUploads | None,
    days_to_live: int,
) -> list[Sharing]:
    """Put all files, then all manifests; or raise UploadError that says whom nobody has mailed.

    As far as `memory` knows, it goes on where the same command broke off.
    """
    place = Place(clients.s3, bucket, clients.account)
    # What came by standard input is gone afterwards, and comes with another time.
    is_typed = any(file.typed for share in shares for file in share.files)
    remembering = BegunUploads() if memory is None or is_typed else memory
    with remembering.of(_identity(place, shares)) as begun:
        sharing: list[Sharing] = []
        stopped: KeyboardInterrupt | None = None
        try:
            sharing += _begin(place, shares, begun, days_to_live)
            _tell_of_earlier(sharing, console)
            _put_files(clients, bucket, sharing, console, memory)
            if not any(one.missing for one in sharing):
                _put_manifests(clients, place, sharing)
        except KeyboardInterrupt as exc:
            stopped = exc
        _end(sharing, begun, stopped)
    return sharing


def _begin(
    place: Place, shares: Sequence[PreparedShare], begun: Begun, days_to_live: int
) -> list[Sharing]:
    """The shares as an earlier command left them, or else new ones, which are remembered."""
    # Of what is older, nothing is there any more.
    if begun.upload_id and time.time() - begun.since < days_to_live * _SECONDS_PER_DAY:
        sharing = _named(shares, begun.upload_id)
        if find(place, sharing, timedelta(days=days_to_live)):
            return sharing
    begun.remember(f"{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(8)}")
    return _named(shares, begun.upload_id or "")


def _named(shares: Sequence[PreparedShare], begun_as: str) -> list[Sharing]:
    if len(shares) == 1:
        return [Sharing(shares[0], begun_as)]
    return [Sharing(share, f"{begun_as}-{n}") for n, share in enumerate(shares, start=1)]


def _identity(place: Place, shares: Sequence[PreparedShare]) -> dict[str, object]:
    """All that the shares are: where any of it is another, nobody goes on with them."""
    return {
        "endpoint": place.s3.meta.endpoint_url,
        **place.of(""),
        "share": FORMAT_VERSION,
        "manifests": [share.terms.text.decode() for share in shares],
        "modified": [[file.modified for file in share.files] for share in shares],
    }


def _tell_of_earlier(sharing: Sequence[Sharing], console: Console) -> None:
    for one in sharing:
        there = len(one.uploads) - len(one.missing)
        files = counted(len(one.uploads), "file")
        if one.is_announced:
            console.progress(
                f"{quoted(one.title)} was announced by an earlier send; nobody is mailed twice."
            )
        elif there:
            console.progress(f"{there:,} of {files} were there from an earlier send.")


def _put_files(
    clients: Clients,
    bucket: str,
    sharing: Sequence[Sharing],
    console: Console,
    memory: BegunUploads | None,
) -> None:
    missing = [upload for one in sharing for upload in one.missing]
    if not missing:
        return
    number, size = len(missing), sum(upload.file.size for upload in missing)
    try:
        with console.bar(f"Sending {counted(number, 'file')} ({file_size(size)})", size) as advance:
            put_all(clients, bucket, missing, advance, memory)
    finally:
        tell_what_was_there(missing, console)


def _put_manifests(clients: Clients, place: Place, sharing: Sequence[Sharing]) -> None:
    """Put them side by side. One that S3 has taken counts, also where its answer was lost."""
    for one in sharing:
        one.manifest = one.manifest or one.manifest_upload()
    left = [one.manifest for one in sharing if one.manifest and not one.is_announced]
    try:
        put_all(clients, place.bucket, left, lambda _: None)
    finally:
        settle(place, left)


def _end(sharing: Sequence[Sharing], begun: Begun, stopped: KeyboardInterrupt | None) -> None:
    """Raise UploadError unless all shares are announced, and UploadStoppedError if it was stopped.

    What is announced, or has left nothing in the bucket, is remembered no longer.
    """
    if not sharing:
        raise UploadStoppedError("Stopped: nothing was sent now.") from stopped
    uploads = [upload for one in sharing for upload in one.uploads]
    arrived = [upload for upload in uploads if upload.state.version_id is not None]
    is_done = all(one.is_announced for one in sharing)
    if is_done or not (arrived or any(upload.state.has_parts for upload in uploads)):
        begun.forget()
    if is_done:
        if stopped is not None:
            all_ = counted(len(uploads), "file")
            raise UploadStoppedError(f"Stopped, but all {all_} had arrived, and are announced.")
        return
    parts = [one.manifest for one in sharing if one.manifest]
    faulty = [one for one in (*uploads, *parts) if one.state.fault is not None]
    cause = "Stopped"
    if stopped is None:
        cause = why_ended(faulty[0].state.fault or OSError(), faulty[0].file, "sent")
    number = f"{len(arrived):,} of {counted(len(uploads), 'file')} arrived and "
    sentence = f"{cause}: {number}{_told(sharing)}; {_way_on(sharing, begun)}."
    if stopped is not None:
        raise UploadStoppedError(sentence) from stopped
    raise UploadError(sentence) from faulty[0].state.fault


def _told(sharing: Sequence[Sharing]) -> str:
    """Who was mailed of shares that are not all announced."""
    unknown = [quoted(one.title) for one in sharing if one.may_be_announced]
    if unknown:
        return f"it is not known whether {enumerated(unknown)} was announced"
    untold = [quoted(one.title) for one in sharing if not one.is_announced]
    if len(untold) == len(sharing):
        return "nobody was mailed"
    return f"nobody was mailed of {enumerated(untold)}"


def _way_on(sharing: Sequence[Sharing], begun: Begun) -> str:
    if begun.is_kept:
        return "run the same command again: it sends only what is missing, and mails nobody twice"
    if any(one.may_be_announced for one in sharing):
        return "look with s3link deliveries, and send the files again if not"
    return "send them again"
