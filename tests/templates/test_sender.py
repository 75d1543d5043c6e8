"""What the sender stack makes, beyond the rules that hold for every template."""

from __future__ import annotations

import pytest

from deploy.deployment import STACKS
from tests.templates.reading import GENERATOR, PORTAL, SENDER, Template

LONGEST_NAME_IN_SES = 64


def test_mails_are_sent_encrypted_or_not_at_all() -> None:
    """The configuration set requires TLS, keeps reputation metrics and may send."""
    configuration = SENDER.properties("ConfigurationSet")

    assert configuration["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    assert configuration["ReputationOptions"] == {"ReputationMetricsEnabled": True}
    assert configuration["SendingOptions"] == {"SendingEnabled": True}


def test_every_fate_of_a_mail_goes_to_the_topic() -> None:
    """Six kinds of event, and no opens or clicks: nobody is tracked."""
    destination = SENDER.properties("MailEventsDestination")["EventDestination"]

    assert destination["Enabled"] is True
    assert destination["SnsDestination"] == {"TopicARN": {"Ref": "MailEventsTopic"}}
    assert set(destination["MatchingEventTypes"]) == {
        "delivery",
        "bounce",
        "complaint",
        "reject",
        "renderingFailure",
        "deliveryDelay",
    }


def test_topic_allows_ses_before_ses_tries_it() -> None:
    """SES checks that it can publish when the destination is made, also on the first create."""
    assert SENDER.resources["MailEventsDestination"]["DependsOn"] == "MailEventsTopicPolicy"


def test_admin_is_subscribed_to_alarms() -> None:
    """AdminAlarmEMail gets what CommonAlarmTopic gets."""
    assert SENDER.properties("AdminAlarmEMailSubscription") == {
        "TopicArn": {"Ref": "CommonAlarmTopic"},
        "Protocol": "email",
        "Endpoint": {"Ref": "AdminAlarmEMail"},
    }


def test_names_in_ses_are_given_or_made_from_the_stack() -> None:
    """What is exported is the name that SES knows, whether given or made."""
    template = SENDER.properties("LinkTemplate")["Template"]["TemplateName"]

    assert SENDER.outputs["LinkDownloadTemplateName"]["Value"] == template
    assert template["Fn::If"][1] == {"Ref": "LinkDownloadTemplateName"}
    assert "${AWS::StackName}" in template["Fn::If"][2]["Fn::Sub"]
    assert SENDER.outputs["ConfigSetName"]["Value"] == {"Ref": "ConfigurationSet"}


def test_outputs_other_stacks_build_on() -> None:
    """The four names that the generator and later stacks import."""
    assert set(SENDER.outputs) == {
        "ConfigSetName",
        "LinkDownloadTemplateName",
        "CommonAlarmTopicArn",
        "MailEventsTopicArn",
    }


@pytest.mark.parametrize(
    ("template", "suffixes"), [(SENDER, ("-download", "-mails")), (PORTAL, ("-mail",))]
)
def test_who_names_a_stack_by_hand_is_told_how_long(
    template: Template, suffixes: tuple[str, ...]
) -> None:
    """SES refuses longer names of templates and configuration sets, half-way through the stack."""
    text = template.path.read_text()
    assert all(f"${{AWS::StackName}}{suffix}" in text for suffix in suffixes)

    longest = LONGEST_NAME_IN_SES - max(map(len, suffixes))

    assert f"a stack name of at most {longest} characters" in " ".join(
        template.document["Description"].split()
    )


def test_the_tool_names_no_stack_too_long() -> None:
    """The longest name of a deployment leaves room for what is made from its stacks' names."""
    longest = GENERATOR.parameters["DeploymentName"]["MaxLength"]

    assert longest + max(len(f"-{stack.kind}-download") for stack in STACKS) <= LONGEST_NAME_IN_SES
