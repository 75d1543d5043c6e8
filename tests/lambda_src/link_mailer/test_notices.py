"""Reminders, and news of first downloads."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from link_mailer.errors import AdminNotTold, NotMailed

from tests.lambda_src.fakes import NOW
from tests.lambda_src.link_mailer.office import LATE, OTHER, Office, opens
from tests.lambda_src.portal_world import LINK_ID

ANN = "Ann Example <ann@example.com>"
SENDERS = {"AuthorizedSenders": "@example.com"}


class TestRemind:
    """The schedule asks whom to remind."""

    def test_who_has_not_downloaded_is_reminded_once(self, office: Office) -> None:
        """While a quarter of the time is left, with a link of its own."""
        office.portal.share()

        for hours in (17, 2, 1, 1):
            office.portal.clock.passes(hours=hours)
            office.do("remind")

        assert office.mail.data["subject"] == "Reminder: report.pdf"
        assert office.mail.tags == {"s3link-delivery": LINK_ID}
        assert opens(office, office.mail)

    def test_nobody_is_reminded_before_that(self, office: Office) -> None:
        """Three quarters of the time are theirs."""
        office.portal.share()
        office.portal.clock.passes(hours=17, minutes=59)

        office.do("remind")

        assert office.post.mails == []

    @pytest.mark.parametrize("what", ["downloaded", "expired", "revoked", "gone"])
    def test_nobody_is_reminded_of_what_is_over(self, office: Office, what: str) -> None:
        """Or done."""
        token = office.portal.share()
        if what == "downloaded":
            office.portal.click(token)
        if what == "revoked":
            office.portal.links.revoke(LINK_ID, NOW)
        if what == "gone":
            office.portal.bucket.remove("report.pdf")
        office.portal.clock.now += timedelta(days=1) if what == "expired" else LATE

        office.do("remind")

        assert office.post.mails == []

    def test_who_is_not_authorized_any_more_is_not_reminded(self, office: Office) -> None:
        """AuthorizedRecipients of today decides."""
        office.portal.share()
        office.portal.clock.now += LATE

        office.do("remind", settings={"AuthorizedRecipients": ""})

        assert office.post.mails == []

    def test_one_that_cannot_be_mailed_now_is_due_again_and_stops_no_other(
        self, office: Office
    ) -> None:
        """The error says how many; the next run mails them."""
        office.portal.share()
        office.portal.share("b.pdf", link_id=OTHER, recipient="eve@example.com")
        office.portal.clock.now += LATE
        office.post.refuses("bob@example.com", "AccountDailyQuotaExceeded")

        with pytest.raises(NotMailed, match="1 reminder was not mailed and is due again"):
            office.do("remind")
        office.post.refuses_nobody()
        office.do("remind")

        assert office.post.recipients == ["eve@example.com", "bob@example.com"]

    def test_one_that_ses_refuses_for_good_is_over(
        self, office: Office, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The log says so, once; nobody is asked every quarter of an hour."""
        office.portal.share()
        office.portal.clock.now += LATE
        office.post.refuses("bob@example.com", "MessageRejected")

        office.do("remind")
        office.post.refuses_nobody()
        office.do("remind")

        assert office.post.mails == []
        assert caplog.text.count("MessageRejected") == 1
        assert office.portal.link.reminded_at is None

    def test_one_whose_answer_is_lost_is_not_sent_twice(self, office: Office) -> None:
        """SES may have taken it, and a reminder comes once."""
        office.portal.share()
        office.portal.clock.now += LATE
        office.post.answer_is_lost()

        office.do("remind")
        office.do("remind")

        assert len(office.post.mails) == 1

    def test_a_locked_link_is_reminded_of_later(self, office: Office) -> None:
        """Once it rests no more."""
        token = office.portal.share()
        office.portal.clock.now += timedelta(hours=20)
        for number in range(5):
            wrong = {"address": f"{number}@example.com"}
            office.portal.click(token, wrong, ConfirmRecipient="true")

        with pytest.raises(NotMailed):
            office.do("remind")
        office.portal.clock.passes(minutes=15)
        office.do("remind")

        assert office.mail.data["subject"] == "Reminder: report.pdf"
        assert office.portal.link.reminded_at is not None

    def test_a_file_that_cannot_be_read_is_over(self, office: Office) -> None:
        """As long as it is archived or under a key of its sender's, no reminder helps."""
        office.portal.share()
        office.portal.clock.now += LATE
        office.portal.bucket.refuses("report.pdf", "400")

        office.do("remind")
        office.do("remind")

        assert office.post.mails == []

    def test_a_table_that_fails_at_one_stops_no_other(self, office: Office) -> None:
        """And that one is due again."""
        office.portal.share()
        office.portal.share("b.pdf", link_id=OTHER, recipient="eve@example.com")
        office.portal.clock.now += LATE
        office.portal.links_table.fails(None, "InternalServerError")

        with pytest.raises(NotMailed, match="1 reminder was not mailed and is due again"):
            office.do("remind")
        office.do("remind")

        assert sorted(office.post.recipients) == ["bob@example.com", "eve@example.com"]

    def test_one_that_could_not_be_put_back_at_once_is_not_lost(self, office: Office) -> None:
        """The table fails as SES does: what is due again must be on the index."""
        office.portal.share()
        office.portal.clock.now += LATE
        office.post.refuses("bob@example.com", "AccountDailyQuotaExceeded")
        # After the search, the take, the token and its return.
        office.portal.links_table.fails(*[None] * 4, "ThrottlingException", "ThrottlingException")

        with pytest.raises(NotMailed, match="1 reminder was not mailed and is due again"):
            office.do("remind")
        office.post.refuses_nobody()
        office.do("remind")

        assert office.post.recipients == ["bob@example.com"]

    def test_one_whose_take_had_no_answer_is_not_lost(self, office: Office) -> None:
        """It was taken off the index, and nobody knew."""
        office.portal.share()
        office.portal.clock.now += LATE
        office.portal.links_table.answers_are_lost(
            ReadTimeoutError(endpoint_url="https://dynamodb.example.com")
        )

        with pytest.raises(NotMailed, match="1 reminder was not mailed and is due again"):
            office.do("remind")
        office.do("remind")

        assert office.post.recipients == ["bob@example.com"]

    def test_an_extended_link_is_reminded_of_by_its_new_end(self, office: Office) -> None:
        """A quarter of the time that it got is left by then."""
        office.portal.share()
        office.portal.links.extend(LINK_ID, NOW, NOW + timedelta(days=4))
        office.portal.clock.now += LATE

        office.do("remind")
        assert office.post.mails == []

        office.portal.clock.passes(days=2, hours=2)
        office.do("remind")
        assert len(office.post.mails) == 1

    def test_what_there_is_no_time_for_is_due_next_time(self, office: Office) -> None:
        """Nothing is taken that could not be mailed."""
        office.portal.share()
        office.portal.clock.now += LATE

        office.do("remind", seconds=10)
        assert office.post.mails == []

        office.do("remind")
        assert len(office.post.mails) == 1

    def test_s3_that_is_down_takes_no_reminder(self, office: Office) -> None:
        """It is due again, once S3 is back."""
        office.portal.share()
        office.portal.clock.now += LATE
        office.portal.bucket.refuses_with(
            ClientError({"Error": {"Code": "SlowDown"}}, "HeadObject")
        )
        with pytest.raises(NotMailed, match="due again"):
            office.do("remind")
        office.portal.bucket.refuses_nothing()

        office.do("remind")

        assert office.mail.data["subject"] == "Reminder: report.pdf"


class TestFirstDownload:
    """Somebody downloaded a file for the first time."""

    def test_the_sender_is_told(self, office: Office) -> None:
        """By mail, with the way to take the link back, and no link."""
        office.portal.share()

        office.do("first-download", linkId=LINK_ID)

        data: Any = office.mail.data
        assert office.mail.to == "files@example.com"
        assert data["subject"] == "Downloaded: report.pdf"
        assert data["closing"].startswith(
            "bob@example.com has downloaded report.pdf for the first time."
        )
        command = f"To withdraw it: s3link links revoke {LINK_ID[:12]} --name files"
        assert data["closing"].endswith(command)
        assert data["files"] == []

    def test_or_the_admin(self, office: Office) -> None:
        """Through the topic of the alarms, whose subjects are plain."""
        office.portal.share("Ü" * 300)

        office.do("first-download", linkId=LINK_ID, settings={"NotifyOnDownload": "admin"})

        [news] = office.topic.news
        assert news["Subject"].startswith("Downloaded: ????")
        assert len(news["Subject"]) <= 100
        assert "bob@example.com has downloaded" in news["Message"]
        assert office.post.mails == []

    def test_who_shares_the_file_is_told(self, office: Office) -> None:
        """In place of EmailSender, and only them."""
        office.portal.share(metadata={"sender": ANN})

        office.do("first-download", linkId=LINK_ID, settings=SENDERS)

        assert office.mail.to == "ann@example.com"
        assert office.mail.data["subject"] == "Downloaded: report.pdf"

    @pytest.mark.parametrize(
        ("sender", "settings"),
        [
            (ANN, {}),
            ("Eve <eve@evil.example>", SENDERS),
            ("eve@evil.example <ann@example.com>", SENDERS),
        ],
    )
    def test_who_may_not_be_named_is_not_told(
        self, office: Office, sender: str, settings: dict[str, str]
    ) -> None:
        """AuthorizedSenders of today decides; then EmailSender is told."""
        office.portal.share(metadata={"sender": sender})

        office.do("first-download", linkId=LINK_ID, settings=settings)

        assert office.post.recipients == ["files@example.com"]

    def test_the_admin_is_told_whoever_shares_the_file(self, office: Office) -> None:
        """Where the operator has chosen that."""
        office.portal.share(metadata={"sender": ANN})

        settings = {**SENDERS, "NotifyOnDownload": "admin"}
        office.do("first-download", linkId=LINK_ID, settings=settings)

        assert (office.post.mails, len(office.topic.news)) == ([], 1)

    def test_another_file_under_the_key_tells_nothing_of_its_sender(self, office: Office) -> None:
        """Where the bucket has no versions, the one that was downloaded is gone."""
        office.portal.share()
        office.portal.bucket.put("report.pdf", metadata={"sender": ANN}, age=timedelta(0))

        office.do("first-download", linkId=LINK_ID, settings=SENDERS)

        assert office.mail.to == "files@example.com"

    def test_a_topic_that_is_down_is_an_error(self, office: Office) -> None:
        """So that Lambda tries again."""
        office.portal.share()
        office.topic.is_down = True

        with pytest.raises(AdminNotTold, match="InternalError"):
            office.do("first-download", linkId=LINK_ID, settings={"NotifyOnDownload": "admin"})

    def test_a_link_that_is_gone_is_not_told_of(self, office: Office) -> None:
        """Nor where nobody is to be told any more."""
        assert office.do("first-download", linkId=LINK_ID) == {}
        office.portal.share()
        office.do("first-download", linkId=LINK_ID, settings={"NotifyOnDownload": "nobody"})

        assert office.post.mails == []


OWN = 'attachment; filename="Q3 report.pdf"'


@pytest.mark.parametrize(
    ("task", "subject"),
    [
        ({"task": "request", "address": "bob@example.com"}, "Your link: Q3 report.pdf"),
        ({"task": "resend", "linkIds": [LINK_ID]}, "File for you: Q3 report.pdf"),
        ({"task": "remind"}, "Reminder: Q3 report.pdf"),
        ({"task": "first-download", "linkId": LINK_ID}, "Downloaded: Q3 report.pdf"),
    ],
)
def test_a_file_under_a_uuid_has_its_own_name(
    office: Office, task: dict[str, Any], subject: str
) -> None:
    """In every mail of the portal."""
    office.portal.share("7f3e1c9a", disposition=OWN)
    office.portal.clock.passes(hours=19)

    office.do(**task)

    assert office.mail.data["subject"] == subject


def test_news_of_a_download_need_no_file(office: Office) -> None:
    """Where S3 cannot say its name any more, the link's row does."""
    office.portal.share("7f3e1c9a", disposition=OWN)
    office.portal.bucket.refuses("7f3e1c9a", "503")

    office.do("first-download", linkId=LINK_ID)

    assert office.mail.data["subject"] == "Downloaded: Q3 report.pdf"


@pytest.mark.parametrize("whom", ["sender", "admin"])
def test_no_name_becomes_a_link(office: Office, whom: str) -> None:
    """Mail programs make links of bare hosts; only the subject shows the name as it is."""
    office.portal.share("evil.xn--p1ai")

    office.do("first-download", linkId=LINK_ID, settings={"NotifyOnDownload": whom})

    if whom == "admin":
        told = str(office.topic.news[0]["Message"])
    else:
        told = json.dumps({**office.mail.data, "subject": ""})
    assert "has downloaded evil[.]xn--p1ai for the first time." in told
    assert "evil.xn" not in told


@pytest.mark.parametrize(
    "task",
    [
        {"task": "request", "address": "bob@example.com"},
        {"task": "resend", "linkIds": [LINK_ID]},
        {"task": "remind"},
    ],
)
@pytest.mark.parametrize(
    ("settings", "said", "reply_to"),
    [
        (SENDERS, "Ann Example (ann@example.com)", ("ann@example.com",)),
        ({}, "", ("team@example.com",)),
    ],
)
def test_who_shares_the_file_is_named_and_gets_the_answers(
    office: Office, task: dict[str, Any], settings: dict[str, str], said: str, reply_to: object
) -> None:
    """In every mail with a link; ReplyTo gets them where nobody may be named."""
    office.portal.share(metadata={"sender": ANN})
    office.portal.clock.passes(hours=19)

    office.do(**task, settings={"ReplyTo": "team@example.com", **settings})

    data: Any = office.mail.data
    assert [file["sender"] for file in data["files"]] == [said]
    assert office.mail.reply_to == reply_to


@pytest.mark.parametrize(
    ("other", "reply_to"),
    [(ANN, ("ann@example.com",)), ("Carol <carol@example.com>", ()), (None, ())],
)
def test_answers_to_several_files_go_to_whoever_shares_them_all(
    office: Office, other: str | None, reply_to: object
) -> None:
    """Of two people neither gets what is meant for the other."""
    office.portal.share(metadata={"sender": ANN})
    office.portal.share("b.pdf", link_id=OTHER, metadata={"sender": other} if other else {})

    office.do("request", address="bob@example.com", settings=SENDERS)

    assert office.mail.reply_to == reply_to
