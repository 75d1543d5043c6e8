"""Nothing fails unseen: what is watched, and where it is told."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest
from click.testing import CliRunner

from deploy.cli import cli
from deploy.deployment import STACKS
from deploy.local.cloudformation.intrinsics import evaluate
from deploy.local.cloudformation.resource_type import PhysicalResource
from deploy.local.cloudformation.scope import StackScope
from deploy.local.cloudformation.template import parse
from tests.templates.reading import GENERATOR, SENDER, Template, each_template, mentions

_WATCHED_TYPES = ("AWS::SQS::Queue", "AWS::Lambda::Function")
_COMMON_TOPIC = (
    {"Ref": "CommonAlarmTopic"},
    {"Fn::ImportValue": {"Fn::Sub": "${SenderStackName}-CommonAlarmTopicArn"}},
)


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    found = template.of_type("AWS::CloudWatch::Alarm")
    return {name: resource["Properties"] for name, resource in found.items()}


def watched(template: Template) -> set[str]:
    """The resources that an alarm of this template looks at."""
    return {n for alarm in alarms(template).values() for n in mentions(alarm["Dimensions"])}


@each_template
def test_every_queue_and_function_has_an_alarm(template: Template) -> None:
    """What can fill up or fail is watched."""
    assert set(template.of_type(*_WATCHED_TYPES)) <= watched(template)


def test_the_alarm_topic_itself_is_watched() -> None:
    """An alarm mail that cannot be delivered is an alarm."""
    assert "CommonAlarmTopic" in watched(SENDER)


@each_template
def test_every_alarm_reaches_the_common_topic(template: Template) -> None:
    """An alarm tells CommonAlarmTopic, and nobody else."""
    elsewhere = {
        name: actions
        for name, alarm in alarms(template).items()
        for actions in (alarm["AlarmActions"], alarm.get("OKActions", []))
        if any(action not in _COMMON_TOPIC for action in actions)
    }

    assert elsewhere == {}
    assert all(alarm["AlarmActions"] for alarm in alarms(template).values())


@each_template
def test_alarms_are_named_after_the_failure(template: Template) -> None:
    """The name alone says what is wrong with which resource."""
    names = set(alarms(template))
    watched_there = watched(template)

    assert all(name.endswith("Alarm") for name in names)
    assert all(any(name.startswith(resource) for resource in watched_there) for name in names)


@each_template
def test_alarms_say_what_happened_and_what_to_do(template: Template) -> None:
    """The admin's mail has at least two sentences, and a command where one helps."""
    for name, alarm in alarms(template).items():
        text = _described(alarm, template, "my-files")

        assert len(re.findall(r"[\w\"]\.(?: |$)", text)) >= 2, name
        assert len(text.split()) >= 15, name
        assert len(text) <= 1024, name  # CloudWatch's limit


@each_template
def test_commands_in_alarms_exist(template: Template) -> None:
    """Whoever types what an alarm advises types a command that is about this deployment."""
    for alarm in alarms(template).values():
        for line in re.findall(r'"s3link ([^"]+)"', _described(alarm, template, "my-sender-files")):
            assert line.endswith(" --name my-sender-files")
            ran = CliRunner().invoke(cli, [*shlex.split(line), "--help"])
            assert ran.exit_code == 0, ran.output
            assert ("redrive" in line) == ("--all" in line)


def _described(alarm: dict[str, Any], template: Template, name: str) -> str:
    """An alarm's description as its mail has it, in the deployment of this name."""
    [kind] = [stack.kind for stack in STACKS if stack.template == template.path.name]
    match alarm["AlarmDescription"]:
        case {"Fn::Sub": [str(text), {"Deployment": {"Fn::Select": [at, {"Fn::Split": split}]}}]}:
            separator, stack_name = split
            # No stack's name has a dot: only its end is cut off, whatever the deployment is called.
            assert stack_name == {"Fn::Sub": "${AWS::StackName}."}
            return text.replace("${Deployment}", f"{name}-{kind}.".split(separator)[at])
        case {"Fn::Sub": str(text)}:
            return text.replace("${DeploymentName}", name)
        case text:
            return str(text)


@each_template
def test_silence_is_no_alarm(template: Template) -> None:
    """A deployment that nobody uses is healthy."""
    assert {a["TreatMissingData"] for a in alarms(template).values()} == {"notBreaching"}


def _of_function(name: str) -> dict[str, Any]:
    return {"FunctionName": {"Ref": name}}


_OF_THE_FUNCTION = _of_function("LinkGenerator")
_OF_THE_RECORDER = _of_function("FateRecorder")
# Alarm: the metric, whose it is, how it is counted, and from which value on the alarm rings.
WHAT_ALARMS_LOOK_AT: dict[str, tuple[str, dict[str, Any], str, object]] = {
    "DeadLetterQueueTooDeepAlarm": (
        "AWS/SQS ApproximateNumberOfMessagesVisible",
        {"QueueName": {"Fn::GetAtt": "DeadLetterQueue.QueueName"}},
        "Maximum",
        {"Ref": "DeadLetterQueueAlarmTreshold"},
    ),
    "LinkGeneratorErrorsTooHighAlarm": ("AWS/Lambda Errors", _OF_THE_FUNCTION, "Sum", 1),
    "LinkGeneratorThrottlesTooHighAlarm": ("AWS/Lambda Throttles", _OF_THE_FUNCTION, "Sum", 1),
    "LinkGeneratorEventsLostAlarm": ("AWS/Lambda DeadLetterErrors", _OF_THE_FUNCTION, "Sum", 1),
    # 4 of the 6 hours for which Lambda keeps an event, in milliseconds.
    "LinkGeneratorEventsTooOldAlarm": (
        "AWS/Lambda AsyncEventAge",
        _OF_THE_FUNCTION,
        "Maximum",
        4 * 60 * 60 * 1000,
    ),
    "FateRecorderErrorsTooHighAlarm": ("AWS/Lambda Errors", _OF_THE_RECORDER, "Sum", 1),
    "FateRecorderEventsLostAlarm": ("AWS/Lambda DeadLetterErrors", _OF_THE_RECORDER, "Sum", 1),
    "PortalDeadLetterQueueNotEmptyAlarm": (
        "AWS/SQS ApproximateNumberOfMessagesVisible",
        {"QueueName": {"Fn::GetAtt": "PortalDeadLetterQueue.QueueName"}},
        "Maximum",
        1,
    ),
    "PortalErrorsTooHighAlarm": ("AWS/Lambda Errors", _of_function("Portal"), "Sum", 1),
    "NonceGateErrorsTooHighAlarm": ("AWS/Lambda Errors", _of_function("NonceGate"), "Sum", 1),
    "ProgramsErrorsTooHighAlarm": ("AWS/Lambda Errors", _of_function("Programs"), "Sum", 1),
    "ProgramsApiErrorsTooHighAlarm": (
        "AWS/ApiGateway 5xx",
        {"ApiId": {"Ref": "ProgramsApi"}},
        "Sum",
        1,
    ),
    "MembersErrorsTooHighAlarm": ("AWS/Lambda Errors", _of_function("Members"), "Sum", 1),
    "MembersThrottlesTooHighAlarm": ("AWS/Lambda Throttles", _of_function("Members"), "Sum", 1),
    "MembersApiErrorsTooHighAlarm": (
        "AWS/ApiGateway 5xx",
        {"ApiId": {"Ref": "MembersApi"}},
        "Sum",
        1,
    ),
    "LinkMailerErrorsTooHighAlarm": ("AWS/Lambda Errors", _of_function("LinkMailer"), "Sum", 1),
    "LinkMailerEventsLostAlarm": (
        "AWS/Lambda DeadLetterErrors",
        _of_function("LinkMailer"),
        "Sum",
        1,
    ),
    "PortalApiErrorsTooHighAlarm": (
        "AWS/ApiGateway 5xx",
        {"ApiId": {"Ref": "PortalApi"}},
        "Sum",
        1,
    ),
    "CommonAlarmTopicFailedAlarm": (
        "AWS/SNS NumberOfNotificationsFailed",
        {"TopicName": {"Fn::GetAtt": "CommonAlarmTopic.TopicName"}},
        "Sum",
        1,
    ),
}


@each_template
def test_what_alarms_look_at(template: Template) -> None:
    """A metric that AWS does not publish is no error there: the alarm would only never ring."""
    for name, alarm in alarms(template).items():
        metric, owner, statistic, threshold = WHAT_ALARMS_LOOK_AT[name]

        assert f"{alarm['Namespace']} {alarm['MetricName']}" == metric
        assert {d["Name"]: d["Value"] for d in alarm["Dimensions"]} == owner
        assert (alarm["Statistic"], alarm["Threshold"]) == (statistic, threshold)
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert alarm["EvaluationPeriods"] == 1
        assert alarm["Period"] in (60, 300)  # seconds


def dashboard() -> list[dict[str, Any]]:
    """The widgets as CloudWatch gets them, each variable filled in with its own name."""
    text, variables = GENERATOR.properties("DeploymentDashboard")["DashboardBody"]["Fn::Sub"]
    filled = text.replace("${MailsPerHour}", variables["MailsPerHour"]["Fn::Sub"].strip())
    filled = filled.replace("${DeadLetterQueueAlarmTreshold}", "5")
    widgets: list[dict[str, Any]] = json.loads(re.sub(r"\$\{([\w.:]+)\}", r"\1", filled))["widgets"]
    return widgets


def test_dashboard_shows_mails_errors_duration_and_queue() -> None:
    """The dashboard is JSON that CloudWatch can read, with something for every question."""
    shown = json.dumps(dashboard())

    wanted = ("messageId", "Errors", "Throttles", "Duration", "ApproximateNumberOfMessagesVisible")
    assert [metric for metric in wanted if metric not in shown] == []
    assert all(widget["properties"]["region"] == "AWS::Region" for widget in dashboard())


def test_dashboard_widgets_do_not_overlap() -> None:
    """Each place of the 24 columns is taken once at most."""
    taken = [
        (x, y)
        for widget in dashboard()
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]

    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


def test_dashboard_is_only_made_when_asked_for() -> None:
    """It costs money by the month, so nobody gets it without asking."""
    assert GENERATOR.parameters["Dashboard"]["Default"] == "false"
    assert GENERATOR.resources["DeploymentDashboard"]["Condition"] == "HasDashboard"
    assert GENERATOR.outputs["DashboardUrl"]["Condition"] == "HasDashboard"


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws", "eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("aws-us-gov", "us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("aws-cn", "cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("aws-eusc", "eusc-de-east-1", "eusc-de-east-1.console.amazonaws-eusc.eu"),
    ],
)
def test_the_dashboards_address_is_right_in_every_partition(
    partition: str, region: str, host: str
) -> None:
    """Each partition has a console of its own."""
    pseudo = {"AWS::Partition": partition, "AWS::Region": region}
    made = {"DeploymentDashboard": PhysicalResource("files")}
    scope = StackScope(parse(GENERATOR.path.read_text()), {}, pseudo, made, {})

    url = evaluate(GENERATOR.outputs["DashboardUrl"]["Value"], scope)

    assert url == f"https://{host}/cloudwatch/home?region={region}#dashboards/dashboard/files"


@each_template
def test_access_logs_lie_where_log_delivery_needs_no_policy(template: Template) -> None:
    """Elsewhere each adds to the one policy of 5,120 characters that an account has for them."""
    for stage in template.of_type("AWS::ApiGatewayV2::Stage").values():
        destination = stage["Properties"]["AccessLogSettings"]["DestinationArn"]["Fn::GetAtt"]
        group = template.properties(destination.removesuffix(".Arn"))

        assert group["LogGroupName"] == {"Fn::Sub": "/aws/vendedlogs/${AWS::StackName}"}
