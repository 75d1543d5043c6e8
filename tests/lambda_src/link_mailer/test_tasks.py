"""What holds for all of LinkMailer's tasks."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from link_mailer.errors import NotMailed, TableUnavailable, UnreadableTask

from tests.lambda_src.link_mailer.office import LATE, Office
from tests.lambda_src.portal_world import LINK_ID


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
