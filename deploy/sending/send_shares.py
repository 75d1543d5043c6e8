"""Puts shares: their files first, marked with the share's id, then the manifests, which announce.

Until its manifest is there, nobody is mailed of a share. Files that are alone come last, for each
is announced as soon as it is there. What broke off goes on with the same command: what of it is in
the bucket is not sent again, nor is anybody mailed twice.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from deploy.errors import UploadError, UploadStoppedError
from deploy.lambda_packages import FORMAT_VERSION, file_size, quoted
from deploy.sending.alone import ended, put_alone
from deploy.sending.finding import find, find_alone, settle
from deploy.sending.sharing import Sharing
from deploy.sending.wording import left_alone, tell_what_was_there, told, way_on
from deploy.uploading.begun import Begun, BegunUploads
from deploy.uploading.put import put_all
from deploy.uploading.upload import Place, Upload, why_ended
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.sending.shares import PreparedShare

_SECONDS_PER_DAY = 86_400


def send_shares(
    clients: Clients,
    bucket: str,
    shares: Sequence[PreparedShare],
    alone: Sequence[Upload],
    console: Console,
    memory: BegunUploads | None,
    days_to_live: int,
) -> list[Sharing]:
    """Put all files of shares, all manifests, then what is `alone`; or raise UploadError that says
    whom nobody has mailed.

    As far as `memory` knows, it goes on where the same command broke off.
    """
    place = Place(clients.s3, bucket, clients.account)
    # What came by standard input is gone afterwards, and comes with another time.
    is_typed = any(file.typed for share in shares for file in share.files)
    remembering = BegunUploads() if memory is None or is_typed else memory
    with remembering.of(_identity(place, shares, alone)) as begun:
        sharing: list[Sharing] = []
        stopped: KeyboardInterrupt | None = None
        try:
            sharing += _begin(place, shares, alone, begun, days_to_live)
            _tell_of_earlier(sharing, alone, console)
            _put_files(clients, bucket, sharing, console, memory)
            if not any(one.missing for one in sharing):
                _put_manifests(clients, place, sharing)
            if all(one.is_announced for one in sharing):
                put_alone(clients, bucket, _missing(alone), console, memory)
        except KeyboardInterrupt as exc:
            stopped = exc
        _end(sharing, alone, begun, stopped)
    return sharing


def _begin(
    place: Place,
    shares: Sequence[PreparedShare],
    alone: Sequence[Upload],
    begun: Begun,
    days_to_live: int,
) -> list[Sharing]:
    """The shares as an earlier command left them, or else new ones, which are remembered."""
    # Of what is older, nothing is there any more.
    if begun.upload_id and time.time() - begun.since < days_to_live * _SECONDS_PER_DAY:
        begun_as, known = _remembered(begun.upload_id)
        sharing = _named(shares, begun_as)
        if find(place, sharing, timedelta(days=days_to_live)):
            announced = [one.announced_at for one in sharing if one.announced_at]
            if len(announced) == len(sharing):
                find_alone(place, alone, max(announced), known)
            return sharing
    begun.remember(f"{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(8)}")
    return _named(shares, begun.upload_id or "")


def _named(shares: Sequence[PreparedShare], begun_as: str) -> list[Sharing]:
    if len(shares) == 1:
        return [Sharing(shares[0], begun_as)]
    return [Sharing(share, f"{begun_as}-{n}") for n, share in enumerate(shares, start=1)]


def _remembered(text: str) -> tuple[str, dict[str, str]]:
    """By which id the shares were begun; and of each version of a file that is alone, when the file
    had last been changed."""
    begun_as, *lines = text.splitlines()
    parts = [line.rpartition(" ") for line in lines]
    return begun_as, {version: modified for version, _, modified in parts}


def _remember(begun: Begun, alone: Sequence[Upload]) -> None:
    """That the shares are announced, and what has arrived of the files that are alone."""
    begun_as, known = _remembered(begun.upload_id or "")
    known |= {one.state.version_id: str(one.file.modified) for one in alone if one.state.version_id}
    lines = (f"{version} {modified}" for version, modified in known.items())
    begun.remember("\n".join((begun_as, *lines)))


def _missing(uploads: Sequence[Upload]) -> list[Upload]:
    return [one for one in uploads if one.state.version_id is None]


def _identity(
    place: Place, shares: Sequence[PreparedShare], alone: Sequence[Upload]
) -> dict[str, object]:
    """All that the shares are: where any of it is another, nobody goes on with them.

    A file that is alone may change: it is sent as it is, and no share again.
    """
    return {
        "endpoint": place.s3.meta.endpoint_url,
        **place.of(""),
        "share": FORMAT_VERSION,
        "manifests": [share.terms.text.decode() for share in shares],
        "modified": [[file.modified for file in share.files] for share in shares],
        "alone": [[one.file.key, dict(one.metadata)] for one in alone],
    }


def _tell_of_earlier(sharing: Sequence[Sharing], alone: Sequence[Upload], console: Console) -> None:
    mailed = [one.title for one in sharing if one.is_announced]
    mailed += [one.file.key for one in alone if one.state.version_id is not None]
    for title in mailed:
        console.progress(
            f"{quoted(title)} was announced by an earlier send; nobody is mailed twice."
        )
    for one in sharing:
        there = len(one.uploads) - len(one.missing)
        files = counted(len(one.uploads), "file")
        if there and not one.is_announced:
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


def _end(
    sharing: Sequence[Sharing],
    alone: Sequence[Upload],
    begun: Begun,
    stopped: KeyboardInterrupt | None,
) -> None:
    """Raise UploadError unless all is announced, and UploadStoppedError if it was stopped.

    What is announced, or has left nothing in the bucket, is remembered no longer.
    """
    if not sharing:
        raise UploadStoppedError("Stopped: nothing was sent now.") from stopped
    uploads = [*(upload for one in sharing for upload in one.uploads), *alone]
    arrived = len(uploads) - len(_missing(uploads))
    are_shared = all(one.is_announced for one in sharing)
    is_done = are_shared and not _missing(alone)
    # What came by standard input is another file next time.
    goes_on = not (are_shared and any(one.file.typed for one in alone))
    if is_done or not (arrived or any(one.state.has_parts for one in uploads)) or not goes_on:
        begun.forget()
    elif are_shared:
        _remember(begun, alone)
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
    if are_shared and not (begun.is_kept and goes_on):
        sentence = ended(cause, uploads)
    else:
        number = f"{arrived:,} of {counted(len(uploads), 'file')} arrived and "
        mailed = left_alone(alone) if are_shared else told(sharing, alone)
        sentence = f"{cause}: {number}{mailed}; {way_on(sharing, begun.is_kept)}."
    if stopped is not None:
        raise UploadStoppedError(sentence) from stopped
    raise UploadError(sentence) from faulty[0].state.fault
