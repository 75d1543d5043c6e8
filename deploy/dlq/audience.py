"""Whom LinkGenerator would mail if a failed upload were replayed. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.aws.explain import explain
from deploy.lambda_packages import (
    SHARE,
    FileNotReadable,
    FunctionError,
    RecipientSettings,
    Upload,
    authorized_senders,
    check_names,
    is_left_out,
    is_prolonged,
    look_up,
    named_sender,
    recipients_of,
    with_manifest,
)

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from deploy.stacks.lookup import StackState

_PART = "it belongs to a share and is announced with it; a redrive of it alone mails nobody"
_PROLONGED = "it is a copy with which `links extend` prolonged a file; a redrive mails nobody"


@dataclass(frozen=True)
class Audience:
    """Whom LinkGenerator would mail a link to an uploaded file; or why it would mail nobody.

    `title` is that of a share, whose manifest the file is.
    """

    recipients: tuple[str, ...] = ()
    remark: str = ""
    title: str = ""


def audience_of(upload: Upload, store: S3Client, generator: StackState) -> Audience:
    """Found as LinkGenerator finds it, from the object's metadata or key as they are now; of a
    share, from what its manifest says."""
    settings = RecipientSettings.from_environment(generator.parameters)
    try:
        file = look_up(upload, store)
        if file is None:
            return Audience(remark="its file is gone; a redrive mails nobody")
        if is_prolonged(file, store):
            return Audience(remark=_PROLONGED)
        if file.is_folder_marker:
            return Audience(remark="it is only a folder; a redrive mails nobody")
        if is_left_out(file):
            return Audience(remark="it is a leftover of some program; a redrive mails nobody")
        if SHARE in file.metadata:
            return Audience(remark=_PART)
        check_names(file)
        file = with_manifest(file, store)
        title = file.name if file.manifest else ""
        found = recipients_of(file.upload, file.metadata, settings)
        named_sender(file, authorized_senders(generator.parameters))
    except FileNotReadable as exc:
        # It speaks of LinkGenerator's role, but here the operator has asked.
        cause = explain(exc.__cause__) if exc.__cause__ else None
        return Audience(remark=f"its recipients cannot be told: {cause or exc}")
    except FunctionError as exc:
        return Audience(remark=str(exc))
    return Audience(tuple(str(address) for address in found), title=title)
