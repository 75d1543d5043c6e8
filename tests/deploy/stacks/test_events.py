"""Following a stack: every event once, the end within a second, and the first real failure."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from deploy.aws.polling import Poll
from deploy.deployment import Deployment
from deploy.stacks import events
from deploy.stacks.events import Event, History
from deploy.stacks.lookup import find_stack
from deploy.stacks.outcome import failure_sentence
from tests.deploy.scripted import (
    ACCOUNT,
    REGION,
    Clock,
    ScriptedClients,
    ScriptedCloudFormation,
    ScriptedS3,
    Step,
)

STACK = "s3link-sender"
DEPLOYMENT = Deployment("s3link", ACCOUNT, REGION, parameters={})
THROTTLED = ClientError({"Error": {"Code": "Throttling", "Message": "Rate exceeded"}}, "X")
UNREACHABLE = EndpointConnectionError(endpoint_url="https://cloudformation.example.com")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def aws(clock: Clock) -> ScriptedCloudFormation:
    return ScriptedCloudFormation(clock)


@pytest.fixture
def clients(aws: ScriptedCloudFormation) -> ScriptedClients:
    return ScriptedClients(aws, ScriptedS3())


def follow(clients: ScriptedClients, last_seen: str | None) -> History:
    """Follow the stack to its end; what is shown on the way is all that happened."""
    shown: list[Event] = []
    stack_id = find_stack(clients, STACK).stack_id
    poll = Poll(clients.cloudformation.clock.sleep, random=lambda: 1.0)
    history = events.follow_events(clients, stack_id, last_seen, shown.append, poll)
    assert list(history.events) == shown
    return history


def line(event: Event) -> tuple[str, str]:
    return event.logical_id, event.status


def test_every_event_is_shown_once_and_in_order(
    aws: ScriptedCloudFormation, clients: ScriptedClients
) -> None:
    """Events come newest first and in pages; the operator reads them as they happened."""
    aws.has_stack(STACK, "CREATE_COMPLETE")
    last_seen = events.latest_event_id(clients, STACK)
    aws.goes_on_with(
        STACK,
        Step(0.1, "UPDATE_IN_PROGRESS"),
        Step(0.2, "UPDATE_IN_PROGRESS", "TopicA"),
        Step(0.3, "UPDATE_IN_PROGRESS", "TopicB"),
        Step(5.0, "UPDATE_COMPLETE", "TopicA"),
        Step(5.1, "UPDATE_COMPLETE", "TopicB"),
        Step(9.0, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        Step(9.9, "UPDATE_COMPLETE"),
    )

    shown = follow(clients, last_seen).events

    assert [line(event) for event in shown] == [
        (STACK, "UPDATE_IN_PROGRESS"),
        ("TopicA", "UPDATE_IN_PROGRESS"),
        ("TopicB", "UPDATE_IN_PROGRESS"),
        ("TopicA", "UPDATE_COMPLETE"),
        ("TopicB", "UPDATE_COMPLETE"),
        (STACK, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        (STACK, "UPDATE_COMPLETE"),
    ]


@pytest.mark.parametrize("end", [0.0, 0.61, 7.3, 299.99])
def test_the_end_is_noticed_within_a_second(
    aws: ScriptedCloudFormation, clients: ScriptedClients, clock: Clock, end: float
) -> None:
    """However long it takes, nobody waits for a deployment that is over."""
    aws.has_stack(STACK, "CREATE_COMPLETE")
    last_seen = events.latest_event_id(clients, STACK)
    aws.goes_on_with(STACK, Step(0.0, "UPDATE_IN_PROGRESS"), Step(end, "UPDATE_COMPLETE"))

    follow(clients, last_seen)

    assert clock.now - end <= 1.0


def test_the_old_status_is_not_taken_for_the_end(
    aws: ScriptedCloudFormation, clients: ScriptedClients, clock: Clock
) -> None:
    """Right after a change set is executed, the stack may still look as before."""
    aws.has_stack(STACK, "UPDATE_COMPLETE")
    last_seen = events.latest_event_id(clients, STACK)
    aws.goes_on_with(STACK, Step(3.0, "UPDATE_IN_PROGRESS"), Step(4.0, "UPDATE_COMPLETE"))

    shown = follow(clients, last_seen).events

    assert [event.status for event in shown] == ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]


@pytest.mark.parametrize(
    "faults",
    [[THROTTLED], [THROTTLED] * 20, [UNREACHABLE] * 5, [THROTTLED, UNREACHABLE] * 10],
    ids=["one throttle", "many throttles", "no network", "both"],
)
def test_a_throttled_poll_never_fails_a_good_deployment(
    aws: ScriptedCloudFormation, clients: ScriptedClients, faults: list[Exception]
) -> None:
    """CloudFormation goes on with its work, so the tool goes on asking."""
    aws.has_stack(STACK, "CREATE_COMPLETE")
    last_seen = events.latest_event_id(clients, STACK)
    aws.goes_on_with(STACK, Step(1.0, "UPDATE_IN_PROGRESS"), Step(2.0, "UPDATE_COMPLETE"))
    stack_id = find_stack(clients, STACK).stack_id
    aws.fails_with(*faults)

    history = events.follow_events(clients, stack_id, last_seen, print, Poll(aws.clock.sleep))

    assert history.end.status == "UPDATE_COMPLETE"


def test_back_off_grows_while_aws_throttles_and_ends_with_it(clock: Clock) -> None:
    """Asking more slowly helps the throttle to end; afterwards the end must be noticed soon."""
    waits: list[float] = []
    answers: list[Exception | None] = [THROTTLED] * 8 + [None, None]

    def ask() -> bool | None:
        if not answers:
            return True
        fault = answers.pop(0)
        if fault:
            raise fault
        return None

    Poll(waits.append, random=lambda: 1.0).until(ask)

    assert waits == [1.2, 2.4, 4.8, 9.6, 15.0, 15.0, 15.0, 15.0, 0.6, 0.6]


def test_an_error_that_stays_is_told(clients: ScriptedClients, aws: ScriptedCloudFormation) -> None:
    """Expired credentials will not come back by asking again."""
    aws.has_stack(STACK, "UPDATE_IN_PROGRESS")
    stack_id = find_stack(clients, STACK).stack_id
    aws.fails_with(ClientError({"Error": {"Code": "ExpiredToken"}}, "DescribeStackEvents"))

    with pytest.raises(ClientError, match="ExpiredToken"):
        events.follow_events(clients, stack_id, None, print, Poll(aws.clock.sleep))


def test_reattaching_shows_the_operation_from_its_start(
    aws: ScriptedCloudFormation, clients: ScriptedClients, clock: Clock
) -> None:
    """Whoever comes back sees what happened meanwhile, and nothing of earlier operations."""
    aws.has_stack(STACK, "CREATE_COMPLETE")
    aws.goes_on_with(
        STACK,
        Step(0.0, "UPDATE_IN_PROGRESS"),
        Step(1.0, "UPDATE_COMPLETE", "TopicA"),
        Step(8.0, "UPDATE_COMPLETE"),
    )
    clock.sleep(5)

    shown = follow(clients, events.event_id_before_operation(clients, STACK)).events

    assert [event.status for event in shown] == [
        "UPDATE_IN_PROGRESS",
        "UPDATE_COMPLETE",
        "UPDATE_COMPLETE",
    ]


@pytest.mark.parametrize("topic_time", [2.0, 1.9], ids=["same time", "earlier"])
def test_the_end_may_be_listed_before_other_events(
    aws: ScriptedCloudFormation, clients: ScriptedClients, topic_time: float
) -> None:
    """CloudFormation promises no order among events of one time; nothing is lost or waited for."""
    aws.has_stack(STACK, "CREATE_COMPLETE")
    last_seen = events.latest_event_id(clients, STACK)
    aws.goes_on_with(
        STACK,
        Step(0.1, "UPDATE_IN_PROGRESS"),
        Step(2.0, "UPDATE_COMPLETE"),
        Step(2.0, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        Step(topic_time, "UPDATE_COMPLETE", "Topic"),
    )

    history = follow(clients, last_seen)

    assert history.end.status == "UPDATE_COMPLETE"
    assert (STACK, "UPDATE_COMPLETE") in map(line, history.events)
    assert ("Topic", "UPDATE_COMPLETE") in map(line, history.events)


def test_an_event_that_is_listed_late_is_not_lost(
    aws: ScriptedCloudFormation, clients: ScriptedClients
) -> None:
    """It may then stand behind events that were shown already."""
    aws.has_stack(STACK, "CREATE_COMPLETE")
    last_seen = events.latest_event_id(clients, STACK)
    aws.goes_on_with(
        STACK,
        Step(5.0, "UPDATE_COMPLETE", "Topic"),
        Step(2.0, "UPDATE_IN_PROGRESS"),
        Step(9.0, "UPDATE_COMPLETE"),
    )

    history = follow(clients, last_seen)

    assert [line(event) for event in history.events] == [
        (STACK, "UPDATE_IN_PROGRESS"),
        ("Topic", "UPDATE_COMPLETE"),
        (STACK, "UPDATE_COMPLETE"),
    ]


CANCELLED = "Resource creation cancelled"
BEGUN = Step(0, "UPDATE_IN_PROGRESS", reason="User Initiated")
IN_USE = "Export s3link-sender-ConfigSetName cannot be updated as it is in use by s3link-generator."


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (
            [
                Step(1, "CREATE_FAILED", "Bucket", "AWS::S3::Bucket", "files already exists"),
                Step(1, "CREATE_FAILED", "Topic", "AWS::SNS::Topic", CANCELLED),
                Step(1, "ROLLBACK_IN_PROGRESS", reason="The following resource(s) failed"),
                Step(2, "ROLLBACK_COMPLETE"),
            ],
            "Stack s3link-sender ended as ROLLBACK_COMPLETE: Bucket (AWS::S3::Bucket) failed: "
            "files already exists; all it had made was removed again; put the cause right and run "
            "`s3link deploy`.",
        ),
        (
            [
                Step(1, "UPDATE_FAILED", "Topic", "AWS::SNS::Topic", "Resource update cancelled"),
                Step(1, "UPDATE_FAILED", "Queue", "AWS::SQS::Queue", "Invalid\n  value."),
                Step(2, "UPDATE_ROLLBACK_COMPLETE"),
            ],
            "Stack s3link-sender ended as UPDATE_ROLLBACK_COMPLETE: Queue (AWS::SQS::Queue) "
            "failed: Invalid value; it is again as it was before; put the cause right and run "
            "`s3link deploy`.",
        ),
        (
            [
                Step(1, "UPDATE_FAILED", "Queue", "AWS::SQS::Queue", "first"),
                Step(2, "UPDATE_FAILED", "Topic", "AWS::SNS::Topic", "while going back"),
                Step(3, "UPDATE_ROLLBACK_FAILED"),
            ],
            "Stack s3link-sender ended as UPDATE_ROLLBACK_FAILED: Queue (AWS::SQS::Queue) failed: "
            "first; it could not go back to what it was before either; put the cause right, run "
            "`aws cloudformation continue-update-rollback --stack-name s3link-sender` and then "
            "`s3link deploy`.",
        ),
        (
            [
                Step(1, "ROLLBACK_IN_PROGRESS", reason="Stack creation time exceeded."),
                Step(2, "ROLLBACK_COMPLETE"),
            ],
            "Stack s3link-sender ended as ROLLBACK_COMPLETE: Stack creation time exceeded; all it "
            "had made was removed again; put the cause right and run `s3link deploy`.",
        ),
        (
            [
                Step(1, "CREATE_FAILED", "Queue", "AWS::SQS::Queue"),
                Step(2, "ROLLBACK_FAILED"),
            ],
            "Stack s3link-sender ended as ROLLBACK_FAILED: Queue (AWS::SQS::Queue) failed: no "
            "reason was given; not all of it could be removed again; put the cause right and run "
            "`s3link deploy`.",
        ),
        (
            [
                BEGUN,
                Step(1, "UPDATE_COMPLETE", "ConfigSet", "AWS::SES::ConfigurationSet"),
                Step(2, "UPDATE_ROLLBACK_IN_PROGRESS", reason=IN_USE),
                Step(3, "UPDATE_FAILED", "Topic", "AWS::SNS::Topic", "while going back"),
                Step(4, "UPDATE_ROLLBACK_COMPLETE"),
            ],
            f"Stack s3link-sender ended as UPDATE_ROLLBACK_COMPLETE: {IN_USE.rstrip('.')}; "
            "ConfigSetName cannot change while s3link-generator uses it: leave it as it was, "
            "deploy under another --name, or remove this deployment first with `s3link destroy`.",
        ),
        (
            [
                BEGUN,
                Step(1, "UPDATE_FAILED", "Topic", "AWS::SNS::Topic", "Resource update cancelled"),
                Step(2, "UPDATE_ROLLBACK_IN_PROGRESS", reason="User Initiated"),
                Step(3, "UPDATE_ROLLBACK_COMPLETE"),
            ],
            "Stack s3link-sender ended as UPDATE_ROLLBACK_COMPLETE; it is again as it was before; "
            "put the cause right and run `s3link deploy`.",
        ),
    ],
    ids=["create", "update", "stuck", "no resource", "no reason", "export", "cancelled"],
)
def test_the_first_real_failure_is_the_cause(
    aws: ScriptedCloudFormation, clients: ScriptedClients, steps: list[Step], sentence: str
) -> None:
    """What was cancelled because of it is noise; the sentence ends with the next command."""
    aws.has_stack(STACK, "REVIEW_IN_PROGRESS")
    aws.goes_on_with(STACK, *steps)

    history = follow(clients, None)

    assert failure_sentence(DEPLOYMENT, STACK, history) == sentence
