"""Puts files into a bucket, many side by side, and knows of each whether it arrived.

However it ends, what is under way is waited for: then it has arrived, or it is taken back, or it
waits for a later command to go on with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError

from deploy.aws.side_by_side import PARTS_AT_ONCE, WHOLE_FILES_AT_ONCE, pool
from deploy.interruption import deferring_interrupts
from deploy.lambda_packages import file_size, quoted
from deploy.uploading.begun import BegunUploads
from deploy.uploading.body import body_of, require_unchanged, telling_of_changes
from deploy.uploading.calls import Calls
from deploy.uploading.parts import THRESHOLD_BYTES, part_size, put_in_parts
from deploy.uploading.upload import ENDS, Place, Upload, UploadState

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.uploading.files import LocalFile


def put_all(
    clients: Clients,
    bucket: str,
    uploads: Sequence[Upload],
    advance: Callable[[int], None],
    memory: BegunUploads | None = None,
) -> None:
    """Put the files; their states tell what became of them, also when Ctrl-C ends this.

    One that fails keeps no other from being put, unless it is the network that fails. A large file
    goes on where an earlier command broke off, as far as `memory` knows.
    """
    place = Place(clients.s3, bucket, clients.account)
    # A file waits for its calls, so that they need pools of their own.
    with (
        pool(WHOLE_FILES_AT_ONCE) as running,
        pool(PARTS_AT_ONCE) as running_parts,
        pool(WHOLE_FILES_AT_ONCE) as files,
    ):
        calls = Calls(running, running_parts)
        putting = _Putting(place, calls, advance, memory or BegunUploads())
        under_way: list[Future[None]] = []
        try:
            with deferring_interrupts():
                under_way += [files.submit(putting.put, upload) for upload in uploads]
            wait(under_way)
        except KeyboardInterrupt:
            _bring_to_rest(putting.calls, under_way)
            raise
    for one in under_way:
        one.result()


def put_with_bar(
    clients: Clients,
    bucket: str,
    file: LocalFile,
    metadata: Mapping[str, str],
    state: UploadState,
    console: Console,
    doing: str,
    only_new: bool = False,
) -> None:
    """Put one file, shown as "Publishing …", or whatever is being done; raises one of ENDS.

    `state` tells the truth also then.
    """
    upload = Upload(file, metadata, only_new, state)
    with console.bar(f"{doing} {quoted(file.key)} ({file_size(file.size)})", file.size) as advance:
        put_all(clients, bucket, [upload], advance)
    if state.fault is not None:
        raise state.fault


def _bring_to_rest(calls: Calls, under_way: Sequence[Future[None]]) -> None:
    calls.stopped.set()
    wait(under_way)


@dataclass(frozen=True)
class _Putting:
    """What all files of a command have in common."""

    place: Place
    calls: Calls
    advance: Callable[[int], None]
    memory: BegunUploads

    def put(self, upload: Upload) -> None:
        if self.calls.no_more_files.is_set() or self.calls.stopped.is_set():
            return
        upload.state.begun = datetime.now(UTC)
        try:
            upload.state.version_id = self._version_of(upload)
        except ENDS as exc:
            upload.state.fault = exc
            if isinstance(exc, BotoCoreError):  # the network, or the credentials
                self.calls.no_more_files.set()

    def _version_of(self, upload: Upload) -> str:
        """Put the file, whole or in parts, and return the version that it has become."""
        if upload.file.size < THRESHOLD_BYTES:
            with telling_of_changes(upload.file):
                return self.calls.begin(partial(self._put_whole, upload)).result()
        # What came by standard input is gone afterwards.
        memory = BegunUploads() if upload.file.typed else self.memory
        with memory.of(self._identity(upload)) as begun:
            return put_in_parts(self.place, upload, begun, self.calls, self.advance)

    def _put_whole(self, upload: Upload) -> str:
        file, calls = upload.file, self.calls
        # S3 has not all of it before, and takes nothing less.
        unchanged = partial(require_unchanged, file)
        with body_of(file.path, 0, file.size, self.advance, calls.go_on, unchanged) as body:
            answer = self.place.s3.put_object(
                **self.place.of(file.key), **upload.described, **upload.condition, Body=body
            )
        return answer.get("VersionId", "")

    def _identity(self, upload: Upload) -> dict[str, object]:
        """All that the upload is: where any of it is another, nobody goes on with it."""
        file = upload.file
        return {
            "endpoint": self.place.s3.meta.endpoint_url,
            **self.place.of(file.key),
            **upload.described,
            "size": file.size,
            "modified": file.modified,
            "part size": part_size(file.size),
        }
