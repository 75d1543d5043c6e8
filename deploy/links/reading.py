"""Finds the portal's links: by id, or by file, recipient and state. Changes nothing.

A link's state is told by the portal's own rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from heapq import nlargest
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, Any

from deploy.aws.side_by_side import Readers, begun
from deploy.errors import LinkError
from deploy.lambda_packages import LINK_ATTRIBUTES, WORKING, Link
from deploy.links.portal import PortalLinks, explained_table_errors
from deploy.patterns import file_pattern

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import ScanOutputTypeDef


@dataclass(frozen=True)
class LinkFilter:
    """Which links are asked for. In `file`, each * stands for any characters; it may be the
    key, the name that the mails said, or the id of a share."""

    file: str | None = None
    recipient: str | None = None
    state: str | None = None

    def includes(self, link: Link, state: str) -> bool:
        return (
            (self._file is None or self._file(link.key, link.name))
            and (self.recipient is None or self.recipient.lower() == link.recipient.lower())
            and (self.state is None or self.state == state)
        )

    @cached_property
    def _file(self) -> Callable[[str, str], bool] | None:
        return None if self.file is None else file_pattern(self.file)


ALL_LINKS = LinkFilter()


@dataclass(frozen=True)
class ListedLinks:
    """Links one by one: newest first if they are sorted, else as the table has them."""

    links: Iterator[Link]
    is_sorted: bool


_WHOLE_ID = 32  # hexadecimal digits
# A table of more than a page is read in so many parts, side by side; DynamoDB's own pages, of a
# megabyte, would take more memory than all of the links.
_SEGMENTS, _PAGE = 4, 500
# Whoever lists more waits for the first ones only; sorted, they would come when all are read.
_MOST_SORTED = 2_000


def read_links(
    portal: PortalLinks, link_filter: LinkFilter, now: datetime, limit: int | None = None
) -> list[Link]:
    """The links that pass the filter, newest first; at most `limit` of them.

    The table keeps them in no order, so all are read before they are sorted.
    """
    found = _matching(portal, link_filter, now)
    if limit is None:
        return sorted(found, key=_age, reverse=True)
    return nlargest(limit, found, key=_age)


def list_links(
    portal: PortalLinks, link_filter: LinkFilter, now: datetime, limit: int | None = None
) -> ListedLinks:
    """The same for somebody who reads them: of very many, each comes as soon as it is known."""
    if limit is not None:
        return ListedLinks(iter(read_links(portal, link_filter, now, limit)), is_sorted=True)
    found = _matching(portal, link_filter, now)
    first = list(islice(found, _MOST_SORTED + 1))
    if len(first) > _MOST_SORTED:
        return ListedLinks(chain(first, found), is_sorted=False)
    return ListedLinks(iter(sorted(first, key=_age, reverse=True)), is_sorted=True)


def _age(link: Link) -> tuple[str, str]:
    return link.created_at, link.id


def count_usable(portal: PortalLinks, now: datetime) -> int:
    """How many links work now."""
    return sum(1 for _ in usable_ends(portal, now))


def usable_ends(portal: PortalLinks, now: datetime) -> Iterator[datetime]:
    """When each of the links that work now ends."""
    for link in _matching(portal, ALL_LINKS, now):
        if portal.state(link, now) in WORKING:
            yield link.expires_at


def links_by_ids(portal: PortalLinks, ids: Sequence[str], now: datetime) -> list[Link]:
    """The links with these ids, or the one that begins so, each once and in the order given.

    Raises LinkError for an id that no link has, or several could have.
    """
    known: list[Link] | None = None
    chosen: dict[str, Link] = {}
    for given in ids:
        if len(given) == _WHOLE_ID:
            with explained_table_errors():
                whole = portal.store.of_id(given)
            found = [whole] if whole else []
        else:
            known = read_links(portal, ALL_LINKS, now) if known is None else known
            found = [link for link in known if link.id.startswith(given)]
        link = _single_match(portal, given, found)
        chosen[link.id] = link
    return list(chosen.values())


def _matching(portal: PortalLinks, link_filter: LinkFilter, now: datetime) -> Iterator[Link]:
    """The links that pass the filter, in no order."""
    with explained_table_errors():
        for link in _candidates(portal, link_filter):
            if link_filter.includes(link, portal.state(link, now)):
                yield link


def _candidates(portal: PortalLinks, link_filter: LinkFilter) -> Iterator[Link]:
    if link_filter.recipient is not None:
        yield from portal.store.of_recipient(link_filter.recipient.lower())
        return
    first = next(_pages(portal))
    if "LastEvaluatedKey" not in first:
        yield from _links_in(first)
        return
    with Readers(_SEGMENTS) as running:
        parts = [
            begun(_pages(portal, Segment=number, TotalSegments=_SEGMENTS), running)
            for number in range(_SEGMENTS)
        ]
        for page in filter(None, chain.from_iterable(zip_longest(*parts))):
            yield from _links_in(page)


def _pages(portal: PortalLinks, **part: Any) -> Iterator[ScanOutputTypeDef]:
    named = {f"#{number}": name for number, name in enumerate(LINK_ATTRIBUTES)}
    return iter(
        portal.clients.dynamodb.get_paginator("scan").paginate(
            TableName=portal.table,
            ConsistentRead=True,
            PaginationConfig={"PageSize": _PAGE},
            ProjectionExpression=", ".join(named),
            ExpressionAttributeNames=named,
            **part,
        )
    )


def _links_in(page: ScanOutputTypeDef) -> Iterator[Link]:
    for item in page["Items"]:
        if link := Link.of_whole_row(_plain(item)):
            yield link


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """A row without DynamoDB's types; what is a number stays text, as Link takes it."""
    return {name: next(iter(value.values())) for name, value in item.items()}


def _single_match(portal: PortalLinks, given: str, found: Sequence[Link]) -> Link:
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
