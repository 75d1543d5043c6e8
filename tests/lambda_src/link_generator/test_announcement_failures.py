"""Announcements that fail: which error says so, and who is mailed all the same."""

from __future__ import annotations

import pytest
from files.errors import (
    EventError,
    FileEncrypted,
    FileNotReadable,
    HiddenMetadata,
    InvalidExpiry,
)
from function.errors import FunctionError
from link_generator import errors
from link_generator.errors import MailError, SeveralFailures

from tests.lambda_src.fakes import KMS_KEY, PORTAL, World, arrival_of, event, people


@pytest.mark.parametrize(
    ("metadata", "kind"),
    [
        ({"recipients": ""}, "NoRecipients"),
        ({"recipients": "bob"}, "InvalidRecipient"),
        ({"recipients": ",".join([*people(60), "eve@evil.example"])}, "UnauthorizedRecipient"),
        ({"recipients": "bob@example.com.evil.net"}, "UnauthorizedRecipient"),
        ({"recipients": "Bob <bob@example.com>"}, "InvalidRecipient"),
        ({"recipient": "ann@example.com"}, "MisspelledMetadata"),
        ({"recipents": "ann@example.com"}, "MisspelledMetadata"),
        ({"x-amz-meta-recipients": "ann@example.com"}, "MisspelledMetadata"),
        ({"announce": "never"}, "InvalidAnnounce"),
        ({"expires": "0"}, "InvalidExpiry"),
        ({"expires": "-60"}, "InvalidExpiry"),
        ({"expires": "tomorrow"}, "InvalidExpiry"),
    ],
)
def test_a_refused_upload_mails_nobody(
    world: World, metadata: dict[str, str], kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It fails with a named error that names the file, and the log has it too."""
    world.bucket.put("report.pdf", metadata=metadata)

    with pytest.raises(FunctionError, match=r'^"report\.pdf" was not announced') as failure:
        world.announce(arrival_of("report.pdf"))

    assert type(failure.value).__name__ == kind
    assert not world.post_office.mails
    assert [record.failure for record in caplog.records if hasattr(record, "failure")] == [kind]


@pytest.mark.parametrize(
    ("metadata", "kind"),
    [
        ({"announce": "yes"}, "InvalidAnnounce"),
        ({"announce": ""}, "InvalidAnnounce"),
        ({"x-amz-meta-announce": "always"}, "MisspelledMetadata"),
        ({"recipient": "ann@example.com"}, "MisspelledMetadata"),
    ],
)
def test_a_leftover_that_somebody_tried_to_name_is_no_leftover(
    world: World, metadata: dict[str, str], kind: str
) -> None:
    """It is refused for all to see, and not left out in silence."""
    world.bucket.put("video.mp4.part", metadata=metadata)

    with pytest.raises(FunctionError) as failure:
        world.announce(arrival_of("video.mp4.part"))

    assert type(failure.value).__name__ == kind


@pytest.mark.parametrize("key", ["report.pdf", "bob@example.com/report.pdf", "Thumbs.db"])
def test_metadata_that_s3_does_not_show_could_be_the_recipients(world: World, key: str) -> None:
    """It has characters that cannot stand in a header: S3 says how many names it keeps back.

    EmailRecipient, or whose folder it is, would get what is meant for somebody else.
    """
    world.bucket.put(key)
    world.bucket.keeps_metadata_back(key)

    with pytest.raises(HiddenMetadata) as failure:
        world.announce(arrival_of(key))

    assert str(failure.value) == (
        f'"{key}" was not announced: S3 does not show all of its metadata, for it has characters '
        "that cannot be printed; upload it again without them."
    )
    assert not world.post_office.mails


@pytest.mark.parametrize("code", ["AccessDenied", "KMS.DisabledException"])
@pytest.mark.parametrize("portal", [{}, PORTAL])
def test_a_file_that_no_link_can_decrypt_is_refused(
    world: World, code: str, portal: dict[str, str]
) -> None:
    """S3 would refuse the click, after the mail; a HEAD does not tell."""
    world.bucket.put("report.pdf")
    world.bucket.encrypts("report.pdf", code)

    with pytest.raises(FileEncrypted) as failure:
        world.announce(arrival_of("report.pdf"), **portal)

    assert str(failure.value) == (
        f'"report.pdf" was not announced: no link may use its KMS key {KMS_KEY} ({code}); add the '
        "key to FileKeyArns and deploy, or upload the file again without it."
    )
    assert not world.post_office.mails
    assert not world.table.rows


@pytest.mark.parametrize("size", [5, 0])
def test_a_file_under_a_key_that_may_be_used_is_announced(world: World, size: int) -> None:
    """As one under S3's own key, or one of FileKeyArns."""
    world.bucket.put("report.pdf", size=size)
    world.bucket.encrypts("report.pdf")

    world.announce(arrival_of("report.pdf"))

    assert world.post_office.recipients == ["team@example.com"]


def test_whether_it_can_be_decrypted_is_asked_again(world: World) -> None:
    """S3 was down, which is no fault of the key's."""
    world.bucket.put("report.pdf")
    world.bucket.encrypts("report.pdf", "SlowDown")

    with pytest.raises(FileNotReadable, match=r"S3 answered SlowDown\. Lambda tries again\."):
        world.announce(arrival_of("report.pdf"))


def test_one_bad_file_does_not_stop_the_others(world: World) -> None:
    """Its error is raised once all others are announced."""
    world.bucket.put("first.pdf")
    world.bucket.put("second.pdf", metadata={"expires": "never"})
    world.bucket.put("third.pdf")

    with pytest.raises(InvalidExpiry, match=r"second\.pdf"):
        world.announce(event("three_files"))

    assert [mail.data["fileName"] for mail in world.post_office.mails] == ["first.pdf", "third.pdf"]


def test_several_bad_files_are_one_error(world: World) -> None:
    """Lambda takes one error: it has the sentence of each."""
    world.bucket.put("first.pdf", metadata={"expires": "never"})
    world.bucket.put("second.pdf")
    world.bucket.put("third.pdf", metadata={"recipients": "eve@evil.example"})

    with pytest.raises(SeveralFailures) as failure:
        world.announce(event("three_files"))

    sentence = str(failure.value)
    assert world.post_office.recipients == ["team@example.com"]
    assert sentence.startswith("2 files of one event were not announced: (1) InvalidExpiry: ")
    assert '"first.pdf" was not announced: its metadata expires is "never"' in sentence
    assert '(2) UnauthorizedRecipient: "third.pdf"' in sentence


def test_one_record_that_cannot_be_read_does_not_stop_the_others(world: World) -> None:
    """It is an error all the same: a file may wait behind it."""
    world.bucket.put("report.pdf")
    body = arrival_of("report.pdf")
    body["Records"].insert(0, {"eventName": "ObjectCreated:Put"})

    with pytest.raises(EventError):
        world.announce(body)

    assert world.post_office.recipients == ["team@example.com"]


def test_refused_recipients_are_named(world: World) -> None:
    """The call succeeded, two of its entries did not: the others have their mail."""
    world.bucket.put("report.pdf", metadata={"recipients": ",".join(people(51))})
    world.post_office.refuses("person3@example.com", "AccountThrottled")
    world.post_office.refuses("person50@example.com", "MessageRejected")

    with pytest.raises(MailError) as failure:
        world.announce(arrival_of("report.pdf"))

    assert len(world.post_office.mails) == 49
    assert str(failure.value).startswith(
        '"report.pdf" was not mailed to 2 of its recipients: '
        "AccountThrottled for person3@example.com; MessageRejected for person50@example.com. "
    )


def test_a_call_that_fails_does_not_stop_the_next(world: World) -> None:
    """The second group has its mails, the error names all of the first."""
    world.bucket.put("report.pdf", metadata={"recipients": ",".join(people(51))})
    world.post_office.fails("InvalidParameterValue", None)

    with pytest.raises(errors.MailError) as failure:
        world.announce(arrival_of("report.pdf"))

    assert world.post_office.recipients == ["person50@example.com"]
    assert "to 50 of its recipients: InvalidParameterValue for person0@" in str(failure.value)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("TemplateDoesNotExistException", "TemplateMissing"),
        ("ConfigurationSetDoesNotExistException", "ConfigurationSetMissing"),
        ("MessageRejected", "SenderNotVerified"),
        ("AccessDenied", "SendingNotAllowed"),
    ],
)
def test_ses_that_is_not_set_up_is_a_named_error(world: World, code: str, kind: str) -> None:
    """It says which file and which recipient, and keeps AWS's own error as its cause."""
    world.bucket.put("report.pdf")
    world.post_office.fails(code)

    with pytest.raises(getattr(errors, kind)) as failure:
        world.announce(arrival_of("report.pdf"))

    assert '"report.pdf" was not mailed' in str(failure.value)
    assert "team@example.com" in str(failure.value)
    assert failure.value.__cause__ is not None


def test_ses_out_of_reach_is_a_named_error(world: World) -> None:
    """After three tries, so that Lambda tries again and then puts it into DeadLetterQueue."""
    world.bucket.put("report.pdf")
    world.post_office.is_unreachable()

    with pytest.raises(errors.MailServiceDown, match="EndpointConnectionError for team@"):
        world.announce(arrival_of("report.pdf"))


def test_a_defect_is_named_and_quotes_nothing(world: World) -> None:
    """An exception that nobody foresaw could hold a link or a note: only its place is told."""
    world.bucket.put("first.pdf")
    world.bucket.refuses_with(RuntimeError("X-Amz-Signature=secret"))

    with pytest.raises(errors.UnexpectedFailure) as failure:
        world.announce(arrival_of("first.pdf"))

    assert str(failure.value).startswith('"first.pdf" was not announced: RuntimeError in fakes.py')
    assert "secret" not in str(failure.value)
