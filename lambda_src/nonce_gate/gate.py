"""Whether a request may pass. Taking the nonce decides it: one conditional update (`redeeming`).

A nonce has no grace window, and opens links of programs only: those of mails have their page.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from http_api.requests import BadRequest, parameters_of, request_of
from portal_links import rows
from portal_links.redeeming import Limits, Redeemed, Refused, redeem
from portal_links.store import Links
from portal_links.tokens import Token, parse_token
from tables.service import TableError

from nonce_gate import log

_ONCE = Limits(usual_downloads=1, grace=timedelta(0))


def authorize(event: object, links: Links, now: datetime) -> dict[str, Any]:
    """The simple answer of an authorizer, with the link's id for the function behind it.

    Raises TableError, and then API Gateway answers 500.
    """
    token = _nonce_of(event)
    if token is None:
        log.refused("there is no nonce, or not one")
        return _answer(None)
    try:
        return _answer(_taken(token, links, now))
    except TableError as exc:
        log.failed(exc.code, token.link_id)
        raise


def _nonce_of(event: object) -> Token | None:
    try:
        parameters = parameters_of(request_of(event).query)
    except BadRequest:
        return None
    return parse_token(parameters.get("nonce", "")) if parameters.keys() == {"nonce"} else None


def _taken(token: Token, links: Links, now: datetime) -> str | None:
    """The id of the link whose nonce was taken just now; None when it may not be."""
    link = links.find(token)
    if link is None or link.kind != rows.PROGRAM:
        log.refused("there is no such link")
        return None
    result = redeem(links, link.id, now, _ONCE)
    if isinstance(result, Redeemed) and result.counted:
        log.passed(link.id)
        return link.id
    why = result.link.state(now, 1) if isinstance(result, Refused) else "the link is gone"
    log.refused(why, link.id)
    return None


def _answer(link_id: str | None) -> dict[str, Any]:
    if link_id is None:
        return {"isAuthorized": False}
    return {"isAuthorized": True, "context": {"linkId": link_id}}
