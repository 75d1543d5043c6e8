"""Tells functions about new objects, as S3 does: in an event, after the object is complete.

moto invokes the function inside PutObject, before it has stored the object's metadata, and
announces a multipart upload twice. Its events lack versionId and sequencer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4

from moto.s3 import notifications as moto_notifications

from deploy.local import LOCAL_HOST
from deploy.local.lambda_.asynchronous import AsynchronousInvocations
from deploy.local.replacement import replaced
from deploy.local.wire.replies import WsgiApp

_EVENT_VERSION = "2.5"
_NO_VERSION = "null"  # the version id of an object in a bucket without versioning


@dataclass(frozen=True)
class Notification:
    """One event on its way to one function."""

    account: str
    region: str
    function: str
    event: dict[str, Any]

    @property
    def subject(self) -> tuple[str, ...]:
        """Whom the event goes to, and what happened to which object."""
        record = self.event["Records"][0]
        kind = record["eventName"].split(":")[0]
        described = record["s3"]["object"]
        version = described.get("versionId", _NO_VERSION)
        return self.function, kind, record["s3"]["bucket"]["name"], described["key"], version


# What the request that is being served has to tell; None outside of a request.
_held: ContextVar[list[Notification] | None] = ContextVar("held", default=None)


class HoldNotifications:
    """WSGI: notifications of a request leave once moto has finished with it."""

    def __init__(self, app: WsgiApp, queue: AsynchronousInvocations) -> None:
        self._app = app
        self._queue = queue

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        held: list[Notification] = []
        before = _held.set(held)
        try:
            return self._app(environ, start_response)
        finally:
            _held.reset(before)
            # The last one about an object is the true one: moto announces a multipart upload
            # as Put and then as CompleteMultipartUpload.
            for notification in {each.subject: each for each in held}.values():
                _deliver(notification, self._queue)


@contextmanager
def notifications_delivered(queue: AsynchronousInvocations) -> Iterator[None]:
    """Inside the block, what S3 has to tell a function goes to `queue`."""

    def invoke(account: str, event: dict[str, Any], function: str, region: str) -> None:
        notification = Notification(account, region, function, event)
        held = _held.get()
        if held is None:
            _deliver(notification, queue)
        else:
            held.append(notification)

    with (
        replaced(moto_notifications, "_get_s3_event", s3_event),
        replaced(moto_notifications, "_invoke_awslambda", invoke),
    ):
        yield


def _deliver(notification: Notification, queue: AsynchronousInvocations) -> None:
    payload = json.dumps(notification.event).encode()
    queue.accept(notification.account, notification.region, notification.function, payload)


def s3_event(event_name: str, bucket: Any, key: Any, notification_id: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html"""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    content: dict[str, Any] = {
        "key": quote_plus(key.name, safe="/"),
        "size": key.size,
        "eTag": key.etag.strip('"'),
    }
    if key.version_id != _NO_VERSION:
        content["versionId"] = key.version_id
    content["sequencer"] = _sequencer.next()
    record = {
        "eventVersion": _EVENT_VERSION,
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": now,
        "eventName": event_name.removeprefix("s3:"),
        "userIdentity": {"principalId": "AWS:s3link-local"},
        "requestParameters": {"sourceIPAddress": LOCAL_HOST},
        "responseElements": {
            "x-amz-request-id": uuid4().hex[:16].upper(),
            "x-amz-id-2": uuid4().hex,
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": notification_id,
            "bucket": {
                "name": bucket.name,
                "ownerIdentity": {"principalId": bucket.account_id},
                "arn": bucket.arn,
            },
            "object": content,
        },
    }
    return {"Records": [record]}


class _Sequencer:
    """Hexadecimal numbers that grow with each event, also within one tick of the clock."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0

    def next(self) -> str:
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            return f"{self._last:018X}"


_sequencer = _Sequencer()
