"""Has the portal mail links again. LinkMailer does it, and says of each link what became of it.

Each mail gets a token of its own, so the links in older mails work on, and what was counted stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain
from deploy.aws.invoke import invoke_function
from deploy.errors import FunctionError, LinkError
from deploy.lambda_packages import EXPIRED, RETRYABLE, REVOKED, USED_UP, Link, quoted
from deploy.links.changing import LinkChange
from deploy.links.portal import PortalLinks

# As many as SES takes in one call, so that whoever waits sees something happen.
_LINKS_PER_RUN = 50

_USED_UP = "it is used up; allow more with `links extend --downloads`, or send the file again"
_WHY_NOT_USABLE = {
    EXPIRED: "it has expired; extend it first, or send the file again",
    REVOKED: "it is revoked; send the file again",
    USED_UP: _USED_UP,
    # It works, but not for as long as the mail would say.
    RETRYABLE: _USED_UP,
}


def resend(portal: PortalLinks, links: Sequence[Link], now: datetime) -> Iterator[LinkChange]:
    """Mail each link to its recipient once more, and say of each whether that went well.

    Raises LinkError when LinkMailer fails: those not told of by then may have been mailed or not.
    """
    mailable: list[Link] = []
    for link in links:
        obstacle = _why_not_mailable(portal, link, now)
        if obstacle:
            yield LinkChange(link, obstacle)
        else:
            mailable.append(link)
    left = iter(mailable)
    while batch := list(islice(left, _LINKS_PER_RUN)):
        yield from _mail(portal, batch)


def can_be_mailed(portal: PortalLinks, link: Link, now: datetime) -> bool:
    return not _why_not_mailable(portal, link, now)


def _why_not_mailable(portal: PortalLinks, link: Link, now: datetime) -> str:
    """Why mailing a link would help nobody."""
    return _WHY_NOT_USABLE.get(portal.state(link, now), "")


def _mail(portal: PortalLinks, links: Sequence[Link]) -> Iterator[LinkChange]:
    event = json.dumps({"task": "resend", "linkIds": [link.id for link in links]})
    try:
        answer = invoke_function(portal.clients, portal.mailer, event)
    except FunctionError as exc:
        raise LinkError(
            f"LinkMailer failed: {str(exc).rstrip('.')}; what it had mailed by then is not known, "
            f"so see `{portal.deployment.command('logs --portal')}` before you repeat this."
        ) from exc
    except (ClientError, BotoCoreError) as exc:
        raise explain(exc) or exc from exc
    refused = _refused(portal, answer)
    for link in links:
        yield LinkChange(link, refused.get(link.id, ""))


def _refused(portal: PortalLinks, answer: Any) -> dict[str, str]:
    """LinkMailer's own sentence for each link that it did not mail."""
    said = answer.get("notMailed") if isinstance(answer, Mapping) else None
    if not isinstance(said, Mapping):
        raise LinkError(
            "LinkMailer did not say whom it has mailed; see "
            f"`{portal.deployment.command('logs --portal')}`, and deploy again."
        )
    return {str(one): quoted(str(why))[1:-1].rstrip(".") for one, why in said.items()}
