"""The pages and switches below /_s3link/."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy.local.inbox.mailbox import MAILBOX
from tests.local.account import Account

_DEPLOYED = {"bucket": "files", "deployment": "s3link", "region": "eu-west-1"}


class Answer:
    """What came back from one request."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.text = body.decode()

    @property
    def document(self) -> Any:
        return json.loads(self.text)


def _ask(account: Account, path: str, method: str = "GET", **headers: str) -> Answer:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(
        f"{account.aws.endpoint}/_s3link/{path}", headers=given, method=method
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.status, error.headers, error.read())


def _deliver(subject: str = "Hello", html: str = "") -> str:
    return MAILBOX.deliver("a@example.com", ["b@example.com"], subject, "text", html).id


def test_health(account: Account) -> None:
    """Where things are, for tools that wait for it; 503 until it is there and once it is gone."""
    before = _ask(account, "health")
    account.create_bucket(_DEPLOYED["bucket"])
    account.aws.deployed = _DEPLOYED
    there = _ask(account, "health")
    account.client("s3").delete_bucket(Bucket=_DEPLOYED["bucket"])
    after = _ask(account, "health")

    assert (before.status, before.document) == (503, {"status": "starting"})
    assert (there.status, there.document) == (200, {"status": "deployed", **_DEPLOYED})
    assert (after.status, after.document) == (503, {"status": "destroyed"})


def test_mails(account: Account) -> None:
    """Every mail is there, newest last, with its parts under the names that tools rely on."""
    empty = _ask(account, "mails")
    _deliver("first")
    mail_id = _deliver("ü", "<p>html</p>")

    answer = _ask(account, "mails")

    assert empty.document == []
    assert [mail["subject"] for mail in answer.document] == ["first", "ü"]
    newest = answer.document[-1]
    time = newest.pop("time")
    assert newest == {
        "id": mail_id,
        "from": "a@example.com",
        "reply_to": [],
        "to": ["b@example.com"],
        "subject": "ü",
        "text": "text",
        "html": "<p>html</p>",
    }
    assert time.endswith("Z")
    assert "T" in time


def test_asking_again_for_mails(account: Account) -> None:
    """Who has the newest mail already is told so, without any mail."""
    _deliver()
    tag = _ask(account, "mails").headers["ETag"]

    again = _ask(account, "mails", If_None_Match=tag)
    _deliver()
    newer = _ask(account, "mails", If_None_Match=tag)

    assert (again.status, again.text) == (304, "")
    assert newer.status == 200


def test_inbox_page(account: Account) -> None:
    """The page may load its own parts and nothing else."""
    page = _ask(account, "inbox")
    policy = page.headers["Content-Security-Policy"]

    assert page.status == 200
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "https://" not in page.text
    for name in ("inbox.css", "inbox.js"):
        assert _ask(account, f"pages/{name}").status == 200


def test_a_mail_for_the_frame(account: Account) -> None:
    """A mail's HTML comes with a policy under which no script runs and nothing is fetched."""
    mail_id = _deliver(html="<html><head><title>x</title></head><body>y</body></html>")

    answer = _ask(account, f"inbox/{mail_id}/html")

    assert '<head><base target="_blank"><title>x' in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups ")
    assert "allow-scripts" not in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("nothing", "GET", 404),
        ("inbox/0000/html", "GET", 404),
        ("pages/../control.py", "GET", 404),
        ("pages/notice.html", "GET", 404),
        ("services/ses/stop", "GET", 405),
        ("confirm", "GET", 400),
        ("unsubscribe", "GET", 400),
    ],
)
def test_what_is_not_there(account: Account, path: str, method: str, status: int) -> None:
    """Whatever is asked wrongly is answered with a sentence, as JSON."""
    answer = _ask(account, path, method)

    assert answer.status == status
    assert answer.document["message"]


def test_stopping_a_service(account: Account) -> None:
    """A stopped service fails every call until it is started again."""
    ses = account.client("ses")

    stopped = _ask(account, "services/ses/stop", "POST")
    with pytest.raises(ClientError) as failed:
        ses.list_identities()
    started = _ask(account, "services/ses/start", "POST")

    assert stopped.document == {"service": "ses", "status": "stopped"}
    assert started.document == {"service": "ses", "status": "started"}
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert ses.list_identities()["Identities"] == []


def test_limiting_the_rate_of_ses(account: Account) -> None:
    """GetSendQuota tells the new rate, and the usual one again once it is off."""
    ses = account.client("ses")

    limited = _ask(account, "ses/rate?per_second=2.5", "POST")
    rate = ses.get_send_quota()["MaxSendRate"]
    free = _ask(account, "ses/rate", "POST")

    assert (limited.document, rate) == ({"per_second": 2.5}, 2.5)
    assert (free.document, ses.get_send_quota()["MaxSendRate"]) == ({"per_second": None}, 14.0)


@pytest.mark.parametrize("given", ["many", "-1", "nan", "inf", ""])
def test_a_rate_that_is_none(account: Account, given: str) -> None:
    """What is not a number of recipients changes nothing."""
    answer = _ask(account, f"ses/rate?per_second={given}", "POST")

    assert answer.status == 400
    assert answer.document["message"] == (
        f'"{given}" is not a number of recipients a second; say per_second=14.'
    )


@pytest.mark.parametrize("switch", ["stop", "start"])
def test_a_service_that_is_not_there(account: Account, switch: str) -> None:
    """A name that is wrong is no silent success: the experiment would prove nothing."""
    answer = _ask(account, f"services/sess/{switch}", "POST")

    assert answer.status == 404
    assert answer.document["message"] == (
        'There is no service "sess" here; there are apigateway, cloudformation, cloudwatch, '
        "cognito-idp, dynamodb, execute-api, iam, lambda, logs, s3, scheduler, ses, sns, sqs, sts."
    )


def test_other_pages_cannot_switch(account: Account) -> None:
    """A page that a person has open elsewhere cannot stop anything here."""
    answer = _ask(account, "services/ses/stop", "POST", Origin="https://example.net")

    assert answer.status == 403
    assert account.client("ses").list_identities()["Identities"] == []


def test_other_names_for_this_machine(account: Account) -> None:
    """A name elsewhere that leads to this machine does not open the mails to its owner."""
    answer = _ask(account, "mails", Host="rebound.example.net")

    assert answer.status == 403
