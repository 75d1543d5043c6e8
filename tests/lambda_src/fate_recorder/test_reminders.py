"""What became of a mail decides whether its recipient is reminded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fate_recorder.errors import FateNotRecorded
from portal_links import reminders

from tests.lambda_src.fakes import NOW
from tests.lambda_src.fate_recorder.fates_world import DELIVERY, FatesWorld, ses_event
from tests.lambda_src.portal_world import PortalWorld

LATE = NOW + timedelta(hours=23)


@pytest.fixture
def portal() -> PortalWorld:
    """Its one link is the delivery whose mail SES speaks of."""
    portal = PortalWorld()
    portal.share(link_id=DELIVERY)
    return portal


@pytest.mark.parametrize(
    ("event", "reminded"),
    [
        ("delivery", True),
        ("delivery_delay", True),
        ("bounce_automatic_reply", True),
        ("bounce_transient", True),
        ("bounce_permanent", False),
        ("bounce_suppressed", False),
        ("complaint", False),
        ("reject", False),
        ("rendering_failure", False),
    ],
)
def test_who_cannot_get_the_mail_is_not_reminded(
    portal: PortalWorld, event: str, reminded: bool
) -> None:
    """Nor who called it spam; whose mailbox was full may have room by then."""
    FatesWorld(links=portal.links).hears(ses_event(event))

    assert list(reminders.due(portal.links, LATE)) == [DELIVERY] * reminded


def test_a_table_that_is_down_is_tried_again(portal: PortalWorld) -> None:
    """The event is not done before."""
    world = FatesWorld(links=portal.links)
    portal.links_table.fails("InternalServerError")

    with pytest.raises(FateNotRecorded, match="InternalServerError"):
        world.hears(ses_event("bounce_permanent"))
    world.hears(ses_event("bounce_permanent"))

    assert list(reminders.due(portal.links, LATE)) == []
    assert len(world.admin.mails) == 1


def test_a_mail_whose_link_is_gone_makes_none(portal: PortalWorld) -> None:
    """As with deployments that had no portal when the mail was sent."""
    empty = PortalWorld()

    FatesWorld(links=empty.links).hears(ses_event("bounce_permanent"))

    assert empty.links_table.rows == []
