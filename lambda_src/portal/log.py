"""Portal's log: one structured line per thing that happened. No token, link or note comes here."""

from __future__ import annotations

from files.uploads import Upload
from function.log import logger_of
from function.text import quoted
from portal_links.links import Link
from portal_links.redeeming import Redeemed

logger = logger_of("portal")


def _fields(link: Link) -> dict[str, str | None]:
    return {"link": link.id, "file": link.key, "version": link.version, "recipient": link.recipient}


def _fields_of(link: Link, upload: Upload, position: int | None = None) -> dict[str, object]:
    """Of one of the link's files; the manifest of a share is named beside it."""
    if upload.key == link.key:
        return dict(_fields(link))
    own = {"file": upload.key, "version": upload.version}
    return {**_fields(link), **own, "share": link.key, "position": position}


def downloaded(redeemed: Redeemed, upload: Upload, position: int | None) -> None:
    """`downloads` are those of the link, in a share those of all its files."""
    logger.info(
        "%s is downloaded%s",
        quoted(upload.key),
        "" if redeemed.counted else " again, as a retry",
        extra={
            **_fields_of(redeemed.link, upload, position),
            "downloads": redeemed.link.downloads,
        },
    )


def refused(link: Link, state: str) -> None:
    logger.info("A link to %s was refused: %s", quoted(link.key), state, extra=_fields(link))


def gone(link: Link, upload: Upload) -> None:
    logger.warning(
        "%s is gone, though a link to it works",
        quoted(upload.key),
        extra=_fields_of(link, upload),
    )


def archived(link: Link, upload: Upload) -> None:
    logger.warning(
        "%s is archived, though a link to it works",
        quoted(upload.key),
        extra=_fields_of(link, upload),
    )


def encrypted(link: Link, upload: Upload) -> None:
    logger.warning(
        "%s is under a KMS key that Portal may not use (FileKeyArns), though a link to it works",
        quoted(upload.key),
        extra=_fields_of(link, upload),
    )


def wrong_answer(link: Link) -> None:
    logger.warning("A wrong address was typed for a link", extra=_fields(link))


def foreign_origin() -> None:
    logger.warning("A request for links from a site that is not on AllowedOrigins was refused")


def too_many_requests() -> None:
    logger.warning("Links were asked for too often from one place; refused for this hour")


def failed(doing: str, error: str) -> None:
    """`error` is AWS's word or an exception's name, never its text, which could quote a link."""
    logger.error("The portal could not %s (%s)", doing, error, extra={"failure": error})
