"""Puts an event that Lambda has given up where the function's DeadLetterConfig says.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from deploy.local.iam.role_policies import check_role
from deploy.local.in_process import clients
from deploy.local.lambda_.metrics import put_metrics

_MESSAGE_LIMIT = 1024  # bytes of the error message that Lambda passes on

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """Why an event was given up: Lambda's own status code, and what the function's error said."""

    request_id: str
    code: int
    message: str

    def attributes(self) -> dict[str, Any]:
        message = self.message.encode()[:_MESSAGE_LIMIT].decode("utf-8", "ignore")
        return {
            "RequestID": {"DataType": "String", "StringValue": self.request_id},
            "ErrorCode": {"DataType": "Number", "StringValue": str(self.code)},
            # An attribute cannot be empty.
            "ErrorMessage": {"DataType": "String", "StringValue": message or " "},
        }


def send_to_dead_letters(function: Any, target: str, payload: bytes, failure: Failure) -> None:
    """Send the original event to `target`, the ARN of a queue or a topic."""
    aws = clients(function.region)
    body, attributes = payload.decode(), failure.attributes()
    try:
        is_topic = target.split(":")[2] == "sns"
        check_role(function.role, "sns:Publish" if is_topic else "sqs:SendMessage", target)
        if is_topic:
            aws.sns.publish(TopicArn=target, Message=body, MessageAttributes=attributes)
        else:
            queue = aws.sqs.get_queue_url(QueueName=target.split(":")[-1])["QueueUrl"]
            aws.sqs.send_message(QueueUrl=queue, MessageBody=body, MessageAttributes=attributes)
    except Exception:
        put_metrics(function, DeadLetterErrors=1)
        _log.exception("An event of %s could not be dead-lettered.", function.function_name)
