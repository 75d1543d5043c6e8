"""Makes files ready to be sent: recipients, limits and metadata, checked before a byte leaves.

It calls nothing: what LinkGenerator would refuse is known from the parameters of its stack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.errors import OptionError, UploadError
from deploy.lambda_packages import (
    DIRECT_LINK_LIMIT_SECONDS,
    FunctionError,
    RecipientSettings,
    Upload,
    authorized_senders,
    is_manifest,
    means_an_address,
    parse_address,
    parse_mailbox,
    recipients_of,
)
from deploy.sending.metadata import upload_metadata
from deploy.settings.configuration import known_parameters
from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.deployment import Deployment
    from deploy.stacks.lookup import StackState
    from deploy.uploading.files import LocalFile

_SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class SendOptions:
    """What the sender asks for: to whom, with which words, for how many seconds and downloads;
    and in whose name, if in anybody's."""

    to: tuple[str, ...] = ()
    note: str = ""
    expires: int | None = None
    max_downloads: int | None = None
    sender: str | None = None


@dataclass(frozen=True)
class PreparedUpload:
    """One file, ready to be put: who will be told, and the metadata that says so."""

    file: LocalFile
    recipients: tuple[str, ...]
    metadata: Mapping[str, str]


def prepare_uploads(
    files: Sequence[LocalFile],
    options: SendOptions,
    deployment: Deployment,
    generator: StackState,
) -> list[PreparedUpload]:
    """Check all that can be checked before sending; raises UploadError for the first fault."""
    check_options(options, deployment, generator)
    prepared = []
    for file in files:
        check_file(file, options)
        metadata = upload_metadata(
            *(file.key, options.to, options.note, options.expires),
            *(options.max_downloads, options.sender),
            # An older LinkGenerator does not know that word.
            gathers=generator.parameters.get("GatherPeriod", "0") != "0",
        )
        recipients = told(file.key, metadata, options.to, deployment, generator)
        prepared.append(PreparedUpload(file, recipients, metadata))
    return prepared


def check_options(options: SendOptions, deployment: Deployment, generator: StackState) -> None:
    """What holds for all files. Raises UploadError, or OptionError for what is never right."""
    _check_expiry(options.expires, generator, deployment)
    _check_downloads(options.max_downloads, generator, deployment)
    _check_sender(options.sender, generator, deployment)


def told(
    key: str,
    metadata: Mapping[str, str],
    to: Sequence[str],
    deployment: Deployment,
    generator: StackState,
) -> tuple[str, ...]:
    """Whom LinkGenerator will mail; raises UploadError when it would refuse the upload."""
    settings = RecipientSettings.from_environment(generator.parameters)
    refused = [address for address in to if not settings.authorized.allows(parse_address(address))]
    if refused:
        raise UploadError(
            f"Nothing was sent, because {', '.join(refused)} may not get links from "
            f"{generator.name}; send to others, or add the address to AuthorizedRecipients and "
            f"run `{deployment.command('deploy')}`."
        )
    upload = Upload(generator.outputs["FileExchangeBucketName"], key, version=None)
    try:
        return tuple(str(address) for address in recipients_of(upload, metadata, settings))
    except FunctionError as exc:
        raise UploadError(f"Nothing was sent: {exc}") from exc


def check_file(file: LocalFile, options: SendOptions) -> None:
    """Raises UploadError for a file that would be taken for a manifest; and for a folder that says
    by its name who gets its files, since as a ZIP it says so no more."""
    if is_manifest(file.key):
        raise UploadError(
            f'Nothing was sent: "{file.key}" is where a manifest lies, which says what is sent '
            "together; give the file another name."
        )
    if not file.is_packed or options.to:
        return
    if means_an_address(file.key):
        raise UploadError(
            f'Nothing was sent: with --zip the name of "{file.title}" does not say who gets it; '
            "add --to."
        )


def _check_sender(sender: str | None, generator: StackState, deployment: Deployment) -> None:
    if sender is None:
        return
    address = parse_mailbox(sender).address
    if not authorized_senders(generator.parameters).allows(address):
        raise UploadError(
            f"Nothing was sent, because {address} may not be named as who shares files through "
            f"{generator.name}; leave --from out, or add the address to AuthorizedSenders and "
            f"run `{deployment.command('deploy')}`."
        )


def has_portal(generator: StackState) -> bool:
    return bool(generator.parameters.get("PortalStackName"))


def _check_downloads(
    max_downloads: int | None, generator: StackState, deployment: Deployment
) -> None:
    if max_downloads is not None and not has_portal(generator):
        raise UploadError(
            "--max-downloads needs the portal, which this deployment lacks: nobody counts the "
            "downloads of a direct link. Leave it out, or run "
            f"`{deployment.command('deploy')} --with portal` first."
        )


def _check_expiry(expires: int | None, generator: StackState, deployment: Deployment) -> None:
    least = known_parameters()["LinkExpirationPeriod"].min_value or 1
    if expires is not None and expires < least:
        raise OptionError(
            f"--expires asks for {counted(expires, 'second')}, in which hardly anybody reads a "
            f"mail; ask for {least:.0f} or more."
        )
    limit, way_out = _longest_expiry(generator, deployment)
    if expires is not None and expires > limit:
        raise UploadError(
            f"--expires asks for {counted(expires, 'second')} and links of this deployment live at "
            f"most {limit:,}; ask for less, or {way_out}."
        )


def _longest_expiry(generator: StackState, deployment: Deployment) -> tuple[int, str]:
    """For how many seconds a link works at most, and what lets the next ones work longer."""
    if has_portal(generator):
        days = int(generator.parameters["ExchangableObjectsTTL"])
        return days * _SECONDS_PER_DAY, "deploy with a higher ExchangableObjectsTTL (days)"
    seconds = int(generator.parameters["LinkExpirationPeriod"])
    if seconds < DIRECT_LINK_LIMIT_SECONDS:
        return seconds, "deploy with a longer LinkExpirationPeriod"
    return seconds, (
        f"run `{deployment.command('deploy')} --with portal`, whose links work for as long as "
        "their file stays"
    )
