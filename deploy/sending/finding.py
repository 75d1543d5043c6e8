"""Finds out what of a share is in the bucket already: after a send that broke off, and where the
answer to a manifest was lost. It only reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain, http_status, is_transient
from deploy.aws.side_by_side import WHOLE_FILES_AT_ONCE, side_by_side
from deploy.errors import UploadError
from deploy.lambda_packages import SHARE, ManifestError, manifest_of
from deploy.uploading.in_memory import InMemory
from deploy.uploading.upload import Place, Upload, is_not_new

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import HeadObjectOutputTypeDef

    from deploy.sending.sharing import Sharing

# A share ends with its oldest file: one that has had more than this part of its time is sent anew.
_STILL_YOUNG = 1 / 10
# Not there; or so for somebody who may not list the bucket.
_NOT_FOUND, _DENIED = 404, 403


@dataclass(frozen=True)
class _There:
    """An object that lies under a share's manifest's key."""

    content: bytes
    version: str
    modified: datetime


def find(place: Place, sharing: Sequence[Sharing], stays: timedelta) -> bool:
    """Let the states tell of what is there; files stay so long. False where a manifest is there
    that is not the share's: nobody can go on with it.

    Raises UploadError where S3 does not answer.
    """
    oldest = datetime.now(UTC) - stays * _STILL_YOUNG
    with _needing_answers():
        manifests = side_by_side([partial(_seen, place, one.key) for one in sharing])
        left = [one for one, there in zip(sharing, manifests, strict=True) if not there]
        files = [upload for one in left for upload in one.uploads]
        looks = [partial(_find_file, place, upload, oldest) for upload in files]
        side_by_side(looks, WHOLE_FILES_AT_ONCE)
    return all(
        _take_over(one, there) for one, there in zip(sharing, manifests, strict=True) if there
    )


def find_alone(
    place: Place, alone: Sequence[Upload], since: datetime, known: Mapping[str, str]
) -> None:
    """Let the states tell which files of no share are there, put `since` their shares' manifests.

    `known` says of versions when their files had last been changed, as a text: what was changed
    after it had arrived is another file. Raises UploadError where S3 does not answer.
    """
    with _needing_answers():
        looks = [partial(_find_alone, place, upload, since, known) for upload in alone]
        side_by_side(looks, WHOLE_FILES_AT_ONCE)


@contextmanager
def _needing_answers() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as exc:
        why = str(explain(exc) or exc).rstrip(".")
        raise UploadError(
            f"What an earlier send has left could not be looked up ({why}), so that nothing was "
            "sent now; run the same command again."
        ) from exc


def settle(place: Place, manifests: Sequence[Upload]) -> None:
    """Let the states tell of manifests that S3 may have taken although it seemed not to."""
    unclear = [one for one in manifests if one.state.begun and _is_unclear(one.state.fault)]
    for one in unclear:
        one.state.may_be_there = True
    side_by_side([partial(_settle, place, one) for one in unclear])


def _is_unclear(fault: BaseException | None) -> bool:
    """Whether S3 may have the manifest though this came of putting it: an answer was lost, and what
    botocore put then is refused, since it is there."""
    if isinstance(fault, ClientError):
        return is_not_new(fault) or is_transient(fault)
    return isinstance(fault, (BotoCoreError, KeyboardInterrupt))


def _settle(place: Place, manifest: Upload) -> None:
    state, ours = manifest.state, manifest.file.path
    try:
        there = _look(place, manifest.file.key)
    except (ClientError, BotoCoreError):
        return
    state.may_be_there = False
    if there and isinstance(ours, InMemory) and there.content == ours.content:
        state.version_id, state.fault = there.version, None


def _seen(place: Place, key: str) -> _There | None:
    """The same for somebody who may not look: then it is not there."""
    try:
        return _look(place, key)
    except ClientError as exc:
        if http_status(exc) != _DENIED:
            raise
        return None


def _look(place: Place, key: str) -> _There | None:
    try:
        answer = place.s3.get_object(**place.of(key))
    except ClientError as exc:
        if http_status(exc) != _NOT_FOUND:
            raise
        return None
    return _There(answer["Body"].read(), answer.get("VersionId", ""), answer["LastModified"])


def _head(place: Place, key: str) -> HeadObjectOutputTypeDef | None:
    """None where it is not there, or may not be looked at."""
    try:
        return place.s3.head_object(**place.of(key))
    except ClientError as exc:
        if http_status(exc) not in (_NOT_FOUND, _DENIED):
            raise
        return None


def _find_file(place: Place, upload: Upload, oldest: datetime) -> None:
    """Whether it has arrived. The mark is of a share with just this file: with its size, and as it
    was when it was last changed."""
    head = _head(place, upload.file.key)
    if head is None or head["Metadata"].get(SHARE) != upload.metadata[SHARE]:
        return
    if head["ContentLength"] == upload.file.size and head["LastModified"] > oldest:
        _is_there(upload, head)


def _find_alone(place: Place, upload: Upload, since: datetime, known: Mapping[str, str]) -> None:
    """Whether it has arrived. It has no mark; but S3's clock says that it came after its shares."""
    head, file = _head(place, upload.file.key), upload.file
    if head is None or head["LastModified"] < since or head["ContentLength"] != file.size:
        return
    modified = str(file.modified)
    is_changed = known.get(head.get("VersionId", ""), modified) != modified
    if head["Metadata"] == upload.metadata and not is_changed:
        _is_there(upload, head)


def _is_there(upload: Upload, head: HeadObjectOutputTypeDef) -> None:
    upload.state.begun = head["LastModified"]
    upload.state.version_id = head.get("VersionId", "")


def _take_over(one: Sharing, there: _There) -> bool:
    """Whether the manifest is of this share, which is then announced."""
    try:
        manifest = manifest_of(there.content)
    except ManifestError:
        return False
    if not one.share.is_told_by(manifest):
        return False
    for upload, file in zip(one.uploads, manifest.files, strict=True):
        upload.state.begun, upload.state.version_id = there.modified, file.version
    one.manifest = one.manifest_upload(there.content)
    one.manifest.state.begun, one.manifest.state.version_id = there.modified, there.version
    return True
