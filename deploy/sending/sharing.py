"""A share on its way: what of it is in the bucket, and whether it is announced. Calls nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from deploy.lambda_packages import SHARE, manifest_key
from deploy.sending.sent import SentShare, sent_file
from deploy.uploading.files import LocalFile
from deploy.uploading.in_memory import InMemory
from deploy.uploading.upload import Upload

if TYPE_CHECKING:
    from deploy.sending.shares import PreparedShare


@dataclass
class Sharing:
    """A share on its way: the uploads of its files, and once these are there, of its manifest."""

    share: PreparedShare
    id: str
    uploads: tuple[Upload, ...] = field(init=False)
    manifest: Upload | None = None

    def __post_init__(self) -> None:
        self.uploads = tuple(Upload(file, {SHARE: self.id}) for file in self.share.files)

    @property
    def key(self) -> str:
        return manifest_key(self.id)

    @property
    def title(self) -> str:
        return self.share.terms.title

    @property
    def missing(self) -> list[Upload]:
        return [one for one in self.uploads if one.state.version_id is None]

    @property
    def is_announced(self) -> bool:
        return self.manifest is not None and self.manifest.state.version_id is not None

    @property
    def announced_at(self) -> datetime | None:
        """When S3 took the manifest, if an earlier command had put it."""
        return self.manifest.state.begun if self.manifest and self.is_announced else None

    @property
    def may_be_announced(self) -> bool:
        """S3 was given the manifest, and nobody knows whether it has taken it."""
        state = self.manifest.state if self.manifest else None
        return state is not None and state.version_id is None and state.may_be_there

    def manifest_upload(self, content: bytes | None = None) -> Upload:
        """Of the manifest of the versions that are there, or of this one."""
        if content is None:
            versions = [upload.state.version_id or "" for upload in self.uploads]
            content = self.share.manifest(versions).text
        name = f"manifest of {self.title}"
        file = LocalFile(InMemory(content), self.key, len(content), typed=name)
        return Upload(file, {}, only_new=True)

    def sent(self) -> SentShare:
        """The share, once it is announced."""
        manifest = self.manifest or self.manifest_upload()
        state, recipients = manifest.state, self.share.recipients
        return SentShare(
            self.id,
            self.key,
            state.version_id or "",
            self.title,
            self.share.terms.total_size,
            recipients,
            state.begun or datetime.now(UTC),
            tuple(sent_file(upload, recipients) for upload in self.uploads),
            self.share.has_page,
        )
