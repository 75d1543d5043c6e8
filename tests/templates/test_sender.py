"""What the sender stack makes, beyond the rules that hold for every template."""

from __future__ import annotations

from tests.templates.reading import SENDER


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
