"""Finds the links that an operator means: by id, or by file and recipient. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from deploy.errors import LinkError
from deploy.lambda_packages import Link
from deploy.links.reading import ALL, PortalLinks, Wanted, read, told

_WHOLE_ID = 32  # hexadecimal digits


def by_ids(portal: PortalLinks, ids: Sequence[str], now: datetime) -> list[Link]:
    """The links with these ids, or the one that begins so, each once and in the order given.

    Raises LinkError for an id that is none's, or could be anybody's.
    """
    known: list[Link] | None = None
    meant: dict[str, Link] = {}
    for given in ids:
        if len(given) == _WHOLE_ID:
            with told():
                whole = portal.store.of_id(given)
            found = [whole] if whole else []
        else:
            known = read(portal, ALL, now) if known is None else known
            found = [link for link in known if link.id.startswith(given)]
        link = _the_one(portal, given, found)
        meant[link.id] = link
    return list(meant.values())


def by_file_and_recipient(
    portal: PortalLinks, wanted: Wanted, is_of_use: Callable[[Link], bool], now: datetime
) -> list[Link]:
    """The links for which it is of use, the newest first."""
    return [link for link in read(portal, wanted, now) if is_of_use(link)]


def _the_one(portal: PortalLinks, given: str, found: Sequence[Link]) -> Link:
    if not found:
        raise LinkError(
            f'Nothing was done: no link has the id "{given}"; see '
            f"`{portal.deployment.command('links list')}`."
        )
    if len(found) > 1:
        raise LinkError(
            f'Nothing was done: "{given}" could be any of {", ".join(link.id for link in found)}; '
            "type more of the id."
        )
    return found[0]
