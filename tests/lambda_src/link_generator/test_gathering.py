"""Files that come one by one and are mailed together."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from files.errors import FileError, InvalidShare
from files.manifest import manifest_key
from files.metadata import header_text
from files.uploads import Outcome
from function.errors import FunctionError
from link_generator.errors import NotGathered

from tests.lambda_src.fakes import Killed, arrival_of
from tests.lambda_src.gathering_world import GATHERING, GatheringWorld

TEAM = "team@example.com"


@pytest.fixture
def world() -> GatheringWorld:
    return GatheringWorld()


def test_files_of_a_folder_are_mailed_together(world: GatheringWorld) -> None:
    """Once none came for as long as GatherPeriod says: one mail with all of them."""
    outcomes = world.arrives("photos/b.jpg", "photos/a.jpg", "photos/c.jpg")
    assert world.post_office.mails == []

    world.time_passes()

    assert outcomes == ["gathered"] * 3
    assert world.mailed == [(TEAM, ["a.jpg", "b.jpg", "c.jpg"])]
    assert world.gathered.left == []


def test_a_wake_up_is_a_schedule_that_runs_once(world: GatheringWorld) -> None:
    """After the period, as LinkGenerator's own function, by the role that may call it only."""
    world.arrives("a.pdf")

    [(name, (moment, event))] = world.scheduler.made.items()
    given = world.scheduler.given
    assert timedelta(seconds=60) < moment - world.clock.now <= timedelta(seconds=72)
    assert name.startswith(event["gathered"])
    assert len(name) <= 64
    assert given["GroupName"] == GATHERING["GatheringScheduleGroupName"]
    assert given["ActionAfterCompletion"] == "DELETE"
    assert given["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert given["Target"] == {
        "Arn": "arn:aws:lambda:eu-west-1:123456789012:function:s3link-generator-LinkGenerator-1",
        "RoleArn": GATHERING["GatheringRoleArn"],
        "Input": given["Target"]["Input"],
        "DeadLetterConfig": {"Arn": GATHERING["DeadLetterQueueArn"]},
    }


def test_a_burst_makes_few_schedules(world: GatheringWorld) -> None:
    """A container remembers those it made; another is told that they are there."""
    services = world.services()
    for number in range(20):
        version = world.bucket.put(f"{number}.pdf")
        world.run(arrival_of(f"{number}.pdf", version=version), services=services)
    assert world.scheduler.calls == 1

    world.arrives("20.pdf")

    assert world.scheduler.calls == 2
    assert len(world.scheduler.made) == 1


def test_a_file_that_is_alone_is_mailed_as_ever(world: GatheringWorld) -> None:
    """It needs no manifest; its row in the ledger names it."""
    world.arrives("report.pdf")

    world.time_passes()

    assert world.mailed == [(TEAM, ["report.pdf"])]
    assert world.bucket.manifests == {}
    [row] = world.table.rows
    assert (row["File"], row["Version"]) == ("report.pdf", "v1")


def test_a_period_that_is_made_longer_meanwhile(world: GatheringWorld) -> None:
    """Wake-ups that were made for the shorter one come too early, and make another."""
    world.arrives("photos/a.jpg", "photos/b.jpg")
    world.parameters["GatherPeriod"] = "900"

    world.time_passes()

    assert world.mailed == [(TEAM, ["a.jpg", "b.jpg"])]


def test_a_later_file_begins_the_period_anew(world: GatheringWorld) -> None:
    """Nothing is mailed while more keeps coming."""
    for number in range(3):
        world.arrives(f"{number}.pdf")
        world.clock.passes(seconds=40)
        for event in world.scheduler.due(world.clock.now):
            world.run(event)
    assert world.mailed == []

    world.time_passes()

    assert world.mailed == [(TEAM, ["0.pdf", "1.pdf", "2.pdf"])]


def test_files_that_never_cease(world: GatheringWorld) -> None:
    """After an hour what came first waits no longer."""
    for number in range(100):
        world.arrives(f"{number:03}.pdf")
        world.clock.passes(seconds=40)
        for event in world.scheduler.due(world.clock.now):
            world.run(event)

    world.hears_of_all()

    [mail] = world.post_office.mails
    assert mail.data["headline"].startswith("90 files")


def test_a_file_after_the_mail_begins_the_next_share(world: GatheringWorld) -> None:
    """And is mailed with those that come after it."""
    world.arrives("1.pdf", "2.pdf")
    world.time_passes()

    world.arrives("3.pdf", "4.pdf")
    world.time_passes()

    assert world.mailed == [(TEAM, ["1.pdf", "2.pdf"]), (TEAM, ["3.pdf", "4.pdf"])]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("a/1.pdf", {}), ("b/2.pdf", {})),
        (("1.pdf", {}), ("2.pdf", {"recipients": "bob@example.com"})),
        (("1.pdf", {"note": "x"}), ("2.pdf", {"note": "y"})),
        (("1.pdf", {"expires": "3600"}), ("2.pdf", {"expires": "7200"})),
        (("1.pdf", {"max_downloads": "1"}), ("2.pdf", {})),
        (("1.pdf", {}), ("2.pdf", {"sender": "Ann <ann@example.com>"})),
    ],
)
def test_what_does_not_belong_together(
    world: GatheringWorld, first: tuple[str, Any], second: tuple[str, Any]
) -> None:
    """Another folder, other recipients, or other terms: each has a mail of its own."""
    world.parameters["AuthorizedSenders"] = "@example.com"
    for key, metadata in (first, second):
        world.arrives(key, **metadata)

    world.time_passes()

    assert len(world.post_office.mails) == 2
    assert world.bucket.manifests == {}


def test_the_same_recipients_in_other_words(world: GatheringWorld) -> None:
    """Order and case of a domain do not matter, nor whether they are the usual ones."""
    world.arrives("1.pdf", recipients="bob@example.com,team@example.com")
    world.arrives("2.pdf", recipients="team@EXAMPLE.com, bob@example.com")

    world.time_passes()

    assert [to for to, _ in world.mailed] == ["bob@example.com", TEAM]


def test_a_share_says_what_its_files_said(world: GatheringWorld) -> None:
    """Recipients, sender, note, expiry and downloads; the name is the one that a file states."""
    world.parameters["AuthorizedSenders"] = "@example.com"
    terms = {
        "recipients": "bob@example.com",
        "sender": header_text("Ann Exämple <ann@example.com>"),
        "note": header_text("Grüße\nAnn"),
        "expires": "3600",
        "max_downloads": "2",
    }
    version = world.bucket.put("x/1", disposition='attachment; filename="report.pdf"', **terms)
    world.run(arrival_of("x/1", version=version))
    world.arrives("x/2", **terms)

    world.time_passes()

    [manifest] = world.bucket.manifests.values()
    assert manifest == {
        "s3link": "share",
        "version": 1,
        "recipients": ["bob@example.com"],
        "sender": "Ann Exämple <ann@example.com>",
        "note": "Grüße\nAnn",
        "expires": 3600,
        "max-downloads": 2,
        "files": [
            {"key": "x/1", "version": "v1", "size": 5, "name": "report.pdf"},
            {"key": "x/2", "version": "v1", "size": 5},
        ],
    }
    [mail] = world.post_office.mails
    assert mail.data["note"] == "> Grüße\n> Ann"
    assert mail.reply_to == ("ann@example.com",)
    assert mail.data["limit"] == "Each file can be downloaded 2 times."


@pytest.mark.parametrize("value", ["now", " Now "])
def test_a_sender_who_has_no_more(world: GatheringWorld, value: str) -> None:
    """`announce: now` mails at once, also what has the name of a leftover."""
    assert world.arrives("report.pdf", "Thumbs.db", announce=value) == ["mailed", "mailed"]
    assert world.scheduler.made == {}


def test_a_bad_file_fails_alone(world: GatheringWorld) -> None:
    """At its own event, loudly; the others are mailed."""
    world.arrives("1.pdf")
    with pytest.raises(FunctionError, match="not on AuthorizedRecipients"):
        world.arrives("2.pdf", recipients="eve@example.net")
    with pytest.raises(FileError, match="max-downloads"):
        world.arrives("3.pdf", max_downloads="often")
    world.arrives("4.pdf")

    world.time_passes()

    assert world.mailed == [(TEAM, ["1.pdf", "4.pdf"])]


def test_an_event_that_comes_twice(world: GatheringWorld) -> None:
    """Before the mail or long after it, the file is not mailed again."""
    event = arrival_of("1.pdf", version=world.bucket.put("1.pdf"))
    outcomes = [world.run(event)[0].outcome, world.run(event, "request-2")[0].outcome]
    world.arrives("2.pdf")
    world.time_passes()
    outcomes.append(world.run(event, "request-3")[0].outcome)

    world.time_passes()

    assert outcomes == [Outcome.GATHERED] * 3
    assert world.mailed == [(TEAM, ["1.pdf", "2.pdf"])]


def test_a_file_mailed_before_gathering_began(world: GatheringWorld) -> None:
    """Its event may come again once GatherPeriod was set; the ledger knows it."""
    world.parameters["GatherPeriod"] = "0"
    event = arrival_of("1.pdf", version=world.bucket.put("1.pdf"))
    world.run(event)
    world.parameters["GatherPeriod"] = "60"

    [again] = world.run(event, "request-2")

    assert again.outcome is Outcome.ALREADY_MAILED
    assert world.scheduler.made == {}


def test_wake_ups_that_come_twice(world: GatheringWorld) -> None:
    """EventBridge Scheduler invokes at least once, and others' wake-ups find nothing to do."""
    world.arrives("1.pdf", "2.pdf")
    event = world.scheduler.run_next(world.clock)
    for number in range(3):
        world.run(event, f"request-{number}")
        world.hears_of_all()

    assert world.mailed == [(TEAM, ["1.pdf", "2.pdf"])]
    assert len(world.bucket.manifests) == 1


def test_an_edit_in_the_console_mails_nobody(world: GatheringWorld) -> None:
    """S3 copies the file onto itself; it waits already, or was mailed with others."""
    world.arrives("1.pdf", "2.pdf")
    copy = arrival_of("1.pdf", version=world.bucket.put("1.pdf", note="edited"))
    copy["Records"][0]["eventName"] = "ObjectCreated:Copy"

    [before] = world.run(copy)
    world.time_passes()
    [after] = world.run(copy, "request-2")

    assert (before.outcome, after.outcome) == (Outcome.SKIPPED, Outcome.SKIPPED)
    assert world.mailed == [(TEAM, ["1.pdf", "2.pdf"])]


def test_a_file_that_is_replaced_while_it_waits(world: GatheringWorld) -> None:
    """A share names each key once, so that the second version comes in the next mail."""
    world.arrives("1.pdf", "2.pdf", "1.pdf")

    world.time_passes()

    assert sorted(world.mailed) == [(TEAM, ["1.pdf"]), (TEAM, ["1.pdf", "2.pdf"])]
    [manifest] = world.bucket.manifests.values()
    assert [one["version"] for one in manifest["files"]] == ["v1", "v1"]
    [alone] = [row for row in world.table.rows if row["File"] == "1.pdf"]
    assert alone["Version"] == "v2"


def test_a_file_that_is_deleted_while_it_waits(world: GatheringWorld) -> None:
    """The others are mailed without it."""
    world.arrives("1.pdf", "2.pdf", "3.pdf")
    world.bucket.delete("2.pdf")

    world.time_passes()

    assert world.mailed == [(TEAM, ["1.pdf", "3.pdf"])]


def test_all_that_waited_was_deleted(world: GatheringWorld) -> None:
    """Nobody is mailed, and nothing is left."""
    world.arrives("1.pdf", "2.pdf")
    world.arrives("x/3.pdf")
    for key in ("1.pdf", "2.pdf", "x/3.pdf"):
        world.bucket.delete(key)

    world.time_passes()

    assert world.mailed == []
    assert world.gathered.left == []


def test_a_file_that_cannot_be_read_any_more(world: GatheringWorld) -> None:
    """Its share fails loudly as a whole, at its manifest's event, where a redrive can help."""
    world.arrives("1.pdf", "2.pdf")
    world.bucket.archive("2.pdf")

    with pytest.raises(FunctionError, match="GLACIER"):
        world.time_passes()

    assert world.mailed == []
    assert world.gathered.left == []


def test_none_can_be_read_any_more(world: GatheringWorld) -> None:
    """Then nobody can say for whom they are; what waits is kept."""
    world.arrives("1.pdf", "2.pdf")
    world.bucket.archive("1.pdf")
    world.bucket.archive("2.pdf")

    with pytest.raises(FunctionError, match="GLACIER"):
        world.time_passes()

    assert world.gathered.left == ["sealed"]


@pytest.mark.parametrize(("count", "mails"), [(45, 1), (46, 1), (150, 1), (1001, 2), (2300, 3)])
def test_many_files(world: GatheringWorld, count: int, mails: int) -> None:
    """Up to 1,000 in one mail, whatever a transaction takes; the rest comes at once."""
    world.gathered.page_rows = 300
    services = world.services()
    for number in range(count):
        version = world.bucket.put(f"{number:04}.pdf")
        world.run(arrival_of(f"{number:04}.pdf", version=version), services=services)
        world.clock.passes(seconds=0.01)

    world.time_passes()

    named = [file["key"] for one in world.bucket.manifests.values() for file in one["files"]]
    assert len(world.post_office.mails) == mails
    assert sorted({*named, *(["1000.pdf"] if count == 1001 else [])}) == [
        f"{number:04}.pdf" for number in range(count)
    ]
    assert world.gathered.most_writes <= 100
    assert world.gathered.left == []


def test_without_a_portal_a_mail_has_twenty(world: GatheringWorld) -> None:
    """Each file has a link of its own there; more files are more mails."""
    world.parameters = dict(GATHERING)
    world.arrives(*(f"{number:02}.pdf" for number in range(45)))

    world.time_passes()

    assert sorted(len(names) for _, names in world.mailed) == [5, 20, 20]


def test_without_a_portal_long_keys_are_fewer(world: GatheringWorld) -> None:
    """So that the links of one mail are no more than SES takes."""
    world.parameters = dict(GATHERING)
    world.arrives(*(f"{'ü' * 450}{number:02}.pdf" for number in range(20)))

    world.time_passes()

    assert sorted(len(names) for _, names in world.mailed) == [4, 8, 8]


def test_what_no_manifest_can_say(world: GatheringWorld) -> None:
    """Where versioning is suspended a file has no version of its own, and is mailed alone."""
    world.bucket.put("1.pdf", version="null")

    [announced] = world.run(arrival_of("1.pdf", version="null"))

    assert announced.outcome is Outcome.MAILED


def test_a_run_waits_for_the_little_that_is_left(world: GatheringWorld) -> None:
    """Its clock may be behind the one by which the file came."""
    world.arrives("1.pdf", "2.pdf")
    event = world.scheduler.run_next(world.clock)
    world.clock.passes(seconds=-14)

    world.run(event)

    assert sum(world.clock.slept) > 0
    assert len(world.bucket.manifests) == 1


def test_a_share_that_another_run_has_open(world: GatheringWorld) -> None:
    """A second run waits for its end; when there is none, it ends what the dead one began."""
    world.arrives("1.pdf", "2.pdf")
    event = world.scheduler.run_next(world.clock)
    seal = world.gathered.transact_write_items

    def dies(*, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        if "Delete" in TransactItems[0]:
            raise Killed
        return seal(TransactItems=TransactItems)

    world.gathered.transact_write_items = dies  # type: ignore[method-assign]
    with pytest.raises(Killed):
        world.run(event)
    assert world.gathered.left == ["open"]
    world.gathered.transact_write_items = seal  # type: ignore[method-assign]
    world.arrives("3.pdf")

    world.run(event, "request-2")
    world.hears_of_all()
    world.time_passes()

    assert sum(world.clock.slept) >= 29
    assert world.mailed == [(TEAM, ["1.pdf", "2.pdf"]), (TEAM, ["3.pdf"])]


def test_a_file_alone_that_another_run_is_mailing(world: GatheringWorld) -> None:
    """It is left to that run, and not forgotten: should that one die, its next try finds it."""
    world.arrives("1.pdf")
    event = world.scheduler.run_next(world.clock)
    left: list[list[str]] = []

    def meanwhile() -> None:
        world.post_office.while_sending = lambda: None
        [announced] = world.run(event, "request-2")
        assert announced.outcome is Outcome.IN_PROGRESS
        left.append(world.gathered.left)

    world.post_office.while_sending = meanwhile
    world.run(event, "request-1")

    assert left == [["sealed"]]
    assert world.gathered.left == []
    assert world.mailed == [(TEAM, ["1.pdf"])]


@pytest.mark.parametrize("code", ["AccessDenied", "InternalError"])
def test_s3_takes_no_manifest(world: GatheringWorld, code: str) -> None:
    """The run fails, and the next one makes it."""
    world.arrives("1.pdf", "2.pdf")
    world.bucket.faults = [code]
    event = world.scheduler.run_next(world.clock)

    with pytest.raises(NotGathered, match=f"did not take the manifest of its share \\({code}\\)"):
        world.run(event)
    world.run(event)
    world.hears_of_all()

    assert world.mailed == [(TEAM, ["1.pdf", "2.pdf"])]


def test_scheduler_takes_no_schedule(world: GatheringWorld) -> None:
    """The event fails; Lambda's next try finds that the file waits, and makes the schedule."""
    event = arrival_of("1.pdf", version=world.bucket.put("1.pdf"))
    world.scheduler.faults = ["ThrottlingException"] * 4

    with pytest.raises(NotGathered, match=r"EventBridge Scheduler.*ThrottlingException"):
        world.run(event)
    assert world.gathered.left == ["pending"]
    world.run(event)
    world.time_passes()

    assert world.mailed == [(TEAM, ["1.pdf"])]


def test_the_table_does_not_answer(world: GatheringWorld) -> None:
    """A busy table is asked again, and then the event fails; no file is mailed alone for that."""
    event = arrival_of("1.pdf", version=world.bucket.put("1.pdf"))
    world.gathered.fails(*["InternalServerError"] * 4)
    with pytest.raises(NotGathered, match=r"InternalServerError.*Lambda tries again"):
        world.run(event)
    world.gathered.fails("AccessDeniedException")
    with pytest.raises(NotGathered, match="Deploy the generator stack again"):
        world.run(event)

    world.gathered.fails("TransactionConflict")
    world.run(event)
    world.time_passes()

    assert world.mailed == [(TEAM, ["1.pdf"])]


def _made_up(world: GatheringWorld, document: dict[str, Any], share_id: str) -> Any:
    world.bucket.put_object(
        Bucket="example-files", Key=manifest_key(share_id), Body=_json(document)
    )
    return world.events.pop()


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()


HOSTILE = ["made up", "right group", "another's share", "other recipients", "other folder"]


@pytest.mark.parametrize("case", HOSTILE)
def test_a_manifest_that_somebody_else_made(world: GatheringWorld, case: str) -> None:
    """An id that says "gathered" names nothing but what was gathered for it, for those people."""
    world.arrives("secret/1.pdf", "secret/2.pdf", recipients="bob@example.com")
    group = world.scheduler.run_next(world.clock)["gathered"]
    world.run({"gathered": group})
    world.hears_of_all()
    [(key, document)] = world.bucket.manifests.items()
    share = key.rpartition("-")[2].removesuffix(".json")
    world.arrives("secret/3.pdf", recipients="bob@example.com")
    third = {"key": "secret/3.pdf", "version": "v1", "size": 5}
    mails = len(world.post_office.mails)
    hostile, share_id = {
        "made up": (document, f"gathered-{'0' * 32}-{'0' * 16}"),
        "right group": (document, f"gathered-{group}-{'0' * 16}"),
        "another's share": ({**document, "files": [third]}, f"gathered-{group}-{share[:-1]}0"),
        "other recipients": (
            {**document, "recipients": ["carol@example.com"]},
            f"gathered-{group}-{'1' * 16}",
        ),
        "other folder": (document, "gathered-1234567890"),
    }[case]

    with pytest.raises(InvalidShare):
        world.run(_made_up(world, hostile, share_id))

    assert len(world.post_office.mails) == mails


def test_the_same_share_with_another_file(world: GatheringWorld) -> None:
    """A manifest that replaces the one that LinkGenerator made is refused."""
    world.arrives("1.pdf", "2.pdf")
    world.time_passes()
    [(key, document)] = world.bucket.manifests.items()
    world.arrives("3.pdf")
    third = {"key": "3.pdf", "version": "v1", "size": 5}
    version = world.bucket.put(key, _json({**document, "files": [third]}))

    with pytest.raises(InvalidShare):
        world.run(arrival_of(key, version=version))


def test_gathered_manifests_without_gathering(world: GatheringWorld) -> None:
    """Once GatherPeriod is 0 nobody can say what was gathered."""
    world.arrives("1.pdf", "2.pdf")
    event = world.scheduler.run_next(world.clock)
    world.run(event)
    world.parameters["GatherPeriod"] = "0"

    with pytest.raises(InvalidShare, match="gathered"):
        world.hears_of_all()
    with pytest.raises(NotGathered, match="GatherPeriod is 0 by now"):
        world.run(event)


@pytest.mark.parametrize("group", [None, 7, "", "x", "0" * 31, "0" * 33, ["0" * 32]])
def test_a_wake_up_that_names_no_group(world: GatheringWorld, group: Any) -> None:
    """Nothing is done for it."""
    with pytest.raises(FileError, match="names no group"):
        world.run({"gathered": group})


def given_up(world: GatheringWorld) -> Any:
    """The event of a file that stayed alone and that SES refuses, once Lambda tries no more."""
    world.arrives("wrong.pdf")
    world.post_office.refuses(TEAM, "MessageRejected")
    event = world.scheduler.run_next(world.clock)
    for _ in range(3):
        with pytest.raises(FunctionError):
            world.run(event, "first")
    world.post_office.refuses_nobody()
    return event


def test_what_failed_for_good_is_mailed_by_the_redrive_of_its_event(world: GatheringWorld) -> None:
    """Which says the event's id; until then it stays, whatever else comes."""
    event = given_up(world)
    world.arrives("right.pdf")
    world.run(world.scheduler.run_next(world.clock), "second")
    assert world.mailed == [(TEAM, ["right.pdf"])]

    world.run({"id": "first", **event}, "redrive")

    assert world.mailed == [(TEAM, ["right.pdf"]), (TEAM, ["wrong.pdf"])]
    assert world.gathered.left == []


def test_what_failed_for_good_fails_no_other_event(world: GatheringWorld) -> None:
    """Nor does the redrive of another: its letter may have been dropped."""
    event = given_up(world)

    assert world.run(event, "second") == []
    assert world.run({"id": "third", **event}, "redrive") == []

    assert world.mailed == []
    assert world.gathered.left == ["sealed"]


def test_until_an_event_is_given_up_another_may_mail_its_share(world: GatheringWorld) -> None:
    """So nothing waits longer than it has to."""
    world.arrives("wrong.pdf")
    world.post_office.refuses(TEAM, "MessageRejected")
    event = world.scheduler.run_next(world.clock)
    for _ in range(2):
        with pytest.raises(FunctionError):
            world.run(event, "first")
    world.post_office.refuses_nobody()

    world.run(event, "second")

    assert world.mailed == [(TEAM, ["wrong.pdf"])]


def test_the_last_event_to_fail_is_the_one_that_tries_again(world: GatheringWorld) -> None:
    """Two that fail by turns leave the share to one of them, whose letter is sure to come."""
    world.arrives("wrong.pdf")
    world.post_office.refuses(TEAM, "MessageRejected")
    event = world.scheduler.run_next(world.clock)
    for request in ("first", "second", "first"):
        with pytest.raises(FunctionError):
            world.run(event, request)

    assert world.run(event, "second") == []
    with pytest.raises(FunctionError):
        world.run(event, "first")
