"""NonceGate's log: who passed, and why somebody did not. No nonce may be passed here."""

from __future__ import annotations

from function.log import logger_of

logger = logger_of("nonce_gate")


def passed(link_id: str) -> None:
    logger.info("Let a program in", extra={"link": link_id})


def refused(why: str, link_id: str | None = None) -> None:
    logger.warning("Refused a program: %s", why, extra={"link": link_id})


def failed(code: str, link_id: str) -> None:
    logger.error(
        "A nonce could not be looked up, because the portal's table does not answer (%s); the "
        "program may try again",
        code,
        extra={"link": link_id},
    )
