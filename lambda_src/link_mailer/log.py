"""LinkMailer's log: one structured line per thing that happened. No token or link comes here."""

from __future__ import annotations

from collections.abc import Sequence

from function.log import logger_of
from function.text import quoted
from portal_links.links import Link

logger = logger_of("link_mailer")


def _fields(link: Link) -> dict[str, str | None]:
    return {"link": link.id, "file": link.key, "recipient": link.recipient}


def mailed(what: str, link: Link, message_id: str | None) -> None:
    logger.info(
        "Mailed %s for %s to %s",
        what,
        quoted(link.key),
        link.recipient,
        extra={**_fields(link), "messageId": message_id},
    )


def mailed_request(address: str, links: Sequence[Link], message_id: str | None) -> None:
    logger.info(
        "Mailed %d links that %s asked for",
        len(links),
        address,
        extra={
            "recipient": address,
            "links": [link.id for link in links],
            "messageId": message_id,
        },
    )


def request_left(address: str, reason: str) -> None:
    logger.info(
        "A request for links for %s is left: %s", address, reason, extra={"recipient": address}
    )


def done_before(task: str) -> None:
    logger.info("The task %s is left: it was done before", task)


def left(what: str, link: Link, reason: str) -> None:
    logger.info(
        "No %s for %s to %s: %s",
        what,
        quoted(link.key),
        link.recipient,
        reason,
        extra=_fields(link),
    )


def told(link: Link, whom: str) -> None:
    logger.info(
        "Told the %s of the first download of %s", whom, quoted(link.key), extra=_fields(link)
    )


def failed(sentence: str, failure: str) -> None:
    logger.error("%s", sentence, extra={"failure": failure})
