"""Links that somebody asks for: to what is shared with an address."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from link_mailer.errors import NotMailed, UnreadableTask
from portal_links import rows
from portal_links.request_counts import PER_ADDRESS, REQUESTS_PER_ADDRESS
from portal_links.store import MOST_TOKENS
from tables.service import Update

from tests.lambda_src.fakes import NOW
from tests.lambda_src.link_mailer.office import OTHER, Office, links_in, opens, share_many
from tests.lambda_src.portal_world import LINK_ID, URL


def ask(office: Office) -> None:
    office.do("request", address="bob@example.com", file=None)


def test_the_address_gets_links_to_what_is_shared_with_it(office: Office) -> None:
    """One mail with all of them, the newest first, in any spelling of the address."""
    office.portal.share("a.pdf")
    office.portal.clock.passes(hours=1)
    office.portal.share("b.pdf", link_id="c" * 32)
    office.portal.share("not his.pdf", link_id=OTHER, recipient="eve@example.com")

    office.do("request", address="BOB@example.com", file=None)

    assert office.mail.to == "bob@example.com"
    assert links_in(office.mail) == ["c" * 32, LINK_ID]
    assert office.mail.tags == {"s3link-delivery": "c" * 32}
    assert opens(office, office.mail)
    assert office.mail.data["subject"] == "Your links: b.pdf and 1 more"


def test_or_to_one_file(office: Office) -> None:
    """The one that was named; its mail is the delivery's own."""
    office.portal.share("a.pdf")
    office.portal.share("b.pdf", link_id=OTHER)

    office.do("request", address="bob@example.com", file="b.pdf")

    assert links_in(office.mail) == [OTHER]
    assert office.mail.data["subject"] == "Your link: b.pdf"
    assert office.mail.tags == {"s3link-delivery": OTHER}


def test_the_old_link_goes_on_working(office: Office) -> None:
    """Somebody who asks in another's name takes nothing from them."""
    token = office.portal.share()

    office.do("request", address="bob@example.com", file=None)

    assert office.portal.open(token).status == 200


def test_a_fresh_link_gives_no_more_downloads(office: Office) -> None:
    """What was counted belongs to the link: a one-time link stays one."""
    once = {"MaxDownloads": "1", "DownloadGracePeriod": "0"}
    office.portal.click(office.portal.share(), **once)

    office.do("request", address="bob@example.com", settings={"MaxDownloads": "1"})

    assert office.post.mails == []


@pytest.mark.parametrize("what", ["unknown", "expired", "revoked", "gone"])
def test_who_has_nothing_gets_nothing(office: Office, what: str) -> None:
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


def test_who_is_not_authorized_any_more_gets_nothing(office: Office) -> None:
    """AuthorizedRecipients of today decides."""
    office.portal.share()

    office.do("request", address="bob@example.com", settings={"AuthorizedRecipients": ""})

    assert office.post.mails == []


def test_a_mailbox_is_not_flooded(office: Office) -> None:
    """A few mails an hour, whoever asks; requests that mail nothing do not count."""
    for _ in range(5):
        office.do("request", address="bob@example.com", file="no such file")
    office.portal.share()
    for _ in range(PER_ADDRESS.most + 2):
        office.do("request", address="bob@example.com", file=None)

    assert len(office.post.mails) == PER_ADDRESS.most


def test_many_links_come_in_several_mails(office: Office) -> None:
    """Fifty in each; a mailbox gets so many mails an hour, however many one request makes."""
    share_many(office, 60)

    for _ in range(4):
        ask(office)

    assert [len(links_in(mail)) for mail in office.post.mails] == [50, 10, 50]
    said = [mail.data["closing"].partition("\n")[0] for mail in office.post.mails]
    assert said[0] == "More files are shared with you. Their links follow in another email."
    assert said[1].startswith("This email is for you alone")
    assert said[2] == (
        "More files are shared with you. These are the newest. For an older one, open "
        f"{URL}/?file=NAME with its name in place of NAME, or ask the person who shared it."
    )


def test_a_stranger_who_asks_for_somebody_with_500_links(office: Office) -> None:
    """Three mails an hour, whoever asks how often; the newest links first."""
    share_many(office, 500)

    for _ in range(5):
        ask(office)

    assert len(office.post.mails) == PER_ADDRESS.most
    mailed = [link for mail in office.post.mails for link in links_in(mail)]
    assert mailed == [f"{number:032x}" for number in range(499, 349, -1)]


def test_strangers_who_ask_for_many_leave_the_day_to_others(office: Office) -> None:
    """MaxRequestedMailsPerDay holds for all addresses together."""
    for number in range(30):
        office.portal.share(
            f"{number}.pdf", link_id=f"{number:032x}", recipient=f"person{number}@example.com"
        )

    for number in range(30):
        address = f"person{number}@example.com"
        office.do("request", address=address, settings={"MaxRequestedMailsPerDay": "20"})

    assert len(office.post.mails) == 20


def test_the_admin_is_told_once_that_a_day_is_used_up(office: Office) -> None:
    """And how to allow more."""
    for number in range(4):
        office.portal.share(
            f"{number}.pdf", link_id=f"{number:032x}", recipient=f"person{number}@example.com"
        )

    for number in range(4):
        address = f"person{number}@example.com"
        office.do("request", address=address, settings={"MaxRequestedMailsPerDay": "1"})

    assert len(office.post.mails) == 1
    [news] = office.topic.news
    assert news["Subject"] == "No more links are mailed to those who ask, until midnight"
    assert "s3link deploy --set MaxRequestedMailsPerDay=2 --name files" in news["Message"]


def test_a_topic_that_is_down_keeps_no_request_waiting(office: Office) -> None:
    """Nobody is mailed by another try either."""
    office.portal.share()
    office.portal.share("b.pdf", link_id=OTHER, recipient="eve@example.com")
    office.topic.is_down = True

    for address in ("bob@example.com", "eve@example.com"):
        office.do("request", address=address, settings={"MaxRequestedMailsPerDay": "1"})

    assert office.post.recipients == ["bob@example.com"]


def test_the_work_of_a_request_is_bounded(office: Office) -> None:
    """Of 5,000 links no more files are looked at than the mails hold; none after a refusal."""
    share_many(office, 5000)
    office.portal.links_table.calls = 0

    ask(office)
    assert office.portal.bucket.heads <= 3 * 50 + 1
    assert sum(len(links_in(mail)) for mail in office.post.mails) == 150

    office.portal.bucket.heads = office.portal.links_table.calls = 0
    ask(office)
    assert (office.portal.bucket.heads, office.portal.links_table.calls) == (0, 0)


def test_files_that_are_gone_do_not_cost_without_end(office: Office) -> None:
    """After a hundred in vain the mail has what was found, and says that there may be more."""
    share_many(office, 300)
    for number in range(250):
        office.portal.bucket.remove(f"{number}.pdf")
    for number in range(260, 300):
        office.portal.links.revoke(f"{number:032x}", NOW)

    ask(office)

    assert office.portal.bucket.heads == 10 + 100
    assert len(links_in(office.mail)) == 10
    assert office.mail.data["closing"].startswith(
        "More files are shared with you. These are the newest"
    )


def test_files_that_are_gone_are_looked_at_a_few_times_an_hour(office: Office) -> None:
    """Whoever presses on: a request that cost calls to S3 counts, though it mailed nothing."""
    share_many(office, 20)
    for number in range(20):
        office.portal.bucket.remove(f"{number}.pdf")

    for _ in range(50):
        ask(office)

    assert office.portal.bucket.heads == 20 * REQUESTS_PER_ADDRESS.most
    assert office.post.mails == []


def test_an_older_file_is_found_by_its_name(office: Office) -> None:
    """As the mail says; in whatever folder it is."""
    share_many(office, 200)
    office.portal.share("bob@example.com/old.pdf", link_id=OTHER)

    office.do("request", address="bob@example.com", file="old.pdf")

    assert links_in(office.mail) == [OTHER]


def test_while_ses_refuses_no_press_costs_a_link(office: Office) -> None:
    """Of 167 presses an hour few are tried, their tokens are taken back, and old mails work on."""
    token = office.portal.share()
    office.post.refuses("bob@example.com", "MessageRejected")

    for press in range(167):
        for _ in range(3):  # Lambda's tries
            with suppress(NotMailed):
                office.do("request", address="bob@example.com", id=f"press {press}")

    assert office.portal.open(token).status == 200
    assert len(office.portal.token_hashes) == 1
    assert office.post.calls == REQUESTS_PER_ADDRESS.most * 3


def test_links_that_were_mailed_too_often_are_left_out(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says so; the others are mailed, and the mails that they are in open them."""
    caplog.set_level("INFO")
    token = office.portal.share("often.pdf")
    office.portal.share("b.pdf", link_id=OTHER)
    hashes = {f"{number:064x}" for number in range(MOST_TOKENS - 1)}
    office.portal.links.change(Update(LINK_ID, added={rows.TOKEN_HASHES: hashes}))

    ask(office)

    assert links_in(office.mail) == [OTHER]
    assert office.portal.open(token).status == 200
    assert 'No fresh link for "often.pdf" to bob@example.com: it was mailed 500' in caplog.text


def test_one_file_that_cannot_be_read_stops_no_other(office: Office) -> None:
    """The mail has the others; if it may be read later, and is the only one, Lambda retries."""
    office.portal.share("good.pdf")
    office.portal.share("bad.pdf", link_id=OTHER)
    office.portal.bucket.refuses("bad.pdf", "400")

    office.do("request", address="bob@example.com", file=None)

    assert links_in(office.mail) == [LINK_ID]


def test_a_file_that_s3_does_not_show_now_is_mailed_by_the_next_try(office: Office) -> None:
    """The others have left by then, and their mail has said that there is more to come."""
    for link_id, name in ((LINK_ID, "good.pdf"), (OTHER, "slow.pdf"), ("a" * 32, "slower.pdf")):
        office.portal.share(name, link_id=link_id)
    for slow in (["slow.pdf", "slower.pdf"], ["slower.pdf"]):
        office.portal.bucket.refuses_nothing()
        for name in slow:
            office.portal.bucket.refuses(name, "503")
        with pytest.raises(NotMailed, match=r"that bob@example.com asked for w.*FileNotReadable"):
            office.do("request", address="bob@example.com", file=None, id="press")
    office.portal.bucket.refuses_nothing()

    office.do("request", address="bob@example.com", file=None, id="press")

    assert [links_in(mail) for mail in office.post.mails] == [[LINK_ID], [OTHER], ["a" * 32]]
    closings = [mail.data["closing"].partition("\n")[0] for mail in office.post.mails]
    assert (
        closings[:2] == ["More files are shared with you. Their links follow in another email."] * 2
    )
    assert closings[2].startswith("This email is for you alone")


def test_a_mail_that_was_reserved_by_an_earlier_try_is_used(office: Office) -> None:
    """That one has reserved all three, and then sent none."""
    share_many(office, 60)
    for _ in range(2):
        office.portal.bucket.refuses("1.pdf", "503")
        office.post.fails("MessageRejected")
        with pytest.raises(NotMailed):
            office.do("request", address="bob@example.com", file=None, id="press")
    office.portal.bucket.refuses("1.pdf", "503")
    with pytest.raises(NotMailed, match=r"A link that bob@example.com asked for was not mailed"):
        office.do("request", address="bob@example.com", file=None, id="press")
    office.portal.bucket.refuses_nothing()

    office.do("request", address="bob@example.com", file=None, id="press")

    assert [len(links_in(mail)) for mail in office.post.mails] == [50, 9, 1]


def test_what_no_further_mail_may_bring_is_said(office: Office) -> None:
    """Whoever asked is not told that this is all; they may ask again."""
    office.portal.share("good.pdf")
    office.portal.share("slow.pdf", link_id=OTHER)
    office.portal.bucket.refuses("slow.pdf", "503")

    office.do("request", address="bob@example.com", settings={"MaxRequestedMailsPerDay": "1"})

    assert links_in(office.mail) == [LINK_ID]
    assert office.mail.data["closing"].startswith(
        "More files are shared with you. These are the newest"
    )


def test_a_mail_is_kept_for_what_follows(office: Office) -> None:
    """Requests that come in between do not take it: a day has no more mails than it may have."""
    office.portal.share("good.pdf")
    office.portal.share("slow.pdf", link_id=OTHER)
    office.portal.bucket.refuses("slow.pdf", "503")
    two_a_day = {"MaxRequestedMailsPerDay": "2"}
    with pytest.raises(NotMailed):
        office.do("request", address="bob@example.com", id="press", settings=two_a_day)
    for _ in range(2):
        office.do("request", address="bob@example.com", file="good.pdf", settings=two_a_day)
    office.portal.bucket.refuses_nothing()

    office.do("request", address="bob@example.com", id="press", settings=two_a_day)

    assert [links_in(mail) for mail in office.post.mails] == [[LINK_ID], [OTHER]]


def test_a_link_in_its_grace_window_is_not_mailed(office: Office) -> None:
    """It works for some minutes more, and the mail would say days."""
    once = {"MaxDownloads": "1", "DownloadGracePeriod": "600"}
    office.portal.click(office.portal.share(), **once)

    office.do("request", address="bob@example.com", settings={"MaxDownloads": "1"})

    assert office.post.mails == []


def test_what_may_have_left_is_counted(office: Office) -> None:
    """SES took it and its answer was lost: the mailbox has it."""
    office.portal.share()
    for _ in range(PER_ADDRESS.most):
        office.post.answer_is_lost()
        with pytest.raises(NotMailed, match="ReadTimeoutError"):
            office.do("request", address="bob@example.com", file=None)

    office.do("request", address="bob@example.com", file=None)

    assert len(office.post.mails) == PER_ADDRESS.most


def test_ses_that_refuses_is_an_error(office: Office) -> None:
    """Lambda tries again, and then the request waits in the queue."""
    office.portal.share()
    office.post.refuses("bob@example.com", "MessageRejected")

    with pytest.raises(NotMailed, match=r"bob@example.com asked for.*MessageRejected"):
        office.do("request", address="bob@example.com", file=None)


def test_what_did_not_leave_is_not_counted(office: Office) -> None:
    """Else Lambda's tries would use up what a replay within the hour may mail."""
    office.portal.share()
    office.post.refuses("bob@example.com", "MessageRejected")
    for _ in range(PER_ADDRESS.most):
        with pytest.raises(NotMailed):
            office.do("request", address="bob@example.com", file=None)
    office.post.refuses_nobody()

    office.do("request", address="bob@example.com", file=None)

    assert opens(office, office.mail)


def test_a_busy_ses_is_waited_for(office: Office) -> None:
    """For as long as there is time."""
    office.portal.share()
    office.post.fails("Throttling", "Throttling", None)

    office.do("request", address="bob@example.com", file=None)

    assert office.mail.to == "bob@example.com"


@pytest.mark.parametrize("address", [None, 7, "", "bob", "a@example.com,b@example.com"])
def test_no_address_is_unreadable(office: Office, address: Any) -> None:
    """Whoever called it."""
    with pytest.raises(UnreadableTask):
        office.do("request", address=address)


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
    ],
)
def test_a_file_is_found_as_people_write_it(office: Office, key: str, asked_for: str) -> None:
    """macOS decomposes what everybody types; mail programs take more for the link than it is."""
    office.portal.share("a")
    office.portal.share(key, link_id=OTHER)

    office.do("request", address="bob@example.com", file=asked_for)

    assert links_in(office.mail) == [OTHER]


def test_a_file_under_a_uuid_is_found_by_the_name_that_its_mail_said(office: Office) -> None:
    """Its Content-Disposition said it, which the reader never sees."""
    office.portal.share("a.pdf")
    office.portal.share(
        "uploads/7f3e1c9a", link_id=OTHER, disposition='attachment; filename="Q3 report.pdf"'
    )

    for asked_for in ("Q3 report.pdf", "7f3e1c9a", "uploads/7f3e1c9a"):
        office.do("request", address="bob@example.com", file=asked_for)

    assert [links_in(mail) for mail in office.post.mails] == [[OTHER]] * 3


@pytest.mark.parametrize("asked_for", ["a.pdfx", "a.pdf.exe", "a.pd", "a.pdf" + "." * 9, "A.pdf"])
def test_another_name_finds_nothing(office: Office, asked_for: str) -> None:
    """Nothing but those few characters is passed over."""
    office.portal.share("a.pdf")

    office.do("request", address="bob@example.com", file=asked_for)

    assert office.post.mails == []
