"""Hands tasks to LinkMailer, which does them later: nobody waits for a mail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from function.errors import code_of

from portal import log
from portal.settings import Services, Settings


def hand_over(
    task: Mapping[str, str | None], doing: str, settings: Settings, services: Services
) -> bool:
    """Whether LinkMailer has the task; if not, the log says that `doing` could not be done."""
    # botocore repeats a call whose answer was lost: LinkMailer knows the task by its id.
    payload = json.dumps({**task, "id": uuid4().hex})
    try:
        services.functions.invoke(
            FunctionName=settings.mailer, InvocationType="Event", Payload=payload
        )
    except (BotoCoreError, ClientError) as exc:
        log.failed(doing, code_of(exc))
        return False
    return True
