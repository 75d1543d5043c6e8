"""Templated mails arrive rendered, each recipient's own."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from moto import mock_aws
from moto.ses.exceptions import MissingRenderingAttributeException
from moto.ses.models import SESBackend
from moto.ses.responses import EmailResponse
from moto.ses.template import parse_template

from deploy.local.ses.rendering import RenderingError, render
from tests.local.account import Account
from tests.local.mail import SENDER, TEMPLATE, MailAccount, mails


@pytest.fixture
def mail(account: Account) -> MailAccount:
    return MailAccount(account)


def test_bulk_mail(mail: MailAccount) -> None:
    """Each destination's data goes before the default data; nothing is escaped."""
    answer = mail.send_bulk(
        [
            {"Destination": {"ToAddresses": ["bob@example.com"]}},
            {
                "Destination": {"ToAddresses": ["carol@example.com"]},
                "ReplacementTemplateData": json.dumps({"note": "<b>Read & sign</b>"}),
            },
        ],
        {"name": "my report (final) + ü.pdf", "note": ""},
    )

    assert [status["Status"] for status in answer["Status"]] == ["Success", "Success"]
    bob, carol = mails()
    assert (bob.sender, bob.recipients) == (SENDER, ("bob@example.com",))
    assert bob.subject == "A file: my report (final) + ü.pdf"
    assert bob.text == "Take my report (final) + ü.pdf.\nBye.\n"
    assert bob.html == "<p>Take my report (final) + ü.pdf.</p>"
    assert carol.text == "Take my report (final) + ü.pdf.\nNote: <b>Read & sign</b>\nBye.\n"
    assert carol.html.endswith("<i><b>Read & sign</b></i>")


def test_one_templated_mail(mail: MailAccount) -> None:
    """SendTemplatedEmail makes one mail for all its recipients."""
    mail.ses.send_templated_email(
        Source=f"Files <{SENDER}>",
        Destination={"ToAddresses": ["bob@example.com"], "CcAddresses": ["carol@example.com"]},
        Template=TEMPLATE,
        TemplateData=json.dumps({"name": "a"}),
    )

    [one] = mails()
    assert one.sender == f"Files <{SENDER}>"
    assert one.recipients == ("bob@example.com", "carol@example.com")


def test_plain_mail(mail: MailAccount) -> None:
    """SendEmail keeps both bodies."""
    mail.ses.send_email(
        Source=SENDER,
        Destination={"ToAddresses": ["bob@example.com"]},
        Message={
            "Subject": {"Data": "Hello"},
            "Body": {"Text": {"Data": "text"}, "Html": {"Data": "<p>html</p>"}},
        },
    )

    [one] = mails()
    assert (one.subject, one.text, one.html) == ("Hello", "text", "<p>html</p>")


def test_raw_mail(mail: MailAccount) -> None:
    """SendRawEmail is read like any mail."""
    mail.ses.send_raw_email(
        RawMessage={
            "Data": (
                f"From: {SENDER}\nTo: bob@example.com\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n"
                "Content-Type: text/plain; charset=utf-8\n\nHello ü\n"
            ).encode()
        }
    )

    [one] = mails()
    assert (one.subject, one.text.strip()) == ("Grüße", "Hello ü")
    assert one.recipients == ("bob@example.com",)


def test_a_list_in_a_bulk_mail(mail: MailAccount, account: Account) -> None:
    """Each recipient's own files, with what one of them has and another has not."""
    account.client("ses").create_template(
        Template={
            "TemplateName": "links",
            "SubjectPart": "{{count}} files",
            "TextPart": (
                "{{#each files}}\n{{@index}} {{name}} for {{../address}}\n"
                "{{#if note}}\n{{note.text}}\n{{/if}}\n{{else}}\nNone.\n{{/each}}\nBye.\n"
            ),
        }
    )
    files = [{"name": "a <b>", "note": {"text": "Read & sign"}}, {"name": "c"}]

    mail.ses.send_bulk_templated_email(
        Source=SENDER,
        Template="links",
        DefaultTemplateData=json.dumps({"files": [], "count": 0}),
        Destinations=[
            {
                "Destination": {"ToAddresses": ["bob@example.com"]},
                "ReplacementTemplateData": json.dumps(
                    {"files": files, "count": 2, "address": "bob@example.com"}
                ),
            },
            {"Destination": {"ToAddresses": ["carol@example.com"]}},
        ],
    )

    bob, carol = mails()
    assert bob.subject == "2 files"
    assert bob.text == ("0 a <b> for bob@example.com\nRead & sign\n1 c for bob@example.com\nBye.\n")
    assert (carol.subject, carol.text) == ("0 files", "None.\nBye.\n")


@pytest.mark.parametrize("data", ["{", "[]", '"text"'])
def test_data_that_is_no_object(data: str) -> None:
    """Template data must be a JSON object."""
    with pytest.raises(RenderingError) as failed:
        render({"text_part": ""}, data)

    assert str(failed.value) == "Template rendering data is invalid"


@pytest.fixture
def plain_moto() -> Iterator[SESBackend]:
    with mock_aws():
        yield SESBackend("eu-west-1", "123456789012")


def test_gap_moto_does_not_render(plain_moto: SESBackend) -> None:
    """moto keeps templated mails unrendered and takes missing variables.

    Once this fails, see which of deploy/local/ses/backend.py and rendering.py moto does.
    """
    plain_moto.verify_email_identity(SENDER)
    plain_moto.add_template({"template_name": "t", "subject_part": "{{missing}}"})

    message = plain_moto.send_templated_email(SENDER, "t", "{}", {"ToAddresses": ["b@example.com"]})

    assert not hasattr(message, "subject")


def test_gap_moto_cannot_fill_every_template() -> None:
    """Once none of these holds, see whether moto can fill templates instead of rendering.py."""
    with pytest.raises(NotImplementedError):
        parse_template("a{{#each l}}b{{/each}}", {"l": []})
    assert parse_template("one\n{{#if a}}\ntwo\n{{/if}}", {"a": "x"}) == "one\n\ntwo\n"
    with pytest.raises(MissingRenderingAttributeException):
        parse_template("{{a.b}}", {"a": {"b": "x"}})


def test_gap_moto_cannot_delete_event_destinations() -> None:
    """moto keeps only the last event destination of a configuration set, and deletes none.

    Once this fails, delete `destinations` of SesBackend in deploy/local/ses/backend.py.
    """
    assert not hasattr(EmailResponse, "delete_configuration_set_event_destination")
