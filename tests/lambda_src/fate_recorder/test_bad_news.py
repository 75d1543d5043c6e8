"""The sentences by which the admin hears that a mail did not reach its reader."""

from __future__ import annotations

import pytest

from tests.lambda_src.fate_recorder.fates_world import (
    FatesWorld,
    SesEvent,
    bounce,
    ses_event,
    unknown,
)

# SNS: at most 100 ASCII characters, which begin with a letter or digit and have no line break.
LONGEST_SUBJECT = 100


@pytest.mark.parametrize(
    ("name", "subject", "text"),
    [
        (
            "bounce_permanent",
            "s3link: a mail bounced",
            'bob@example.com did not get the link to "bob@example[.]com/report.pdf": the mail '
            "bounced (smtp; 550 5.1.1 user unknown). Check the address and upload the file "
            "again for the right one. Addresses that bounce harm your standing with SES: take this "
            "one out of recipients, folders and EmailRecipient.",
        ),
        (
            "bounce_transient",
            "s3link: a mailbox is full",
            'bob@example.com did not get the link to "bob@example[.]com/report.pdf": the mailbox '
            "is full (smtp; 452 4.2.2 The email account is over quota). Upload the file again when "
            "there is room, or for another address.",
        ),
        (
            "bounce_automatic_reply",
            "s3link: a mail came back",
            'bob@example.com may not have got the link to "bob@example[.]com/report.pdf": the mail '
            "came back (Transient General). The mailbox may be out of reach for now, and an "
            "automatic reply looks the same. Ask the recipient, and upload the file again if the "
            "mail is not there.",
        ),
        (
            "bounce_suppressed",
            "s3link: a mail was not delivered",
            'bob@example.com did not get the link to "bob@example[.]com/report.pdf": SES did not '
            "send the mail (Amazon SES did not send the message to this address because it is on "
            "the suppression list for your account). It keeps the address on a suppression list, "
            "because it has bounced or complained before. If it is right and its owner wants the "
            "mail, take it off that list in the SES console and upload the file again.",
        ),
        (
            "complaint",
            "s3link: a mail was reported as spam",
            'bob@example.com reported the mail about "bob@example[.]com/report.pdf" as spam '
            "(abuse). Ask them before you send them anything again: complaints can make SES stop "
            "all sending of this account.",
        ),
        (
            "reject",
            "s3link: SES rejected a mail",
            'bob@example.com did not get the link to "bob@example[.]com/report.pdf": SES rejected '
            "the mail (Bad content). It took it for harmful; look at the file's name and the "
            "sender's note, and upload it again without.",
        ),
        (
            "rendering_failure",
            "s3link: a mail could not be made",
            'bob@example.com did not get the link to "bob@example[.]com/report.pdf": SES could not '
            "make the mail from the template s3link-sender-download (Attribute 'link' is not "
            'present in the rendering data). Mend the template with "s3link deploy --name files" '
            "and upload the file again.",
        ),
    ],
)
def test_bad_news_word_for_word(name: str, subject: str, text: str) -> None:
    """File, recipient, reason and what to do."""
    world = FatesWorld()

    world.hears(ses_event(name))

    [mail] = world.admin.mails
    assert (mail.subject, mail.text) == (subject, text)
    assert mail.subject.isascii()
    assert len(mail.subject) <= LONGEST_SUBJECT


@pytest.mark.parametrize(
    ("file", "name", "said"),
    [
        (".s3link/shares/ab12cd34.json", "a.pdf and 2 more files", "a.pdf and 2 more files"),
        (".s3link/shares/ab12cd34.json", "", ".s3link/shares/ab12cd34.json"),
        ("6f1c.bin", "offer.pdf", "6f1c.bin"),
    ],
)
def test_bad_news_of_a_share_has_its_title(file: str, name: str, said: str) -> None:
    """The key of its manifest tells nobody anything; that of a file, which to upload again."""
    world = FatesWorld(file=file, name=name)

    world.hears(ses_event("bounce_permanent"))

    assert f'did not get the link to "{said}": the mail bounced' in world.told.replace("[.]", ".")


@pytest.mark.parametrize(
    ("types", "fate", "words"),
    [
        ("Undetermined Undetermined", "Bounced", "may not have got the link"),
        ("Permanent General", "Bounced", "take this one out of recipients"),
        ("Permanent NoEmail", "Bounced", "take this one out of recipients"),
        ("Permanent Suppressed", "Bounced", "take it off that list in the SES console"),
        ("Permanent OnAccountSuppressionList", "Bounced", "take it off that list"),
        ("Permanent OnTenantSuppressionList", "Bounced", "take it off that list"),
        ("Permanent EmailValidationSuppressed", "Bounced", "change the validation"),
        ("Permanent UnsubscribedRecipient", "Bounced", "its owner has unsubscribed"),
        ("Transient General", "SoftBounced", "an automatic reply looks the same"),
        ("Transient MailboxFull", "Bounced", "the mailbox is full"),
        ("Transient MessageTooLarge", "Bounced", "with a shorter note"),
        ("Transient CustomTimeoutExceeded", "Bounced", "within the time"),
        ("Transient ContentRejected", "Bounced", "refuses what is in the mail"),
        ("Transient AttachmentRejected", "Bounced", "refuses what is in the mail"),
        # subtypes and types to come
        ("Permanent Hyperbolic", "Bounced", "take this one out of recipients"),
        ("Transient Hyperbolic", "SoftBounced", "an automatic reply looks the same"),
        ("Hyperbolic General", "Bounced", "SES cannot tell why"),
    ],
)
def test_every_kind_of_bounce_has_its_fate_and_sentence(types: str, fate: str, words: str) -> None:
    """As in the table of SES's developer guide. Only who must not be mailed is to be taken out."""
    world = FatesWorld()
    event = ses_event("bounce_permanent")
    bounce_type, subtype = types.split()
    event["bounce"] |= {"bounceType": bounce_type, "bounceSubType": subtype}

    world.hears(event)

    assert words in world.told
    assert world.row["Fate"] == fate
    assert ("take this one out" in world.told) == ("take this one out" in words)


@pytest.mark.parametrize(
    ("complaint", "fate", "words"),
    [
        ({"complaintFeedbackType": "abuse"}, "Complained", "as spam (abuse)"),
        ({"complaintFeedbackType": "other"}, "Complained", "as spam (other)"),
        ({"complaintFeedbackType": "fraud"}, "Complained", "as fraud or phishing (fraud)"),
        ({"complaintFeedbackType": "virus"}, "Complained", "to carry a virus (virus)"),
        ({"complaintFeedbackType": "auth-failure"}, "Complained", "Check SPF, DKIM and DMARC"),
        ({"complaintFeedbackType": "opt-out"}, "Complained", "as spam (opt-out)"),
        ({}, "Complained", "as spam. Ask"),
        # SES did not send the mail, because the address complained of an earlier one.
        (
            {"complaintSubType": "OnAccountSuppressionList"},
            "Bounced",
            "SES did not send the mail (OnAccountSuppressionList). It keeps the address on a ",
        ),
        (
            {"complaintSubType": "OnTenantSuppressionList", "complaintFeedbackType": "abuse"},
            "Bounced",
            "SES did not send the mail (OnTenantSuppressionList). It keeps the address on a ",
        ),
    ],
)
def test_every_kind_of_complaint_has_its_fate_and_sentence(
    complaint: dict[str, str], fate: str, words: str
) -> None:
    """As in the tables of SES's developer guide; not-spam is no bad news at all."""
    world = FatesWorld()
    event = ses_event("complaint")
    event["complaint"] = complaint

    world.hears(event)

    assert words in world.told
    assert world.row["Fate"] == fate


def _without_reason(name: str, member: str) -> SesEvent:
    return {**ses_event(name), member: {}}


@pytest.mark.parametrize(
    ("event", "beginning"),
    [
        (_without_reason("reject", "reject"), "SES rejected the mail. It took"),
        (_without_reason("complaint", "complaint"), "as spam. Ask"),
        (_without_reason("rendering_failure", "failure"), "from the template LinkTemplate. Mend"),
        (_without_reason("bounce_permanent", "bounce"), "SES cannot tell why. Ask"),
        (bounce(None), "the mail bounced (5.1.1). Check"),
    ],
)
def test_bad_news_without_a_reason(event: SesEvent, beginning: str) -> None:
    """SES gives none now and then; the sentence stays one."""
    world = FatesWorld()

    world.hears(event)

    assert beginning in world.told


def test_bad_news_of_a_mail_that_the_ledger_does_not_know() -> None:
    """SES knows for whom it was; which file it was is past finding out."""
    world = FatesWorld()

    world.hears(unknown(ses_event("reject")))

    assert world.told.startswith(
        "bob@example[.]com did not get the link to a file that the ledger does not know any more: "
        "SES rejected the mail (Bad content). "
    )


@pytest.mark.parametrize("tag", [None, [], [""], ["not-ours"], [7], "text"])
def test_bad_news_of_a_mail_of_somebody_else(tag: object) -> None:
    """Who else mails through this configuration set learns of it, too; no row is touched."""
    world = FatesWorld()
    before = world.rows
    event = ses_event("complaint")
    event["mail"]["tags"] = {} if tag is None else {"s3link-delivery": tag}

    world.hears(event)

    assert world.told.startswith(
        "bob@example[.]com reported the mail about a file that the ledger does not know any more "
    )
    assert world.rows == before


def test_nobody_to_name() -> None:
    """A mail without a destination is still bad news."""
    world = FatesWorld()
    event = unknown(ses_event("complaint"))
    event["mail"]["destination"] = []

    world.hears(event)

    assert world.told.startswith("A recipient reported the mail about a file ")
