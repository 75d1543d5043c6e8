"""Links that were asked for, and links that the operator mails again."""

from __future__ import annotations

from typing import Any

import pytest
from link_mailer.errors import NotMailed, UnreadableTask
from portal_links.request_counts import PER_ADDRESS

from tests.lambda_src.fakes import NOW
from tests.lambda_src.link_mailer.office import OTHER, Office, links_in, opens
from tests.lambda_src.portal_world import LINK_ID


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


COMPOSED, DECOMPOSED = "gr\u00fc\u00dfe.pdf", "gru\u0308\u00dfe.pdf"


@pytest.mark.parametrize(
    ("key", "asked_for"),
    [
        (DECOMPOSED, COMPOSED),
        (COMPOSED, DECOMPOSED),
        # What mail programs leave at the end of a link that names the file.
        ("a.pdf", "a.pdf."),
        ("a.pdf", "a.pdf)"),
        ("a.pdf", "a.pdf> "),
        (DECOMPOSED, COMPOSED + "/"),
        ("a.", "a."),
    ],
)
def test_a_file_is_found_as_people_write_it(office: Office, key: str, asked_for: str) -> None:
    """macOS decomposes what everybody types; mail programs take more for the link than it is."""
    office.portal.share("a")
    office.portal.share(key, link_id=OTHER)

    office.do("request", address="bob@example.com", file=asked_for)

    assert links_in(office.mail) == [OTHER]


@pytest.mark.parametrize("asked_for", ["a.pdfx", "a.pdf.exe", "a.pd", "a.pdf" + "." * 9, "A.pdf"])
def test_another_name_finds_nothing(office: Office, asked_for: str) -> None:
    """Nothing but those few characters is passed over."""
    office.portal.share("a.pdf")

    office.do("request", address="bob@example.com", file=asked_for)

    assert office.post.mails == []
