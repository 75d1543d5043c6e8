"""Which files one mail announces: those that the same people get. It calls nothing.

What LinkGenerator would refuse of a share is refused here, before a byte leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from deploy.errors import UploadError
from deploy.lambda_packages import (
    FORMAT_VERSION,
    MOST_DIRECT_FILES,
    MOST_FILES,
    RECIPIENTS,
    Manifest,
    ManifestError,
    SharedFile,
    is_openable,
    manifest_of,
    means_an_address,
)
from deploy.sending.prepare import (
    PreparedUpload,
    SendOptions,
    check_file,
    check_options,
    has_portal,
    prepare_uploads,
    told,
)

if TYPE_CHECKING:
    from deploy.deployment import Deployment
    from deploy.stacks.lookup import StackState
    from deploy.uploading.files import LocalFile

# Which form of a manifest LinkGenerator knows: the stack says it beside the code, so that both
# change together, and whoever may send may read it.
KNOWN_FORM = "ShareManifestVersion"
# Only S3 gives versions; each is put in its place once it is known.
_NOT_YET = "-"


@dataclass(frozen=True)
class PreparedShare:
    """Files that one mail announces, ready to be put, and who will be told.

    `terms` is the manifest but for the files' versions.
    """

    files: tuple[LocalFile, ...]
    recipients: tuple[str, ...]
    terms: Manifest
    has_page: bool

    def manifest(self, versions: Sequence[str]) -> Manifest:
        """With the files' versions, in their order."""
        named = zip(self.terms.files, versions, strict=True)
        return replace(
            self.terms, files=tuple(replace(one, version=version) for one, version in named)
        )

    def is_told_by(self, manifest: Manifest) -> bool:
        """Whether it says the same, of whichever versions."""
        return self.manifest([_NOT_YET] * len(self.files)) == replace(
            manifest, files=tuple(replace(one, version=_NOT_YET) for one in manifest.files)
        )


@dataclass(frozen=True)
class Prepared:
    """All that is to be sent: each file alone, or in one share."""

    alone: tuple[PreparedUpload, ...]
    shares: tuple[PreparedShare, ...] = ()


def prepare(
    files: Sequence[LocalFile],
    options: SendOptions,
    deployment: Deployment,
    generator: StackState,
) -> Prepared:
    """Check all that can be checked before sending; raises UploadError for the first fault.

    Files that the same people get are a share, unless there is only one.
    """
    check_options(options, deployment, generator)
    groups: dict[frozenset[str], list[LocalFile]] = {}
    recipients: dict[frozenset[str], tuple[str, ...]] = {}
    whom = _Recipients(options, deployment, generator)
    for file in files:
        check_file(file, options)
        _check_openable(file)
        who = frozenset(address.lower() for address in whom.of(file.key))
        groups.setdefault(who, []).append(file)
        recipients.setdefault(who, whom.of(file.key))
    alone = [file for group in groups.values() if len(group) == 1 for file in group]
    return Prepared(
        tuple(prepare_uploads(alone, options, deployment, generator)),
        tuple(
            _share(group, recipients[who], options, deployment, generator)
            for who, group in groups.items()
            if len(group) > 1
        ),
    )


@dataclass(frozen=True)
class _Recipients:
    """Who gets which file, of which only its first folder says anything: each is asked of once."""

    options: SendOptions
    deployment: Deployment
    generator: StackState
    known: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, key: str) -> tuple[str, ...]:
        """Raises UploadError when LinkGenerator would refuse the file."""
        to = self.options.to
        folder = "" if to else _first_folder(key)
        if folder not in self.known:
            metadata = {RECIPIENTS: ",".join(to)} if to else {}
            self.known[folder] = told(key, metadata, to, self.deployment, self.generator)
        return self.known[folder]


def _first_folder(key: str) -> str:
    folder, slash, _ = key.lstrip("/").partition("/")
    return folder if slash else ""


def _share(
    files: Sequence[LocalFile],
    recipients: tuple[str, ...],
    options: SendOptions,
    deployment: Deployment,
    generator: StackState,
) -> PreparedShare:
    _check_known(deployment, generator)
    _check_number(len(files), recipients, deployment, generator)
    terms = Manifest(
        files=tuple(SharedFile(file.key, _NOT_YET, file.size) for file in files),
        recipients=_named(files, recipients, options),
        sender=options.sender or "",
        note=options.note.strip(),
        expires=options.expires,
        max_downloads=options.max_downloads,
    )
    try:
        manifest_of(terms.text)
    except ManifestError as exc:
        raise UploadError(
            f"Nothing was sent, since one mail cannot announce these files: {exc}; change that, or "
            "send fewer at a time."
        ) from exc
    return PreparedShare(tuple(files), recipients, terms, has_portal(generator))


def _named(
    files: Sequence[LocalFile], recipients: tuple[str, ...], options: SendOptions
) -> tuple[str, ...]:
    """Whom the manifest names: nobody where EmailRecipient is meant, as with a single file."""
    if options.to:
        return options.to
    is_said = any(means_an_address(_first_folder(file.key)) for file in files)
    return recipients if is_said else ()


def _check_openable(file: LocalFile) -> None:
    """One that is not keeps all of a share from being announced."""
    if not is_openable(file.key):
        raise UploadError(
            f'Nothing was sent: browsers cannot open a link to "{file.key}", with a folder or file '
            'named "." or ".."; give it another name.'
        )


def _check_known(deployment: Deployment, generator: StackState) -> None:
    """An older LinkGenerator would announce each file, and the manifest, to EmailRecipient."""
    known = generator.outputs.get(KNOWN_FORM, "")
    if not known.isdigit() or int(known) < FORMAT_VERSION:
        raise UploadError(
            f"Nothing was sent: stack {generator.name} was deployed by an older s3link, which "
            f"cannot announce several files by one mail; run `{deployment.command('deploy')}` "
            "first, or add --separately for a mail for each file."
        )


def _check_number(
    number: int, recipients: tuple[str, ...], deployment: Deployment, generator: StackState
) -> None:
    whom = ", ".join(recipients)
    fewer = "--zip for a folder as one file, or --separately for a mail for each file"
    if number > MOST_FILES:
        raise UploadError(
            f"Nothing was sent: one mail announces at most {MOST_FILES:,} files, and {number:,} "
            f"are for {whom}; send fewer at a time, or add {fewer}."
        )
    if number > MOST_DIRECT_FILES and not has_portal(generator):
        raise UploadError(
            f"Nothing was sent: without the portal one mail announces at most {MOST_DIRECT_FILES} "
            f"files, each with a link of its own, and {number:,} are for {whom}; run "
            f"`{deployment.command('deploy')} --with portal` first, or add {fewer}."
        )
