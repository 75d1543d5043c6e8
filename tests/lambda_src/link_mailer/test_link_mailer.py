"""LinkMailer's tasks: links that were asked for, reminders, links again, news of downloads."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from function.invocation import Invocation
from link_mailer.errors import AdminNotTold, NotMailed, TableUnavailable, UnreadableTask
from link_mailer.settings import Services, Settings, TaskContext
from link_mailer.tasks import do
from portal_links.request_counts import PER_ADDRESS, RequestCounts
from portal_links.tokens import parse_token

from tests.lambda_src.fakes import NOW, Mail, PostOffice
from tests.lambda_src.portal_world import LINK_ID, URL, PortalWorld

ENVIRONMENT = {
    "EmailSender": "files@example.com",
    "EmailRecipient": "team@example.com",
    "AuthorizedRecipients": "@example.com",
    "LinksTableName": "links",
    "RequestCountsTableName": "counts",
    "PortalUrl": URL,
    "MaxDownloads": "0",
    "NotifyOnDownload": "sender",
    "PortalMailTemplateName": "s3link-portal-mail",
    "ConfigSetName": "s3link-sender-mails",
    "CommonAlarmTopicArn": "arn:aws:sns:eu-west-1:123456789012:alarms",
}
OTHER = "e" * 32
LATE = timedelta(hours=23)


class Topic:
    """Answers like an SNS client and keeps what was published."""

    def __init__(self) -> None:
        self.news: list[dict[str, str]] = []
        self.is_down = False

    def publish(self, **parameters: str) -> dict[str, str]:
        if self.is_down:
            raise ClientError({"Error": {"Code": "InternalError"}}, "Publish")
        self.news.append(parameters)
        return {"MessageId": "1"}


@dataclass
class Office:
    """A portal, and the function that mails for it."""

    portal: PortalWorld = field(default_factory=PortalWorld)
    post: PostOffice = field(default_factory=PostOffice)
    topic: Topic = field(default_factory=Topic)
    random_bytes: Callable[[int], bytes] = random.Random(3).randbytes  # noqa: S311

    def do(self, task: str, seconds: int = 300, **event: Any) -> dict[str, Any]:
        environment = {**ENVIRONMENT, **event.pop("settings", {})}
        services = Services(
            store=self.portal.bucket,
            mail=self.post,
            topic=self.topic,
            links=self.portal.links,
            counts=RequestCounts(self.portal.counts_table, "counts"),
            random_bytes=self.random_bytes,
        )
        clock = self.portal.clock
        invocation = Invocation(
            "request-1",
            clock.now + timedelta(seconds=seconds),
            lambda: clock.now,
            clock.sleep,
            lambda: 0.5,
        )
        settings = Settings.from_environment(environment)
        return do({"task": task, **event}, TaskContext(settings, services, invocation))

    @property
    def mail(self) -> Mail:
        [mail] = self.post.mails
        return mail


@pytest.fixture
def office() -> Office:
    return Office()


def links_in(mail: Mail) -> list[str]:
    """The ids of the links that a mail carries."""
    data: Any = mail.data
    tokens = [parse_token(file["link"].removeprefix(f"{URL}/d/")) for file in data["files"]]
    return [token.link_id for token in tokens if token]


def opens(office: Office, mail: Mail) -> bool:
    """Whether each link of a mail opens its page."""
    data: Any = mail.data
    tokens = [file["link"].removeprefix(f"{URL}/d/") for file in data["files"]]
    return all(office.portal.open(token).status == 200 for token in tokens)


class TestRequest:
    """Somebody asks for the links to what is shared with an address."""

    def test_the_address_gets_links_to_what_is_shared_with_it(self, office: Office) -> None:
        """One mail with all of them, the newest first, in any spelling of the address."""
        office.portal.share("a.pdf")
        office.portal.clock.passes(hours=1)
        office.portal.share("b.pdf", link_id="c" * 32)
        office.portal.share("not his.pdf", link_id=OTHER, recipient="eve@example.com")

        office.do("request", address="BOB@example.com", file=None)

        assert office.mail.to == "bob@example.com"
        assert links_in(office.mail) == ["c" * 32, LINK_ID]
        assert opens(office, office.mail)
        assert office.mail.data["subject"] == "Your links: b.pdf and 1 more"

    def test_or_to_one_file(self, office: Office) -> None:
        """The one that was named; its mail is the delivery's own."""
        office.portal.share("a.pdf")
        office.portal.share("b.pdf", link_id=OTHER)

        office.do("request", address="bob@example.com", file="b.pdf")

        assert links_in(office.mail) == [OTHER]
        assert office.mail.data["subject"] == "Your link: b.pdf"
        assert office.mail.tags == {"s3link-delivery": OTHER}

    def test_the_old_link_goes_on_working(self, office: Office) -> None:
        """Somebody who asks in another's name takes nothing from them."""
        token = office.portal.share()

        office.do("request", address="bob@example.com", file=None)

        assert office.portal.open(token).status == 200

    def test_a_fresh_link_gives_no_more_downloads(self, office: Office) -> None:
        """What was counted belongs to the link: a one-time link stays one."""
        once = {"MaxDownloads": "1", "DownloadGracePeriod": "0"}
        office.portal.click(office.portal.share(), **once)

        office.do("request", address="bob@example.com", settings={"MaxDownloads": "1"})

        assert office.post.mails == []

    @pytest.mark.parametrize("what", ["unknown", "expired", "revoked", "gone"])
    def test_who_has_nothing_gets_nothing(self, office: Office, what: str) -> None:
        """And nobody learns of it."""
        if what != "unknown":
            office.portal.share()
        if what == "expired":
            office.portal.clock.passes(days=1)
        if what == "revoked":
            office.portal.links.revoke(LINK_ID, NOW)
        if what == "gone":
            office.portal.bucket.remove("report.pdf")

        assert office.do("request", address="bob@example.com", file=None) == {}
        assert office.post.mails == []

    def test_who_is_not_authorized_any_more_gets_nothing(self, office: Office) -> None:
        """AuthorizedRecipients of today decides."""
        office.portal.share()

        office.do("request", address="bob@example.com", settings={"AuthorizedRecipients": ""})

        assert office.post.mails == []

    def test_a_mailbox_is_not_flooded(self, office: Office) -> None:
        """A few mails an hour, whoever asks; requests that mail nothing do not count."""
        for _ in range(5):
            office.do("request", address="bob@example.com", file="no such file")
        office.portal.share()
        for _ in range(PER_ADDRESS.most + 2):
            office.do("request", address="bob@example.com", file=None)

        assert len(office.post.mails) == PER_ADDRESS.most

    def test_many_links_come_in_several_mails(self, office: Office) -> None:
        """Fifty in each; together they are one of the few that a mailbox gets in an hour."""
        for number in range(60):
            office.portal.share(f"{number}.pdf", link_id=f"{number:032x}")

        for _ in range(PER_ADDRESS.most + 1):
            office.do("request", address="bob@example.com", file=None)

        assert [len(links_in(mail)) for mail in office.post.mails] == [50, 10] * PER_ADDRESS.most

    def test_one_file_that_cannot_be_read_stops_no_other(self, office: Office) -> None:
        """The mail has the others; if it may be read later, and is the only one, Lambda retries."""
        office.portal.share("good.pdf")
        office.portal.share("bad.pdf", link_id=OTHER)
        office.portal.bucket.refuses("bad.pdf", "400")

        office.do("request", address="bob@example.com", file=None)

        assert links_in(office.mail) == [LINK_ID]

    def test_a_link_in_its_grace_window_is_not_mailed(self, office: Office) -> None:
        """It works for some minutes more, and the mail would say days."""
        once = {"MaxDownloads": "1", "DownloadGracePeriod": "600"}
        office.portal.click(office.portal.share(), **once)

        office.do("request", address="bob@example.com", settings={"MaxDownloads": "1"})

        assert office.post.mails == []

    def test_what_may_have_left_is_counted(self, office: Office) -> None:
        """SES took it and its answer was lost: the mailbox has it."""
        office.portal.share()
        for _ in range(PER_ADDRESS.most):
            office.post.answer_is_lost()
            with pytest.raises(NotMailed, match="ReadTimeoutError"):
                office.do("request", address="bob@example.com", file=None)

        office.do("request", address="bob@example.com", file=None)

        assert len(office.post.mails) == PER_ADDRESS.most

    def test_ses_that_refuses_is_an_error(self, office: Office) -> None:
        """Lambda tries again, and then the request waits in the queue."""
        office.portal.share()
        office.post.refuses("bob@example.com", "MessageRejected")

        with pytest.raises(NotMailed, match=r"bob@example.com asked for.*MessageRejected"):
            office.do("request", address="bob@example.com", file=None)

    def test_what_did_not_leave_is_not_counted(self, office: Office) -> None:
        """Else Lambda's tries would use up what a replay within the hour may mail."""
        office.portal.share()
        office.post.refuses("bob@example.com", "MessageRejected")
        for _ in range(PER_ADDRESS.most):
            with pytest.raises(NotMailed):
                office.do("request", address="bob@example.com", file=None)
        office.post.refuses_nobody()

        office.do("request", address="bob@example.com", file=None)

        assert opens(office, office.mail)

    def test_a_busy_ses_is_waited_for(self, office: Office) -> None:
        """For as long as there is time."""
        office.portal.share()
        office.post.fails("Throttling", "Throttling", None)

        office.do("request", address="bob@example.com", file=None)

        assert office.mail.to == "bob@example.com"

    @pytest.mark.parametrize("address", [None, 7, "", "bob", "a@example.com,b@example.com"])
    def test_no_address_is_unreadable(self, office: Office, address: Any) -> None:
        """Whoever called it."""
        with pytest.raises(UnreadableTask):
            office.do("request", address=address)


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

        with pytest.raises(NotMailed, match="1 reminders"):
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

        with pytest.raises(NotMailed, match="1 reminders"):
            office.do("remind")
        office.do("remind")

        assert sorted(office.post.recipients) == ["bob@example.com", "eve@example.com"]

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


class TestResend:
    """The operator mails links again."""

    def test_links_are_mailed_again(self, office: Office) -> None:
        """And the answer says which."""
        office.portal.share()

        assert office.do("resend", linkIds=[LINK_ID]) == {"mailed": [LINK_ID], "notMailed": {}}
        assert office.mail.data["subject"] == "File for you: report.pdf"
        assert opens(office, office.mail)

    @pytest.mark.parametrize(
        ("what", "why"),
        [
            ("unknown", "there is no such link"),
            ("expired", "it has expired; extend it first, or share the file again"),
            ("revoked", "it was revoked"),
            ("gone", "its file is gone"),
            ("refused", "SES did not take the mail (MessageRejected)"),
            ("unreadable", "S3 did not let LinkMailer look at its file (FileNotReadable)"),
        ],
    )
    def test_what_cannot_be_mailed_says_why(self, office: Office, what: str, why: str) -> None:
        """In words that say what to do."""
        if what != "unknown":
            office.portal.share()
        if what == "expired":
            office.portal.clock.passes(days=1)
        if what == "revoked":
            office.portal.links.revoke(LINK_ID, NOW)
        if what == "gone":
            office.portal.bucket.remove("report.pdf")
        if what == "unreadable":
            office.portal.bucket.refuses("report.pdf", "503")
        if what == "refused":
            office.post.refuses("bob@example.com", "MessageRejected")

        answer = office.do("resend", linkIds=[LINK_ID])

        assert answer == {"mailed": [], "notMailed": {LINK_ID: why}}

    def test_names_are_text_in_the_mail(self, office: Office) -> None:
        """The values that end in Html are escaped, the others are not."""
        office.portal.share("<b>&.pdf")

        office.do("resend", linkIds=[LINK_ID])

        data: Any = office.mail.data
        assert data["files"][0]["fileName"] == "<b>&.pdf"
        assert data["files"][0]["fileNameHtml"] == "&lt;b&gt;&amp;.pdf"


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
        assert f"s3link links revoke {LINK_ID}" in data["closing"]
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


@pytest.mark.parametrize("event", [{}, {"task": "x"}, {"task": None}, {"task": ["remind"]}])
def test_another_task_is_unreadable(office: Office, event: dict[str, Any]) -> None:
    """It is an error, for somebody wanted something."""
    with pytest.raises(UnreadableTask):
        office.do(**{"task": "no such task", **event})


@pytest.mark.parametrize("ids", [None, "x", [1], {}])
def test_links_to_mail_again_have_ids(office: Office, ids: Any) -> None:
    """Anything else is unreadable."""
    with pytest.raises(UnreadableTask):
        office.do("resend", linkIds=ids)


def test_a_table_that_is_down_is_an_error(office: Office) -> None:
    """Lambda tries again, and the sentence says why."""
    office.portal.share()
    office.portal.links_table.fails("InternalServerError")

    with pytest.raises(TableUnavailable, match=r"request was not done.*InternalServerError"):
        office.do("request", address="bob@example.com", file=None)


def test_s3_that_is_down_is_an_error(office: Office) -> None:
    """Of a file that cannot be looked at nobody can say whether it is gone."""
    office.portal.share()
    office.portal.bucket.refuses_with(ClientError({"Error": {"Code": "SlowDown"}}, "HeadObject"))

    with pytest.raises(NotMailed, match="S3 did not let LinkMailer look"):
        office.do("request", address="bob@example.com", file=None)


def test_no_log_has_a_token_or_link(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Of all that LinkMailer mails."""
    caplog.set_level("DEBUG")
    office.portal.share(metadata={"note": "a private note"})
    office.do("request", address="bob@example.com", file=None)
    office.do("resend", linkIds=[LINK_ID])
    office.portal.clock.now += LATE
    office.do("remind")
    office.do("first-download", linkId=LINK_ID)

    data: list[Any] = [mail.data for mail in office.post.mails]
    secrets = [file["link"][-43:] for one in data for file in one["files"]] + ["private note"]
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert len(secrets) == 4
    assert not [secret for secret in secrets if secret in logged]
