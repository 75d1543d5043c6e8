"""Mail templates and configuration sets are made, changed and deleted as their templates say."""

from __future__ import annotations

from typing import Any

from tests.local.account import Account
from tests.local.stacks import Stacks, queue, template


def _mail_template(**parts: str) -> dict[str, Any]:
    return {"Template": {"TemplateName": "mail", "SubjectPart": "Hello", "TextPart": "x", **parts}}


def test_mail_template(stacks: Stacks, account: Account) -> None:
    """A mail template is changed in place, replaced when its name changes, and deleted."""
    ses = account.client("ses")

    def names() -> list[str]:
        return [one["Name"] for one in ses.list_templates()["TemplatesMetadata"]]

    stacks.subject("AWS::SES::Template", _mail_template())
    stacks.subject("AWS::SES::Template", _mail_template(SubjectPart="Good day"))
    subject = ses.get_template(TemplateName="mail")["Template"]["SubjectPart"]
    stacks.subject("AWS::SES::Template", _mail_template(TemplateName="letter"))
    renamed = names()
    stacks.client.delete_stack(StackName="a")

    assert subject == "Good day"
    assert renamed == ["letter"]
    assert names() == []


def test_mail_template_whose_name_is_imported(stacks: Stacks, account: Account) -> None:
    """An update that renames it is taken back: the old one is there, and the new one is not."""

    def exporting(name: str) -> dict[str, Any]:
        subject = {"Type": "AWS::SES::Template", "Properties": _mail_template(TemplateName=name)}
        output = {"Value": {"Ref": "Subject"}, "Export": {"Name": "mail"}}
        return template({"Subject": subject}, Outputs={"Name": output})

    imported = {"Value": {"Fn::ImportValue": "mail"}}
    stacks.apply("a", exporting("mail"))
    stacks.apply("b", template({"Queue": queue()}, Outputs={"Name": imported}))

    plan = stacks.plan("a", exporting("letter"))
    stacks.client.execute_change_set(StackName="a", ChangeSetName="plan")

    assert plan["Changes"][0]["ResourceChange"]["Replacement"] == "True"
    assert stacks.status("a") == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.reason("a", "a", "UPDATE_ROLLBACK_IN_PROGRESS") == (
        "Export mail cannot be updated as it is in use by b."
    )
    templates = account.client("ses").list_templates()["TemplatesMetadata"]
    assert [one["Name"] for one in templates] == ["mail"]


def test_configuration_set(stacks: Stacks, account: Account) -> None:
    """A configuration set and its event destination are made, changed and deleted."""
    ses = account.client("ses")
    topic = account.client("sns").create_topic(Name="events")["TopicArn"]

    def destination(*kinds: str) -> dict[str, Any]:
        return {
            "Type": "AWS::SES::ConfigurationSetEventDestination",
            "Properties": {
                "ConfigurationSetName": {"Ref": "Subject"},
                "EventDestination": {
                    "Name": "topic",
                    "Enabled": "true",
                    "MatchingEventTypes": list(kinds),
                    "SnsDestination": {"TopicARN": topic},
                },
            },
        }

    properties = {"Name": "mails", "DeliveryOptions": {"TlsPolicy": "REQUIRE"}}
    stacks.subject("AWS::SES::ConfigurationSet", properties, Events=destination("send"))
    stacks.subject("AWS::SES::ConfigurationSet", properties, Events=destination("bounce"))
    given = ses.describe_configuration_set(
        ConfigurationSetName="mails",
        ConfigurationSetAttributeNames=["eventDestinations", "deliveryOptions"],
    )
    stacks.client.delete_stack(StackName="a")

    [shown] = given["EventDestinations"]
    assert shown["MatchingEventTypes"] == ["bounce"]
    assert shown["SNSDestination"] == {"TopicARN": topic}
    assert given["DeliveryOptions"] == {"TlsPolicy": "Require"}
    assert ses.list_configuration_sets()["ConfigurationSets"] == []
