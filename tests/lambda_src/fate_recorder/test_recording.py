"""What SES tells of a mail gets into its row: the worst of it, in whatever order it comes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from typing import Any

import boto3
import pytest
from fate_recorder.errors import AdminNotTold, FateNotRecorded
from ledger import rows
from moto import mock_aws

from tests.lambda_src.fate_recorder.fates_world import TABLE, FatesWorld, ses_event, unknown
from tests.lambda_src.table import Table
from tests.templates.reading import GENERATOR

# Each event, the fate that it is, and how bad that is.
FATES = {
    "delivery_delay": ("Delayed", 1),
    "delivery": ("Delivered", 2),
    "bounce_automatic_reply": ("SoftBounced", Decimal("1.5")),
    "bounce_permanent": ("Bounced", 3),
    "bounce_transient": ("Bounced", 3),
    "reject": ("Rejected", 3),
    "rendering_failure": ("RenderingFailed", 3),
    "complaint": ("Complained", 4),
}
BAD = FATES.keys() - {"delivery", "delivery_delay"}


@pytest.fixture
def world() -> FatesWorld:
    return FatesWorld()


@pytest.mark.parametrize(
    ("name", "at", "reason"),
    [
        ("delivery", "13:05:32.400", ""),
        (
            "delivery_delay",
            "13:06:31.100",
            "smtp; 421 4.4.1 Unable to connect to remote host",
        ),
        ("bounce_permanent", "13:05:33.669", "smtp; 550 5.1.1 user unknown"),
        ("bounce_transient", "13:05:33.669", "smtp; 452 4.2.2 The email account is over quota"),
        ("bounce_automatic_reply", "13:05:33.669", "Transient General"),
        (
            "bounce_suppressed",
            "13:05:33.669",
            "Amazon SES did not send the message to this address because it is on the suppression "
            "list for your account.",
        ),
        ("complaint", "13:35:33.000", "abuse"),
        ("reject", "13:05:31.012", "Bad content"),
        (
            "rendering_failure",
            "13:05:31.012",
            "Attribute 'link' is not present in the rendering data.",
        ),
    ],
)
def test_every_fate_lands_in_its_row(world: FatesWorld, name: str, at: str, reason: str) -> None:
    """With its name, its moment and one line of why; the rest of the row stays as it was."""
    before = dict(world.row)

    world.hears(ses_event(name))

    fate, rank = FATES.get(name, ("Bounced", 3))
    told = {"AdminToldAt": "2026-11-21T13:06:30.250Z"} if fate in rows.FAILED_STATES else {}
    assert world.row == {
        **before,
        "Fate": fate,
        "FateRank": rank,
        "FateAt": f"2026-11-21T{at}Z",
        "FateReason": reason,
        **told,
    }
    assert rows.state_of(world.row) == fate


@pytest.mark.parametrize("order", [*product(FATES, repeat=2)], ids=" then ".join)
def test_the_worse_of_two_fates_wins_in_either_order(order: tuple[str, ...]) -> None:
    """None ever makes a row better than it was, and each worsening is told once."""
    _check(order)


@pytest.mark.slow
def test_the_worst_of_three_fates_wins_in_every_order() -> None:
    """The same for each of the 512 stories of three events."""
    for order in product(FATES, repeat=3):
        _check(order)


def _check(order: tuple[str, ...]) -> None:
    world = FatesWorld()
    worst: tuple[str, Any] = ("", 0)
    expected_mails = 0
    for name in order:
        world.hears(ses_event(name))
        is_worse = FATES[name][1] > worst[1]
        expected_mails += is_worse and name in BAD
        worst = FATES[name] if is_worse else worst

        assert (world.row["Fate"], world.row["FateRank"]) == worst, order
        assert len(world.admin.mails) == expected_mails, order
    assert ("AdminToldAt" in world.row) == (worst[0] in rows.FAILED_STATES), order


def test_an_automatic_reply_does_not_undo_a_delivery(world: FatesWorld) -> None:
    """SES calls an absence note a bounce, and it comes after the mail has arrived."""
    world.hears(ses_event("delivery"), ses_event("bounce_automatic_reply"))

    assert rows.state_of(world.row) == "Delivered"
    assert world.admin.mails == []


def test_who_moves_a_mail_out_of_the_spam_folder_has_it(world: FatesWorld) -> None:
    """The report not-spam comes as a complaint, and is none."""
    event = ses_event("complaint")
    event["complaint"]["complaintFeedbackType"] = "not-spam"

    world.hears(event)

    assert rows.state_of(world.row) == "Delivered"
    assert world.admin.mails == []


@pytest.mark.parametrize("name", sorted(BAD))
def test_repeated_events_tell_the_admin_once(world: FatesWorld, name: str) -> None:
    """SNS may deliver an event again and again."""
    world.hears(*[ses_event(name)] * 3)

    assert len(world.admin.mails) == 1


@pytest.mark.parametrize("name", ["delivery", "delivery_delay", "send"])
def test_good_news_is_no_mail(world: FatesWorld, name: str) -> None:
    """The admin hears of trouble only; a delay is none yet."""
    world.hears(ses_event(name))

    assert world.admin.mails == []


def test_news_that_could_not_be_told_is_told_by_the_next_try(world: FatesWorld) -> None:
    """The error makes Lambda try again; the fate is in the row already."""
    world.admin.cannot_be_told("Throttled")

    with pytest.raises(AdminNotTold) as failure:
        world.hears(ses_event("bounce_permanent"))

    assert str(failure.value) == (
        "CommonAlarmTopic did not take the news of a mail that Bounced (Throttled). "
        "Lambda tries again, and then the event waits in DeadLetterQueue."
    )
    assert rows.state_of(world.row) == "Bounced"
    assert "AdminToldAt" not in world.row

    world.hears(ses_event("bounce_permanent"), ses_event("bounce_permanent"))

    assert len(world.admin.mails) == 1


def test_a_topic_out_of_reach_is_named(world: FatesWorld) -> None:
    """The sentence has botocore's word and no address."""
    world.admin.cannot_be_reached()

    with pytest.raises(AdminNotTold, match=r"a mail that Rejected \(EndpointConnectionError\)\."):
        world.hears(ses_event("reject"))


def test_news_that_a_worse_fate_overtook_hides_nothing() -> None:
    """While the admin is told of a bounce, a complaint comes that cannot be told yet: its own next
    try tells it."""
    world = FatesWorld()

    class Overtaken(type(world.admin)):  # type: ignore[misc]
        """Before it takes the bounce, the complaint arrives and fails."""

        def publish(self, **parameters: str) -> dict[str, str]:
            if "bounced" in parameters["Subject"]:
                self.cannot_be_told("Throttled")
                with pytest.raises(AdminNotTold):
                    world.hears(ses_event("complaint"))
            answer: dict[str, str] = super().publish(**parameters)
            return answer

    world.admin = Overtaken()
    world.hears(ses_event("bounce_permanent"))
    assert "AdminToldAt" not in world.row

    world.hears(ses_event("complaint"))

    assert [mail.subject for mail in world.admin.mails] == [
        "s3link: a mail bounced",
        "s3link: a mail was reported as spam",
    ]


def test_an_event_makes_no_row(world: FatesWorld) -> None:
    """A delivery that the ledger has forgotten stays forgotten; bad news is told all the same."""
    before = world.rows

    world.hears(*(unknown(ses_event(name)) for name in FATES))

    assert world.rows == before
    assert len(world.admin.mails) == len(BAD)


def test_an_event_before_the_record_proves_the_mail() -> None:
    """SES took a mail that nobody could record: its event says so, and it is not sent twice."""
    world = FatesWorld()
    assert isinstance(world.table, Table)
    [item] = world.table.items.values()
    del item["MessageId"], item["MailedAt"]
    assert rows.state_of(world.row) == "Claimed"

    world.hears(ses_event("delivery"))

    assert world.row["MessageId"] == ses_event("delivery")["mail"]["messageId"]


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
def test_a_fate_that_the_ledger_does_not_take_is_an_error(world: FatesWorld, code: str) -> None:
    """Lambda tries again; until the row has it nobody is told, or the admin would be told twice."""
    assert isinstance(world.table, Table)
    world.table.fails(code)

    with pytest.raises(FateNotRecorded) as failure:
        world.hears(ses_event("complaint"))

    assert str(failure.value) == (
        f"The ledger did not take the fate of a mail (Complained, {code}). "
        "Lambda tries again, and then the event waits in DeadLetterQueue."
    )
    assert world.admin.mails == []


@pytest.fixture
def moto_ledger() -> Iterator[Any]:
    properties = GENERATOR.properties("DeliveriesLedger")
    names = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(TableName=TABLE, **{name: properties[name] for name in names})
        yield client


def test_motos_dynamodb_agrees(moto_ledger: Any) -> None:
    """The same events leave the same row and the same mails on another DynamoDB."""
    story = ["delivery_delay", "bounce_permanent", "delivery", "bounce_permanent", "complaint"]
    events = [*map(ses_event, story), unknown(ses_event("reject"))]
    in_memory, on_moto = FatesWorld(), FatesWorld(table=moto_ledger)

    in_memory.hears(*events)
    on_moto.hears(*events)

    scanned = boto3.resource("dynamodb", region_name="eu-west-1").Table(TABLE).scan()["Items"]
    assert scanned == in_memory.rows
    assert on_moto.admin.mails == in_memory.admin.mails
    assert len(on_moto.admin.mails) == 3
