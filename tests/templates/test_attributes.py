"""Which attributes of a table a role may write: those that its function names, and no others.

A function that writes another attribute needs it in its role, or DynamoDB refuses the whole write.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from ledger.claims import Claimant, Entry, Ledger
from ledger.fates import Fate, record_fate, record_told
from mail.sending import Reply
from portal_links import reminders
from portal_links.guessing import Guess, give_back, take_guess
from portal_links.redeeming import Limits, redeem
from portal_links.request_counts import RequestCounts
from portal_links.store import Links, NewLink
from portal_links.tokens import new_token

from deploy.local.iam.requested_dynamodb import attributes_of
from tests.lambda_src.fakes import NOW
from tests.lambda_src.portal_world import LINK_ID, PortalWorld
from tests.lambda_src.table import Table
from tests.templates.reading import GENERATOR, PORTAL, PROGRAMS, Template

TOKEN = new_token(LINK_ID, bytes)


class Recorder(Table):
    """A table that keeps which attributes every write has named."""

    def __init__(self, portal: PortalWorld | None = None) -> None:
        super().__init__()
        self.items = portal.links_table.items if portal else {}
        self.named: set[str] = set()

    def update_item(self, **parameters: Any) -> dict[str, Any]:
        self.named.update(attributes_of(parameters))
        return super().update_item(**parameters)

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        for item in TransactItems:
            self.named.update(attributes_of(item["Update"]))
        return super().transact_write_items(TransactItems=TransactItems)


def never_again(tries: int) -> bool:
    return False


def _with_a_link() -> tuple[Recorder, Links]:
    portal = PortalWorld()
    portal.share()
    recorder = Recorder(portal)
    return recorder, Links(recorder, "links")


def _claims_and_records() -> Recorder:
    recorder = Recorder()
    ledger, claimant = Ledger(recorder, "ledger"), Claimant("request", "token")
    entries = [Entry(one, "b", "f", "v", "bob@example.com", NOW, "name") for one in ("1", "2")]
    ledger.claim(entries, claimant, NOW, never_again)
    replies = {"1": Reply("Success", "id"), "2": Reply("Failed")}
    ledger.record(replies, claimant, NOW, NOW, never_again)
    return recorder


def _makes_links() -> Recorder:
    recorder = Recorder()
    ends = (NOW, NOW, NOW)
    link = NewLink(TOKEN, "b", "f", "v", "bob@example.com", *ends, NOW, 1, "its own name", 2)
    Links(recorder, "links").make([link], NOW, never_again)
    return recorder


def _records_fates() -> Recorder:
    recorder = _claims_and_records()
    recorder.named.clear()
    fate = Fate("Bounced", NOW, "id")
    record_fate(recorder, "ledger", "1", fate)
    record_told(recorder, "ledger", "1", fate, NOW)
    return recorder


def _drops_a_reminder() -> Recorder:
    recorder, links = _with_a_link()
    reminders.drop(links, LINK_ID)
    return recorder


def _counts_clicks_and_guesses() -> Recorder:
    recorder, links = _with_a_link()
    guesses = [take_guess(links, LINK_ID, NOW) for _ in range(5)]
    for guess in reversed(guesses):
        assert isinstance(guess, Guess)
        give_back(links, guess)
    redeem(links, LINK_ID, NOW, Limits(1, timedelta(0)))
    redeem(links, LINK_ID, NOW, Limits(1, timedelta(0)), 0)
    return recorder


def _adds_tokens_and_reminds() -> Recorder:
    recorder, links = _with_a_link()
    links.add_token(TOKEN)
    links.take_back_token(TOKEN)
    reminders.take(links, LINK_ID, "taker", NOW)
    reminders.put_back(links, LINK_ID, "taker")
    reminders.sent(links, LINK_ID, NOW)
    return recorder


def _counts_a_request() -> Recorder:
    recorder = Recorder()
    RequestCounts(recorder, "counts").allows_source("192.0.2.1", NOW)
    return recorder


WRITERS: dict[str, tuple[Template, Callable[[], Recorder]]] = {
    "ClaimAndRecordDeliveries": (GENERATOR, _claims_and_records),
    "MakeLinksOfThePortal": (GENERATOR, _makes_links),
    "RecordTheFatesOfDeliveries": (GENERATOR, _records_fates),
    "RemindNobodyAfterBadFates": (GENERATOR, _drops_a_reminder),
    "CountDownloadsAndGuesses": (PORTAL, _counts_clicks_and_guesses),
    "AddTokensAndTakeReminders": (PORTAL, _adds_tokens_and_reminds),
    "CountRequestsForLinks": (PORTAL, _counts_a_request),
}


@pytest.mark.parametrize("sid", WRITERS)
def test_a_role_may_write_what_its_function_names(sid: str) -> None:
    """In updates and in their conditions alike, for DynamoDB asks for both."""
    template, writes = WRITERS[sid]
    [statement] = [one for one in template.statements if one.sid == sid]

    condition = statement.content["Condition"]
    named = condition.get("ForAllValues:StringEquals") or condition["ForAllValues:StringLike"]
    # A * stands behind the name of a map, for its elements.
    assert {one.removesuffix("*") for one in named["dynamodb:Attributes"]} == writes().named


def test_every_writer_of_rows_is_here() -> None:
    """But those that write whole rows: of tasks, of one-time links, of files that wait, and what
    members write."""
    whole = {"CountMailsAndNoteTasks", "MakeOneTimeLinksAndTakeThem", "LetFilesWaitForOthers"}
    writers = {
        one.sid
        for template in (GENERATOR, PORTAL, PROGRAMS)
        for one in template.statements
        if "dynamodb:UpdateItem" in str(one.content.get("Action"))
    }

    assert writers - whole == set(WRITERS)
