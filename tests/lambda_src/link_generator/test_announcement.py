"""From an event to the mails, without AWS."""

from __future__ import annotations

import logging
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.lambda_src.fakes import NO_BRAND, World, arrival_of, event, people


@pytest.fixture(autouse=True)
def _whole_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "link_generator")


def parameters_of(link: str) -> dict[str, str]:
    return {name: value for name, [value] in parse_qs(urlsplit(link).query).items()}


def test_a_file_is_announced(world: World) -> None:
    """The recipient gets the file's name, size, note and end, and a link that ends then."""
    world.bucket.put("folder/Q3 report.pdf", size=12_345, metadata={"note": "As promised"})

    world.announce(arrival_of("folder/Q3 report.pdf"))

    [mail] = world.post_office.mails
    link = mail.data.pop("link")
    assert mail.to == "team@example.com"
    assert mail.data.pop("linkHtml") == link.replace("&", "&amp;")
    assert mail.data == {
        "fileName": "Q3 report.pdf",
        "fileNameHtml": "Q3 report.pdf",
        "fileSize": "12.3 kB",
        "note": "> As promised",
        "noteHtml": "As promised",
        "expiresAt": "Saturday 21 November 2026, 18:05 UTC",
        "limit": "",
        "sender": "",
        "senderHtml": "",
        "senderName": "",
        "subject": "File for you: Q3 report.pdf",
        "requestUrl": "",
        **NO_BRAND,
    }
    parameters = parameters_of(link)
    assert parameters["X-Amz-Date"] == "20261121T130530Z"
    assert parameters["X-Amz-Expires"] == "18000"


def test_the_link_is_pinned_to_the_version_of_the_event(world: World) -> None:
    """A newer file under the same key has its own announcement."""
    world.bucket.put("report.pdf")

    world.announce(event("put"))

    [mail] = world.post_office.mails
    assert parameters_of(mail.data["link"])["versionId"] == "096fKKXTRTtl3on89fVO.nfljtsv6qko"


def test_an_empty_file_is_a_file(world: World) -> None:
    """Only a key that ends in a slash makes a zero-byte object a folder."""
    world.bucket.put("empty.txt", size=0)

    world.announce(arrival_of("empty.txt"))

    [mail] = world.post_office.mails
    assert mail.data["fileSize"] == "0 bytes"


@pytest.mark.parametrize(
    ("count", "groups"),
    [(1, [1]), (50, [50]), (51, [50, 1]), (500, [50] * 10)],
)
def test_everybody_named_gets_a_mail(world: World, count: int, groups: list[int]) -> None:
    """In bulk calls of at most 50, each with a link of their own."""
    world.bucket.put("report.pdf", metadata={"recipients": ",".join(people(count))})

    world.announce(arrival_of("report.pdf"))

    assert world.post_office.recipients == people(count)
    assert world.post_office.group_sizes == groups
    assert len({mail.data["link"] for mail in world.post_office.mails}) == count


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (event("test_event"), "Skipped an event without records"),
        (event("folder_made_in_the_console"), 'Skipped folder marker "reports 2026/"'),
        (event("removed"), "Skipped a record that is not an arrival"),
    ],
)
def test_what_is_no_file_is_skipped(
    world: World, body: object, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a mail, without an error, with a line in the log."""
    world.bucket.put("reports 2026/", size=0)

    world.announce(body)

    assert not world.post_office.mails
    assert line in caplog.messages


@pytest.mark.parametrize(
    "key",
    [
        *("talks/.DS_Store", "talks/._talk.pptx", "Thumbs.db", "desktop.ini", "~$offer.docx"),
        *("out/_SUCCESS", "video.mp4.part", "x.filepart", "bob@example.com/.~lock.offer.odt#"),
    ],
)
@pytest.mark.parametrize("mark", ["always", " Always"])
def test_a_leftover_is_announced_only_when_its_sender_named_it(
    world: World, key: str, mark: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Systems and programs leave such files behind; `s3link send` writes the mark."""
    world.bucket.put(key)

    [left_out] = world.announce(arrival_of(key))

    assert (left_out.outcome, world.post_office.mails) == ("skipped", [])
    assert caplog.messages[-1] == (
        f'Skipped "{key}", as systems and programs leave it behind; '
        "`s3link send --name files` sends it when named"
    )

    world.bucket.put(key, metadata={"announce": mark})
    [announced] = world.announce(arrival_of(key), request="request-2")

    assert (announced.outcome, len(world.post_office.mails)) == ("mailed", 1)


def test_a_file_gone_before_its_event_is_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """There is nothing to download, so there is nothing to announce and nothing to try again."""
    world.announce(arrival_of("report.pdf"))

    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert not world.post_office.mails
    assert [record.getMessage() for record in warnings] == [
        '"report.pdf" was gone before its event; nobody is mailed'
    ]


def test_a_wish_beyond_the_limit_is_shortened(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The mail says when the link really stops, and the log that more was asked for."""
    world.bucket.put("report.pdf", metadata={"expires": "86400"})

    world.announce(arrival_of("report.pdf"))

    [mail] = world.post_office.mails
    assert mail.data["expiresAt"] == "Saturday 21 November 2026, 18:05 UTC"
    assert parameters_of(mail.data["link"])["X-Amz-Expires"] == "18000"
    assert any("asks for a link of 1 day, 0:00:00" in message for message in caplog.messages)


def test_all_files_of_an_event_are_announced(world: World) -> None:
    """S3 may put several records into one event."""
    for key in ("first.pdf", "second.pdf", "third.pdf"):
        world.bucket.put(key)

    world.announce(event("three_files"))

    names = [mail.data["fileName"] for mail in world.post_office.mails]
    assert names == ["first.pdf", "second.pdf", "third.pdf"]


def test_link_and_ledger_name_the_same_delivery(world: World) -> None:
    """So that the bucket's access log, the mail's events and the ledger can be read together."""
    world.bucket.put("report.pdf")

    world.announce(arrival_of("report.pdf"))

    [mail], [row] = world.post_office.mails, world.table.rows
    assert parameters_of(mail.data["link"])["x-s3link-delivery"] == row["DeliveryId"]
    assert mail.tags == {"s3link-delivery": row["DeliveryId"]}


def test_the_log_tells_what_happened_to_a_file(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Which file and version, to whom, under which ids, until when."""
    world.bucket.put("report.pdf")

    world.announce(event("put"))

    received, mailed = caplog.records
    [mail] = world.post_office.mails
    upload = {"file": "report.pdf", "version": "096fKKXTRTtl3on89fVO.nfljtsv6qko"}
    assert received.getMessage() == 'Received "report.pdf"'
    assert vars(received).items() >= upload.items()
    assert mailed.getMessage() == 'Mailed "report.pdf" to team@example.com'
    assert (
        vars(mailed).items()
        >= {
            **upload,
            "recipient": "team@example.com",
            "delivery": parameters_of(mail.data["link"])["x-s3link-delivery"],
            "messageId": "message-1",
            "expires": "2026-11-21T18:05:30Z",
        }.items()
    )


def test_a_file_under_a_uuid_has_its_own_name(world: World) -> None:
    """As its Content-Disposition says it: in the mail, in the download and in the ledger."""
    key = "uploads/7f3e1c9a-4b0d-4f7e-9a43-2f0c8f4f2f11"
    own = "attachment; filename*=UTF-8''Q3%20%C3%BCbersicht.pdf"
    world.bucket.put(key, disposition=own)

    world.announce(arrival_of(key))

    [mail] = world.post_office.mails
    saved_as = parameters_of(mail.data["link"])["response-content-disposition"]
    assert mail.data["fileName"] == "Q3 übersicht.pdf"
    assert saved_as.endswith("filename*=UTF-8''Q3%20%C3%BCbersicht.pdf")
    [row] = world.table.rows
    assert (row["File"], row["Name"]) == (key, "Q3 übersicht.pdf")


def test_a_key_that_tells_the_name_is_not_kept_twice(world: World) -> None:
    """Nor one whose Content-Disposition says the same."""
    world.bucket.put("a/report.pdf", disposition='attachment; filename="report.pdf"')

    world.announce(arrival_of("a/report.pdf"))

    [row] = world.table.rows
    assert "Name" not in row


def test_a_link_that_mail_programs_may_cut_is_told_of_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The key alone makes it too long; the file is announced, and the log has the way out."""
    key = "\u00fc" * 500
    world.bucket.put(key, metadata={"recipients": ",".join(people(60))})

    world.announce(arrival_of(key))

    length = max(len(mail.data["link"]) for mail in world.post_office.mails)
    [warning] = [one for one in caplog.records if one.levelname == "WARNING"]
    assert len(world.post_office.mails) == 60
    assert warning.getMessage() == (
        f'The link to "{key}" has {length} characters, and some mail programs cut links after '
        "2048; give the file a shorter key, or run `s3link deploy --with portal --name files`, for "
        "the portal's links are short"
    )
