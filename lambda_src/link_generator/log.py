"""LinkGenerator's log: one structured line per thing that happened.

With Lambda's JSON log format the runtime writes `extra` as fields of the line, so that nothing in
a key can begin a line of its own. No link, token, note or mail body may be passed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from files.expiry import Validity
from files.store import StoredFile
from files.uploads import Outcome, Upload
from function.errors import FunctionError
from function.log import logger_of
from mail.addresses import Address
from signing.links import LONGEST_MAILED

from link_generator.deliveries import Sent

logger = logger_of("link_generator")


def _fields(upload: Upload) -> dict[str, Any]:
    return {"file": upload.key, "version": upload.version}


def _fields_of(file: StoredFile) -> dict[str, Any]:
    """Of a share, those of its manifest, and how many files it names."""
    fields = _fields(file.upload)
    return {**fields, "files": len(file.manifest.files)} if file.manifest else fields


def _left_out(upload: Upload, outcome: Outcome) -> dict[str, Any]:
    """What `s3link send --wait` reads: nobody will be mailed this upload."""
    return {**_fields(upload), "outcome": str(outcome)}


def received(upload: Upload) -> None:
    logger.info("Received %s", upload, extra=_fields(upload))


def skipped_event() -> None:
    logger.info("Skipped an event without records")


def skipped_record(record: Mapping[str, Any]) -> None:
    logger.info("Skipped a record that is not an arrival", extra={"eventName": record["eventName"]})


def skipped_folder(upload: Upload) -> None:
    logger.info("Skipped folder marker %s", upload, extra=_left_out(upload, Outcome.SKIPPED))


def skipped_part(upload: Upload) -> None:
    logger.info(
        "Skipped %s, which is announced with the other files of its share",
        upload,
        extra=_left_out(upload, Outcome.SKIPPED),
    )


def skipped_leftover(upload: Upload, to_send: str) -> None:
    logger.info(
        "Skipped %s, as systems and programs leave it behind; `%s` sends it when named",
        upload,
        to_send,
        extra=_left_out(upload, Outcome.SKIPPED),
    )


def replaced(upload: Upload) -> None:
    logger.info(
        "%s was empty, and was replaced or deleted at once; nobody is mailed the empty one",
        upload,
        extra=_left_out(upload, Outcome.REPLACED),
    )


def gathered(upload: Upload, seconds: int) -> None:
    logger.info(
        "%s waits for others, and is mailed with them once no more came for %d seconds",
        upload,
        seconds,
        extra=_left_out(upload, Outcome.GATHERED),
    )


def gathered_before(upload: Upload) -> None:
    logger.info(
        "%s came before; it is mailed, or was, with the other files of its share",
        upload,
        extra=_left_out(upload, Outcome.GATHERED),
    )


def gone_while_gathered(upload: Upload) -> None:
    logger.warning(
        "%s was gone before it was mailed with others; they are mailed without it",
        upload,
        extra=_left_out(upload, Outcome.GONE),
    )


def nothing_gathered(group: str) -> None:
    logger.info("No files wait to be mailed together", extra={"group": group})


def left_to_redrive(group: str, shares: int) -> None:
    logger.info(
        "What has failed before is left to the redrive of its event",
        extra={"group": group, "shares": shares},
    )


def still_gathering(group: str, files: int) -> None:
    logger.info(
        "More files came meanwhile; %d wait on", files, extra={"group": group, "files": files}
    )


def share_made(manifest: str, files: int) -> None:
    logger.info(
        "Made a share of %d files, which its manifest announces",
        files,
        extra={"file": manifest, "files": files},
    )


def prolonged(upload: Upload) -> None:
    logger.info(
        "%s stays longer now, by `links extend`; nobody is mailed",
        upload,
        extra=_left_out(upload, Outcome.SKIPPED),
    )


def unchanged(file: StoredFile) -> None:
    logger.info(
        "%s is a copy of the version before it; whoever was mailed that one is not mailed again",
        file.upload,
        extra=_fields_of(file),
    )


def gone(upload: Upload) -> None:
    logger.warning(
        "%s was gone before its event; nobody is mailed",
        upload,
        extra=_left_out(upload, Outcome.GONE),
    )


def shortened(file: StoredFile, validity: Validity) -> None:
    logger.warning(
        "%s asks for a link of %s, which no link holds; the mail says when it really stops",
        file.upload,
        validity.shortened_from,
        extra={**_fields_of(file), "expires": _utc(validity.stops_at)},
    )


def long_link(upload: Upload, length: int, to_shorten: str) -> None:
    logger.warning(
        "The link to %s has %d characters, and some mail programs cut links after %d; give the "
        "file a shorter key, or run `%s`, for the portal's links are short",
        upload,
        length,
        LONGEST_MAILED,
        to_shorten,
        extra=_fields(upload),
    )


def reply(file: StoredFile, sent: Sent, validity: Validity) -> None:
    """What SES said about one delivery, at once: the next call may outlast the function."""
    if sent.reply.accepted:
        _mailed(file, sent, validity)
    else:
        _refused(file, sent)


def _mailed(file: StoredFile, sent: Sent, validity: Validity) -> None:
    logger.info(
        "Mailed %s to %s",
        file.upload,
        sent.delivery.recipient,
        extra={
            **_fields_of(file),
            "recipient": str(sent.delivery.recipient),
            "delivery": sent.delivery.id,
            "messageId": sent.reply.message_id,
            "expires": _utc(validity.stops_at),
        },
    )


def _refused(file: StoredFile, sent: Sent) -> None:
    logger.error(
        "SES refused %s for %s",
        file.upload,
        sent.delivery.recipient,
        extra={
            **_fields_of(file),
            "recipient": str(sent.delivery.recipient),
            "delivery": sent.delivery.id,
            "status": sent.reply.status,
        },
    )


def waiting(file: StoredFile, sent: Sequence[Sent], tries: int) -> None:
    """Said once per file and call, not with every try."""
    if tries == 0:
        logger.info(
            "SES is busy (%s); mails for %s that wait: %d",
            sent[0].reply.status,
            file.upload,
            len(sent),
            extra=_fields_of(file),
        )


def mailed_before(file: StoredFile, recipient: Address) -> None:
    logger.info(
        "%s was mailed %s before; not mailed again",
        recipient,
        file.upload,
        extra={**_fields_of(file), "recipient": str(recipient)},
    )


def revoked(file: StoredFile, recipient: Address) -> None:
    logger.info(
        "%s is not mailed %s: the link was revoked",
        recipient,
        file.upload,
        extra={**_fields_of(file), "recipient": str(recipient)},
    )


def in_progress(file: StoredFile, recipient: Address) -> None:
    logger.info(
        "%s is being mailed %s by another run; left to it",
        recipient,
        file.upload,
        extra={**_fields_of(file), "recipient": str(recipient)},
    )


def failed(failure: FunctionError, upload: Upload | None) -> None:
    logger.error(
        "%s",
        failure,
        extra={**(_fields(upload) if upload else {}), "failure": type(failure).__name__},
    )


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
