"""Mails links to a person who asks for what is shared with them, who never learns whether there
was anything to mail.

The work is bounded, however much is shared with one address and whoever asks: the newest links go
first, and the last mail says how to get at others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from files.names import file_name, one_spelling
from function.text import end_of_link
from mail.addresses import Address, parse_address
from portal_links.links import Link, first_name

from link_mailer import log, mails
from link_mailer.allowance import DAY_IS_USED_UP, Allowance
from link_mailer.errors import TRIED_AGAIN, NotMailed, UnreadableTask
from link_mailer.fitting import Contents
from link_mailer.notices import tell_of_a_full_day
from link_mailer.offers import Mailable, NotMailable, look_at, offers_of, why_not
from link_mailer.settings import NOT_YET, TaskContext

# What one request looks at. Rows come a thousand and more a call, files one a call.
_MOST_ROWS = 10_000
_MOST_FILES_IN_VAIN = 100


def request(event: Mapping[str, Any], context: TaskContext) -> dict[str, Any]:
    """Mail what is shared, if the address may have mail at all.

    Gives why not yet, where a limit keeps it from being taken on. Raises LinkMailerError.
    """
    try:
        address, wanted = parse_address(event["address"]), event.get("file")
    except (KeyError, TypeError, AttributeError, ValueError) as exc:
        raise UnreadableTask("A request for links names no mail address.") from exc
    if not context.settings.authorized.allows(address):
        log.request_left(str(address), "it is not on AuthorizedRecipients")
        return {}
    allowance = Allowance(address.identity, context, context.invocation.clock())
    if reason := allowance.take_on():
        log.request_left(str(address), reason)
        if reason == DAY_IS_USED_UP:
            tell_of_a_full_day(context)
        return {NOT_YET: reason}
    search, is_nothing = _Search(address, wanted, context), False
    try:
        # What cost calls to S3 counts, whether it found anything or not.
        is_nothing = not _mail_shared(search, allowance) and not search.in_vain
    finally:
        allowance.settle(is_nothing=is_nothing)
    return {}


@dataclass
class _Search:
    """What may be mailed to an address, the newest first; looked for as it is asked for."""

    address: Address
    wanted: str | None
    context: TaskContext
    faults: list[NotMailable] = field(default_factory=list)
    in_vain: int = 0
    is_cut_short: bool = False

    def results(self) -> Iterator[Mailable]:
        """Not what this task has mailed already. Raises TableError."""
        for link in self._links():
            found = look_at(link, self.context)
            if isinstance(found, Mailable):
                yield found
                continue
            if found.fault:
                self.faults.append(found)
            self.in_vain += 1
            if self.in_vain >= _MOST_FILES_IN_VAIN or not self.context.invocation.has_time:
                self.is_cut_short = True
                return

    def _links(self) -> Iterator[Link]:
        """Those whose row says that they may be mailed."""
        rows = self.context.services.links.of_recipient(self.address.identity)
        for link in islice(rows, _MOST_ROWS):
            if not self._is_wanted(link) or link.id in self.context.progress.row.links:
                continue
            if not why_not(link, self.context):
                yield link
        self.is_cut_short = next(rows, None) is not None

    def _is_wanted(self, link: Link) -> bool:
        """Recipients know a file by the name that mails say; a page that links here, by its key.

        A share is known by its title, and by the first of its files, which is named there. All in
        any spelling, and as the end of a link that a mail program has added to.
        """
        if self.wanted is None:
            return True
        wanted = one_spelling(self.wanted)
        names = map(one_spelling, (link.key, file_name(link.key), link.name, first_name(link)))
        return any(end_of_link(wanted, len(name)) == name for name in names)


def _mail_shared(search: _Search, allowance: Allowance) -> bool:
    """Mail as much as may be; whether anything is shared. Raises NotMailed, TableError."""
    context, address = search.context, search.address
    mails_left, has_more = _packed(search.results(), allowance)
    # What S3 does not show now follows in the next try, which may need a mail for it.
    is_tried_again = bool(search.faults) and (
        not mails_left or allowance.has_one_after(len(mails_left))
    )
    has_more = has_more or search.is_cut_short or bool(search.faults)
    if not mails_left:
        if is_tried_again:
            raise _not_shown(address, search.faults)
        if not context.progress.row.sent:
            log.request_left(str(address), "nothing is shared with it")
        return bool(context.progress.row.sent)
    last_word = mails.FOLLOWS if is_tried_again else mails.OLDER if has_more else ""
    for number, shared in enumerate(mails_left, start=1):
        if not context.invocation.has_time:
            unsent = len(mails_left) - number + 1
            mails_were = (
                "1 mail with links was" if unsent == 1 else f"{unsent} mails with links were"
            )
            raise NotMailed(
                f"{mails_were} not sent with links that {address} asked for, because there was no "
                f"time left. {TRIED_AGAIN}"
            )
        _mail(address, shared, mails.FOLLOWS if number < len(mails_left) else last_word, context)
    if is_tried_again:
        allowance.kept = 1
        raise _not_shown(address, search.faults)
    return True


def _not_shown(address: Address, faults: Sequence[NotMailable]) -> NotMailed:
    links = "A link" if len(faults) == 1 else f"{len(faults)} links"
    was = "was" if len(faults) == 1 else "were"
    return NotMailed(
        f"{links} that {address} asked for {was} not mailed: {faults[0].reason}. {TRIED_AGAIN}"
    )


def _packed(found: Iterator[Mailable], allowance: Allowance) -> tuple[list[list[Mailable]], bool]:
    """What each of the mails carries that may be sent, and whether there is more."""
    packed: list[list[Mailable]] = []
    contents = Contents()
    for one in found:
        data = mails.data_of(one.link, one.file, allowance.context)
        if not packed or not contents.has_room_for(data):
            if not allowance.has_one_after(len(packed)):
                return packed, True
            packed.append([])
            contents = Contents()
        packed[-1].append(one)
        contents.add(data)
    return packed, False


def _mail(address: Address, shared: Sequence[Mailable], rest: str, context: TaskContext) -> None:
    """One mail. Raises NotMailed, TableError."""
    with offers_of(shared, context) as offers:
        for link, reason in offers.refused:
            log.left("fresh link", link, reason)
        if not offers.made:
            return
        # As it was mailed before, not as somebody has typed it now.
        reply = offers.sent(mails.requested(shared[0].recipient, offers.made, rest, context))
        if reply.is_doubtful:
            context.progress.note_doubt()
        mails.check(reply, f"The links that {address} asked for were")
    links = [one.link for one in offers.made]
    log.mailed_request(str(address), links, reply.message_id)
    context.progress.note_sent([link.id for link in links])
