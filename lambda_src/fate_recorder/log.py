"""FateRecorder's log: one structured line per fate. No event may be passed here."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from function.log import logger_of
from function.text import quoted
from ledger import rows

from fate_recorder.events import MailEvent

logger = logger_of("fate_recorder")


def recorded(event: MailEvent, row: Mapping[str, Any] | None) -> None:
    level = logging.WARNING if event.fate.is_bad else logging.INFO
    if row is None:
        logger.log(level, "%s: a mail that the ledger does not know", event.fate.name)
        return
    logger.log(
        level,
        "%s: %s for %s",
        event.fate.name,
        quoted(str(row[rows.FILE])),
        row[rows.RECIPIENT],
        extra={
            "file": row[rows.FILE],
            "version": row.get(rows.VERSION),
            "recipient": row[rows.RECIPIENT],
            "delivery": event.delivery_id,
            "fate": event.fate.name,
            "reason": event.fate.reason,
        },
    )


def skipped() -> None:
    logger.info("Skipped a message that tells of no mail's fate")
