"""Once each, whatever fails: events that come again, tries that die, SES that is busy."""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.exceptions import ReadTimeoutError
from ledger import rows
from ledger.claims import CLAIM_LASTS
from ledger.fates import Fate, record_fate
from link_generator import errors

from tests.lambda_src.fakes import NOW, TIME_LIMIT, Killed, World, arrival_of, event, people

KEY = "report.pdf"
EVENT = arrival_of(KEY)


def kill() -> None:
    raise Killed


def outcomes(world: World, body: object = EVENT, request: str = "request-1") -> list[str]:
    return [one.outcome for one in world.announce(body, request=request)]


def states(world: World) -> dict[str, str]:
    """What the ledger says of each recipient: SES's message id, its refusal, or only a claim."""
    return {
        row["Recipient"]: row.get("MessageId") or row.get("Refusal") or "claimed"
        for row in world.table.rows
    }


@pytest.fixture(autouse=True)
def _file(world: World) -> None:
    world.bucket.put(KEY, metadata={"recipients": ",".join(people(3))})


def test_a_duplicate_event_sends_nothing(world: World) -> None:
    """Neither as Lambda's own repetition nor as another request."""
    said = [outcomes(world), outcomes(world), outcomes(world, request="request-2")]

    assert said == [["mailed"], ["already mailed"], ["already mailed"]]
    assert world.post_office.recipients == people(3)


def test_a_new_upload_under_the_same_key_is_mailed(world: World) -> None:
    """It is another version; in a bucket without versions S3's sequencer tells."""
    newer = event("put_to_unversioned_bucket")
    newer["Records"][0]["s3"]["object"]["sequencer"] = "0055AED6DCD90281E6"

    outcomes(world, arrival_of(KEY, version="1"))
    outcomes(world, arrival_of(KEY, version="2"))
    outcomes(world, event("put_to_unversioned_bucket"))
    outcomes(world, newer)

    assert world.post_office.recipients == people(3) * 4


def test_a_retry_mails_only_those_who_were_not(world: World) -> None:
    """Half of the bulk call failed; the others keep their one mail."""
    world.post_office.refuses("person1@example.com", "MessageRejected")

    with pytest.raises(errors.SenderNotVerified):
        world.announce(EVENT)
    world.post_office.refuses_nobody()

    assert states(world)["person1@example.com"] == "MessageRejected"
    assert outcomes(world) == ["mailed"]
    assert sorted(world.post_office.recipients) == people(3)


def test_a_twin_leaves_the_mails_to_the_first(world: World) -> None:
    """Another request at the same moment: its own event is done when the first one's is."""
    twins: list[str] = []
    world.post_office.while_sending = lambda: twins.extend(outcomes(world, request="twin"))

    first = outcomes(world)

    assert (first, twins) == (["mailed"], ["in progress"])
    assert world.post_office.recipients == people(3)


def test_a_twin_of_the_same_request_is_tried_again(world: World) -> None:
    """Were it to succeed while the first run dies, Lambda might not try the event again."""
    twins: list[str] = []

    def twin() -> None:
        with pytest.raises(errors.AlreadyInProgress, match=r'"report\.pdf" is being announced by'):
            world.announce(EVENT)
        twins.append("raised")

    world.post_office.while_sending = twin

    assert outcomes(world) == ["mailed"]
    assert twins == ["raised"]
    assert world.post_office.recipients == people(3)


def test_a_run_killed_before_ses_took_the_mails_is_made_up_for(world: World) -> None:
    """The claim lapses before Lambda tries again; then the retry mails everybody."""
    world.post_office.while_sending = kill
    with pytest.raises(Killed):
        world.announce(EVENT)
    assert set(states(world).values()) == {"claimed"}
    world.post_office.while_sending = lambda: None
    world.clock.passes(seconds=60)

    assert outcomes(world) == ["mailed"]
    assert world.post_office.recipients == people(3)


@pytest.mark.parametrize("call", [1, 2])
def test_an_answer_of_the_ledger_that_is_lost_changes_nothing(world: World, call: int) -> None:
    """Whether of the claim or of the record: it was written, and writing it again does no harm."""
    lost = ReadTimeoutError(endpoint_url="https://dynamodb.example.com")
    world.table.answers_are_lost(*[None] * (call - 1), lost)

    assert outcomes(world) == ["mailed"]
    assert world.post_office.recipients == people(3)


def test_an_answer_of_ses_that_is_lost_resolves_towards_sending(world: World) -> None:
    """SES may have taken the mails or not: twice is better than never."""
    world.post_office.answer_is_lost()

    with pytest.raises(errors.MailServiceDown, match="ReadTimeoutError for person0@"):
        world.announce(EVENT)
    outcomes(world)

    assert world.post_office.recipients == people(3) * 2


def test_nobody_is_mailed_while_the_ledger_cannot_say_who_was(world: World) -> None:
    """After four tries it is an error, and nothing has happened yet."""
    world.table.fails(*["InternalServerError"] * 4)

    with pytest.raises(errors.LedgerUnavailable) as failure:
        world.announce(EVENT)

    assert str(failure.value) == (
        '"report.pdf" was not announced, because the deliveries ledger could not be asked who was '
        "mailed before (InternalServerError). Lambda tries again, and then the event waits in "
        "DeadLetterQueue."
    )
    assert world.post_office.mails == []
    assert outcomes(world) == ["mailed"]


def test_a_record_is_tried_for_as_long_as_there_is_time(world: World) -> None:
    """Once SES has the mails, giving up would send them twice."""
    world.table.fails(None, *["ThrottlingException"] * 100)

    assert outcomes(world) == ["mailed"]
    assert set(states(world)) == set(people(3))
    assert "claimed" not in states(world).values()


def test_a_record_that_cannot_be_written_is_a_named_error(world: World) -> None:
    """It names whom the next try may mail a second time."""
    world.table.fails(None, *["InternalServerError"] * 100_000)

    with pytest.raises(errors.NotRecorded) as failure:
        world.announce(EVENT)

    assert str(failure.value).startswith(
        '"report.pdf" was mailed to person0@example.com, person1@example.com, '
        "person2@example.com, but the deliveries ledger could not record it "
        "(InternalServerError), so they may be mailed once more. "
    )
    assert world.clock.now - world.now > TIME_LIMIT - timedelta(seconds=50)


def test_it_waits_while_ses_is_busy(world: World) -> None:
    """Entry by entry and call by call, with jitter, until everybody has one mail."""
    world.post_office.fails("Throttling", "Throttling", "Throttling")

    assert outcomes(world) == ["mailed"]
    assert world.post_office.recipients == people(3)
    assert world.clock.slept == [0.125, 0.25, 0.5]  # half, as the dice say here, of each limit


def test_it_gives_up_waiting_in_time_to_say_so(world: World) -> None:
    """Lambda tries again later; the claim is given back for that."""
    world.post_office.refuses("person1@example.com", "AccountThrottled")

    with pytest.raises(errors.MailThrottled, match=r"AccountThrottled for person1@example\.com"):
        world.announce(EVENT)
    world.post_office.refuses_nobody()

    assert world.now + TIME_LIMIT - world.clock.now > timedelta(seconds=40)
    assert states(world)["person1@example.com"] == "AccountThrottled"
    assert outcomes(world) == ["mailed"]
    assert sorted(world.post_office.recipients) == people(3)


def test_a_claim_is_renewed_while_it_waits(world: World) -> None:
    """So that no twin begins, however long SES is busy."""
    world.post_office.fails(*["Throttling"] * 200, None)
    twins: list[str] = []
    world.post_office.while_sending = lambda: twins.extend(outcomes(world, request="twin"))

    assert outcomes(world) == ["mailed"]
    assert world.clock.now - world.now > CLAIM_LASTS
    assert set(twins) == {"in progress"}
    assert world.post_office.recipients == people(3)


@pytest.mark.parametrize("code", ["AccountDailyQuotaExceeded", "MessageRejected"])
def test_it_does_not_wait_for_what_time_does_not_mend(world: World, code: str) -> None:
    """A daily quota is not back within minutes."""
    world.post_office.refuses("person1@example.com", code)

    with pytest.raises(errors.MailError):
        world.announce(EVENT)

    assert world.clock.slept == []


def test_links_last_from_the_moment_of_sending(world: World) -> None:
    """Waiting takes nothing of the time that the mail promises."""
    world.post_office.fails(*["Throttling"] * 100, None)

    outcomes(world)

    [mail, *_] = world.post_office.mails
    assert world.clock.now - world.now > timedelta(seconds=60)
    assert f"X-Amz-Date={world.clock.now:%Y%m%dT%H%M%SZ}" in mail.data["link"]


def test_an_event_of_ses_proves_that_it_took_the_mail(world: World) -> None:
    """A run that died before it could record is not made up for with a second mail."""
    world.table.fails(None, "AccessDeniedException")
    with pytest.raises(errors.NotRecorded):
        world.announce(EVENT)
    for mail in world.post_office.mails[:2]:
        fate = Fate(rows.DELIVERED, NOW, "message of SES")
        record_fate(world.table, "ledger", mail.tags["s3link-delivery"], fate)
    world.clock.passes(seconds=60)

    assert outcomes(world) == ["mailed"]
    assert world.post_office.recipients == [*people(3), "person2@example.com"]
