"""An account with a dead-letter queue whose messages, functions and faults a test decides on."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from deploy.aws.polling import Poll
from deploy.deployment import Deployment
from deploy.dlq.pace import Timing
from deploy.lambda_packages import COPY_OF, Family, copy_mark

BUCKET = "s3link-123456789012-eu-west-1"
DEPLOYMENT = Deployment("s3link", "123456789012", "eu-west-1", {})
START = datetime(2026, 11, 25, 6, 58, 1, tzinfo=UTC)
_HIDDEN_FOR_LONG = 43_200  # seconds, the longest that SQS hides a message


def upload_event(*keys: str, bucket: str = BUCKET) -> str:
    """What S3 says about files that arrived."""
    records = [
        {
            "eventSource": "aws:s3",
            "eventTime": "2026-11-25T06:55:00.123Z",
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": bucket}, "object": {"key": key, "versionId": "v1"}},
        }
        for key in keys
    ]
    return json.dumps({"Records": records})


def mail_event(kind: str, *recipients: str) -> str:
    """What SES says about a mail, as SNS passes it on."""
    message = {"eventType": kind, "mail": {"destination": recipients}, "bounce": {"secret": "s"}}
    sns = {"Message": json.dumps(message), "Timestamp": "2026-11-25T06:56:00.000Z"}
    return json.dumps({"Records": [{"EventSource": "aws:sns", "Sns": sns}]})


def portal_event(task: str, **rest: object) -> str:
    """What LinkMailer was to do."""
    return json.dumps({"task": task, **rest})


def refusal(code: str, operation: str, status: int = 400) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": ""},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, operation)


class Clock:
    """Seconds that pass only when somebody sleeps or works."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Queue:
    """SQS as it behaves: no order, a message twice at times, a new handle for each receipt."""

    def __init__(self, clock: Clock) -> None:
        self.messages: dict[str, dict[str, Any]] = {}
        self.hidden_until: dict[str, float] = {}
        self.gives_each_twice = False
        self.empty_answers = 0
        self.refuses_to_hide: Exception | None = None
        self.refuses_to_delete: list[Exception] = []
        self.while_deleting: Callable[[], None] = lambda: None
        self.call_seconds = 0.0
        self.counts_are_of: tuple[int, int] | None = None
        self.most_hidden = 120_000  # SQS's limit
        self._clock = clock
        self._receipts = 0
        self._handles: dict[str, str] = {}

    def put(self, body: str, error: str = "SES is away.", name: str = "") -> str:
        """A message that arrives a second after the one before; gives its id."""
        number = len(self.messages) + 1
        message_id = name or f"{number:08x}-0d05-44dd-b816-98b82f18e86f"
        sent = START + timedelta(seconds=number)
        self.messages[message_id] = {
            "MessageId": message_id,
            "Body": body,
            "Attributes": {"SentTimestamp": str(int(sent.timestamp() * 1000))},
            "MessageAttributes": {
                "ErrorMessage": {"StringValue": error},
                "ErrorCode": {"StringValue": "200"},
                "RequestID": {"StringValue": f"request-{number}"},
            },
        }
        self.hidden_until[message_id] = 0
        return message_id

    @property
    def visible(self) -> list[str]:
        """What anybody would see now."""
        return [one for one in self.messages if self.hidden_until[one] <= self._clock.now]

    def is_taken_by_somebody_else(self, message_id: str) -> None:
        self._receive(message_id)
        self.hidden_until[message_id] = self._clock.now + _HIDDEN_FOR_LONG

    # What the tool calls.

    def receive_message(self, **request: Any) -> dict[str, Any]:
        self._clock.sleep(self.call_seconds)
        if self.empty_answers and self.visible:
            self.empty_answers -= 1
            return {}
        room = self.most_hidden - (len(self.messages) - len(self.visible))
        most = min(request["MaxNumberOfMessages"], room)
        given = []
        for message_id in islice(self._visible_ones(), most):
            self._receive(message_id)
            if not self.gives_each_twice or self._receipts % 2 == 0:
                self.hidden_until[message_id] = self._clock.now + request["VisibilityTimeout"]
            given.append(dict(self.messages[message_id]))
        return {"Messages": given} if given else {}

    def change_message_visibility_batch(self, **request: Any) -> dict[str, Any]:
        self._clock.sleep(self.call_seconds)
        if self.refuses_to_hide:
            raise self.refuses_to_hide
        done = []
        for entry in request["Entries"]:
            message_id = self._held(entry["ReceiptHandle"])
            if message_id:
                self.hidden_until[message_id] = self._clock.now + entry["VisibilityTimeout"]
                done.append({"Id": entry["Id"]})
        return {"Successful": done}

    def delete_message(self, **request: Any) -> None:
        self._clock.sleep(self.call_seconds)
        if self.refuses_to_delete:
            raise self.refuses_to_delete.pop(0)
        message_id = self._held(request["ReceiptHandle"])
        assert message_id, "the message is in other hands"
        self.while_deleting()
        del self.messages[message_id]

    def get_queue_attributes(self, **request: Any) -> dict[str, Any]:
        self._clock.sleep(self.call_seconds)
        seen = len(self.visible)
        visible, hidden = self.counts_are_of or (seen, len(self.messages) - seen)
        counts = {
            "ApproximateNumberOfMessages": visible,
            "ApproximateNumberOfMessagesNotVisible": hidden,
        }
        return {"Attributes": {name: str(counts[name]) for name in request["AttributeNames"]}}

    def _visible_ones(self) -> Iterator[str]:
        """The newest first, so that nobody takes their order for granted."""
        hidden_until, now = self.hidden_until, self._clock.now
        return (one for one in reversed(self.messages) if hidden_until[one] <= now)

    def _receive(self, message_id: str) -> None:
        self._receipts += 1
        handle = f"receipt {self._receipts}"
        self.messages[message_id]["ReceiptHandle"] = handle
        self._handles[handle] = message_id

    def _held(self, handle: str) -> str | None:
        message_id = self._handles.get(handle, "")
        is_latest = self.messages.get(message_id, {}).get("ReceiptHandle") == handle
        is_hidden = self.hidden_until.get(message_id, 0) > self._clock.now
        return message_id if is_latest and is_hidden else None


class Account:
    """Stands for the clients; the functions do what `answers` says for a file, else all is well."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.sqs = Queue(self.clock)
        self.invoked: list[tuple[str, str, float]] = []
        self.events: list[dict[str, Any]] = []
        self.answers: dict[str, Any] = {}
        self.revoked: dict[str, list[str]] = {}
        self.not_yet = ""
        self.busy: list[Exception] = []
        self.run_seconds = 0.0
        self.recipients: dict[str, str] = {}
        self.senders: dict[str, str] = {}
        self.gone: set[str] = set()
        self.contents: dict[str, bytes] = {}
        self.shares: dict[str, str] = {}
        self.prolonged: set[str] = set()
        self.quota = {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 0.0}
        self.outputs = {
            "FileExchangeBucketName": BUCKET,
            "DeadLetterQueueUrl": "https://sqs/letters",
            "LinkGeneratorName": "LinkGenerator",
            "FateRecorderName": "FateRecorder",
        }
        self.outputs_of_portal: dict[str, str] = {}
        self.cloudformation = self.s3 = self.ses = self.waiting_lambda = self

    @property
    def timing(self) -> Timing:
        return Timing(Poll(self.clock.sleep, lambda: 1.0), self.clock, self.clock.sleep)

    def uploads(self, *keys: str) -> list[str]:
        """Their events wait in the queue, each in a message of its own; gives the ids."""
        return [self.sqs.put(upload_event(key)) for key in keys]

    def fails(self, key: str, sentence: str) -> None:
        """LinkGenerator raises for this file."""
        self.answers[key] = {"errorMessage": sentence, "errorType": "MailError"}

    def does(self, key: str, deed: Callable[[], None]) -> None:
        """Something happens while LinkGenerator works on this file."""
        self.answers[key] = deed

    def says(self, key: str, outcome: str) -> None:
        self.answers[key] = outcome

    @property
    def replayed(self) -> list[str]:
        """The files of the events, in the order in which functions got them."""
        return [key for _, key, _ in self.invoked]

    # What the tool calls.

    def describe_stacks(self, **request: Any) -> dict[str, Any]:
        parameters = {
            "EmailSender": "links@example.com",
            "EmailRecipient": "bob@example.com",
            "AuthorizedRecipients": "@example.com",
            "ExchangableObjectsTTL": "1",
            "LinkExpirationPeriod": "18000",
            "LogsTTL": "90",
        }
        is_portal = request["StackName"].endswith("-portal")
        outputs = self.outputs_of_portal if is_portal else self.outputs
        stack = {
            "StackName": request["StackName"],
            "StackId": request["StackName"],
            "StackStatus": "CREATE_COMPLETE",
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in parameters.items()
            ],
            "Outputs": [
                {"OutputKey": name, "OutputValue": value} for name, value in outputs.items()
            ],
        }
        return {"Stacks": [stack]}

    def head_object(self, **request: Any) -> dict[str, Any]:
        self.clock.sleep(self.sqs.call_seconds)
        key = request["Key"]
        if key in self.gone:
            raise refusal("404", "HeadObject", 404)
        said = {
            "recipients": self.recipients,
            "sender": self.senders,
            "s3link-share": self.shares,
        }
        named = {name: values[key] for name, values in said.items() if key in values}
        version = request.get("VersionId", "v1")
        if key in self.prolonged and version == "v1":
            named[COPY_OF] = copy_mark("v0", START, Family("v0", START))
        return {"ContentLength": 1, "LastModified": START, "VersionId": version, "Metadata": named}

    def get_object(self, **request: Any) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.contents[request["Key"]])}

    def list_object_versions(self, **request: Any) -> dict[str, Any]:
        key = request["Prefix"]
        earlier = {"Key": key, "VersionId": "v0", "ETag": "", "Size": 1, "LastModified": START}
        return {"Versions": [earlier] if key in self.prolonged else []}

    def get_send_quota(self) -> dict[str, float]:
        return self.quota

    def invoke(self, **request: Any) -> dict[str, Any]:
        if self.busy:
            raise self.busy.pop(0)
        event = json.loads(request["Payload"])
        record = event["Records"][0] if "Records" in event else {}
        key = (
            event.get("task")
            or event.get("gathered")
            or (record["s3"]["object"]["key"] if "s3" in record else record["Sns"]["Message"])
        )
        self.invoked.append((request["FunctionName"], key, self.clock.now))
        self.events.append(event)
        self.clock.sleep(self.run_seconds)
        answer = self.answers.get(key, "mailed")
        if callable(answer):
            answer()
            answer = "mailed"
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, dict):
            return {"FunctionError": "Unhandled", "Payload": _stream(answer)}
        upload = {"file": key, "version": "v1", "outcome": answer}
        if key in self.revoked:
            upload["revoked"] = self.revoked[key]
        outcome = {"uploads": [upload]}
        task = {"notYet": self.not_yet} if self.not_yet else None
        return {"Payload": _stream(outcome if "s3" in record else task)}


def _stream(payload: Any) -> io.BytesIO:
    return io.BytesIO(json.dumps(payload).encode())
