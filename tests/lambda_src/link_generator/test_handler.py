"""The handler as Lambda imports it, against moto's S3 and SES and the template of the sender."""

from __future__ import annotations

import html
import importlib
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import boto3
import pytest
import requests
from function.errors import SettingsError
from link_generator import errors
from moto import mock_aws
from moto.ses.models import ses_backends
from werkzeug.http import parse_options_header

from deploy.local.ses.rendering import render
from tests.lambda_src.fakes import BUCKET, ENVIRONMENT, arrival_of
from tests.lambda_src.link_generator.recipients_view import PARTS
from tests.templates.reading import GENERATOR, SENDER
from tests.waiting import PATIENCE

REGION: Any = "eu-west-1"
ACCOUNT = "123456789012"
# Those of the template's table that CreateTable takes, too.
TABLE_PROPERTIES = (
    *("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes"),
)
BYTES = b"the very same bytes"


def mail_template() -> dict[str, str]:
    """Subject, text and HTML as the sender stack has them."""
    template = SENDER.properties("LinkTemplate")["Template"]
    return {**template, "TemplateName": ENVIRONMENT["LinkDownloadTemplateName"]}


@dataclass(frozen=True)
class Received:
    """A mail as its reader sees it."""

    to: str
    subject: str
    text: str
    html: str
    data: dict[str, str]


class LambdaContext:
    """What Lambda says about an invocation."""

    aws_request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"

    def get_remaining_time_in_millis(self) -> int:
        return 540_000


class Account:
    """What the handler finds in AWS, and what it left there."""

    def __init__(self) -> None:
        self.s3: Any = boto3.client("s3")
        self.ses: Any = boto3.client("ses")
        self.s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        ledger = GENERATOR.properties("DeliveriesLedger")
        boto3.client("dynamodb").create_table(
            TableName=ENVIRONMENT["DeliveriesLedgerName"],
            **{name: ledger[name] for name in TABLE_PROPERTIES},
        )
        self.ses.verify_email_identity(EmailAddress=ENVIRONMENT["EmailSender"])
        template: Any = mail_template()
        self.ses.create_template(Template=template)

    def upload(self, key: str, content: bytes = BYTES, **metadata: str) -> str:
        """The version that S3 gave it."""
        answer = self.s3.put_object(Bucket=BUCKET, Key=key, Body=content, Metadata=metadata)
        return str(answer["VersionId"])

    def received(self) -> list[Received]:
        """The mails, rendered as SES does, which sends none where a variable is missing."""
        messages = ses_backends[ACCOUNT][REGION].sent_messages
        return [
            self._render(destination)
            for message in messages
            for destination in message.destinations
        ]

    def _render(self, destination: dict[str, Any]) -> Received:
        data = destination["ReplacementTemplateData"]
        # moto's own rendering, which has no block within a block's else, is not asked.
        rendered = render(PARTS, data)
        [to] = destination["Destination"]["ToAddresses"]
        return Received(to, rendered.subject, rendered.text, rendered.html, json.loads(data))


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield Account()


@pytest.fixture
def handler(account: Account) -> Iterator[ModuleType]:
    """Imported afresh, as in a new execution environment."""
    module = importlib.import_module("link_generator.handler")
    module.SERVICES.mail.meta.events.register("after-call.ses.SendBulkTemplatedEmail", _say_success)
    yield module
    del sys.modules["link_generator.handler"]


def _say_success(parsed: dict[str, Any], **_: Any) -> None:
    """moto leaves out the status that SES gives to each entry."""
    for entry in parsed.get("Status", []):
        entry.setdefault("Status", "Success")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("my report (final) + ü.pdf", "my report (final) + ü.pdf"),
        ("bob@example.com/Q3 & Q4.pdf", "Q3 & Q4.pdf"),
        ("1 + 1 = 100%.txt", "1 + 1 = 100%.txt"),
        ("100%25 %2B.txt", "100%25 %2B.txt"),
        ("\"double\" and 'single', comma; semi.txt", "\"double\" and 'single', comma; semi.txt"),
        ("line\nbreak.txt", "line_break.txt"),
        ("🎉 party 👩‍👩‍👧.png", "🎉 party 👩‍👩‍👧.png"),
        ("\u200fעברית\u200e \u202egpj.exe", "עברית gpj.exe"),
        ("<script>alert('x')<script>.html", "<script>alert('x')<script>.html"),
        ("a//b/c d/.hidden", ".hidden"),
        ("x" * 250 + "/" + "y" * 250 + ".pdf", "y" * 250 + ".pdf"),
        ("日" * 255 + "/" + "本" * 86, "本" * 86),
    ],
)
def test_a_file_announced_is_a_file_that_downloads(
    account: Account, handler: ModuleType, key: str, name: str
) -> None:
    """Whatever its key: the link in the mail gives back the same bytes, under the real name."""
    account.upload(key)

    handler.handle(arrival_of(key), LambdaContext())

    [mail] = account.received()
    answer = requests.get(mail.data["link"], timeout=PATIENCE)
    disposition, options = parse_options_header(answer.headers["Content-Disposition"])
    assert answer.content == BYTES
    assert (disposition, options["filename"]) == ("attachment", name)
    assert mail.data["link"] in mail.text
    assert mail.data["linkHtml"] in mail.html


def test_a_name_that_no_disk_holds_gives_way(account: Account, handler: ModuleType) -> None:
    """Mail programs leave the link whole, and S3 accepts its signature."""
    key = "x" * 1020 + ".pdf"
    account.upload(key)

    handler.handle(arrival_of(key), LambdaContext())

    [mail] = account.received()
    answer = requests.get(mail.data["link"], timeout=PATIENCE)
    _, options = parse_options_header(answer.headers["Content-Disposition"])
    assert answer.content == BYTES
    assert len(mail.data["link"]) <= 2048
    assert options["filename"].endswith("xxx.pdf")


def test_the_mail_is_complete(account: Account, handler: ModuleType) -> None:
    """The deployed template finds every variable it asks for, and shows note, size and name."""
    account.upload("Q3 <final>.pdf", note="Hello Bob & Eve")

    handler.handle(arrival_of("Q3 <final>.pdf"), LambdaContext())

    [mail] = account.received()
    shown = ["Q3 <final>.pdf", "19 bytes", "Hello Bob & Eve", mail.data["expiresAt"]]
    assert mail.to == "team@example.com"
    assert "Q3 <final>.pdf" in mail.subject
    assert [part for part in shown if part not in mail.text] == []
    assert [part for part in shown if html.escape(part) not in mail.html] == []
    assert "{{" not in mail.subject + mail.text + mail.html


def test_links_are_regional_and_virtual_hosted(account: Account, handler: ModuleType) -> None:
    """Such an address is never redirected, which a signed link would not survive."""
    account.upload("report.pdf")

    handler.handle(arrival_of("report.pdf"), LambdaContext())

    [mail] = account.received()
    assert mail.data["link"].startswith(f"https://{BUCKET}.s3.{REGION}.amazonaws.com/report.pdf?")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in mail.data["link"]


def test_the_link_gives_the_version_that_arrived(account: Account, handler: ModuleType) -> None:
    """A file that replaces it later is not what the recipient was told about."""
    account.upload("report.pdf", b"first")
    handler.handle(arrival_of("report.pdf"), LambdaContext())
    account.upload("report.pdf", b"second")

    [mail] = account.received()
    answer = requests.get(mail.data["link"], timeout=PATIENCE)

    assert answer.content == b"first"


def test_a_file_that_was_deleted_is_not_announced(account: Account, handler: ModuleType) -> None:
    """The event may come after the delete marker, and names a version that can still be read."""
    version = account.upload("report.pdf")
    account.s3.delete_object(Bucket=BUCKET, Key="report.pdf")

    handler.handle(arrival_of("report.pdf", version=version), LambdaContext())

    assert account.received() == []


def test_a_file_that_was_replaced_is_announced_for_itself(
    account: Account, handler: ModuleType
) -> None:
    """Its event came late; its link still gives back what was uploaded then."""
    version = account.upload("report.pdf", b"first")
    account.upload("report.pdf", b"second")

    handler.handle(arrival_of("report.pdf", version=version), LambdaContext())

    [mail] = account.received()
    assert requests.get(mail.data["link"], timeout=PATIENCE).content == b"first"


def test_a_missing_mail_template_is_a_named_error(account: Account, handler: ModuleType) -> None:
    """As SES says it, with the next step."""
    account.ses.delete_template(TemplateName=ENVIRONMENT["LinkDownloadTemplateName"])
    account.upload("report.pdf")

    with pytest.raises(errors.TemplateMissing, match="make it again under this name"):
        handler.handle(arrival_of("report.pdf"), LambdaContext())


def test_a_sender_that_is_not_verified_is_a_named_error(
    account: Account, handler: ModuleType
) -> None:
    """It names the address to verify."""
    account.ses.delete_identity(Identity=ENVIRONMENT["EmailSender"])
    account.upload("report.pdf")

    with pytest.raises(errors.SenderNotVerified, match=r"Verify files@example\.com in SES"):
        handler.handle(arrival_of("report.pdf"), LambdaContext())


def test_libraries_log_no_links(
    account: Account, handler: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even when somebody sets the function's log level to debug: requests hold links."""
    caplog.set_level(logging.DEBUG)
    account.upload("report.pdf")

    handler.handle(arrival_of("report.pdf"), LambdaContext())

    assert 'Mailed "report.pdf" to team@example.com' in caplog.messages
    assert "X-Amz-Signature" not in caplog.text


def test_without_its_environment_it_does_not_start(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda reports the sentence when it imports the module."""
    monkeypatch.delenv("EmailSender")

    with pytest.raises(SettingsError, match="has no EmailSender; deploy the stack"):
        importlib.import_module("link_generator.handler")
