"""What moto's own notifications lack; once one of these fails, moto has closed the gap."""

from __future__ import annotations

import json

import boto3
from moto import mock_aws
from moto.s3 import notifications as moto_notifications
from moto.s3.models import s3_backends

from deploy.local import LOCAL_ACCOUNT


@mock_aws
def test_moto_still_leaves_fields_out() -> None:
    """Once moto's events have sequencer and versionId, delete s3_event in notifications.py."""
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="exchange")
    s3.put_bucket_versioning(Bucket="exchange", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="exchange", Key="a/b", Body=b"")
    bucket = s3_backends[LOCAL_ACCOUNT]["aws"].buckets["exchange"]

    event = moto_notifications._get_s3_event(
        "s3:ObjectCreated:Put", bucket, bucket.keys["a/b"], "id"
    )

    assert set(event["Records"][0]["s3"]["object"]) == {"key", "size", "eTag"}


@mock_aws
def test_moto_still_announces_a_multipart_upload_twice() -> None:
    """Once moto tells of a multipart upload once, HoldNotifications need not drop the first."""
    s3 = boto3.client("s3", region_name="us-east-1")
    sqs = boto3.client("sqs", region_name="us-east-1")
    queue = sqs.create_queue(QueueName="events")["QueueUrl"]
    s3.create_bucket(Bucket="exchange")
    configuration = {
        "QueueArn": f"arn:aws:sqs:us-east-1:{LOCAL_ACCOUNT}:events",
        "Events": ["s3:ObjectCreated:*"],
    }
    s3.put_bucket_notification_configuration(
        Bucket="exchange", NotificationConfiguration={"QueueConfigurations": [configuration]}
    )
    upload = s3.create_multipart_upload(Bucket="exchange", Key="key")["UploadId"]
    part = s3.upload_part(
        Bucket="exchange", Key="key", PartNumber=1, UploadId=upload, Body=b"12345"
    )
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}

    s3.complete_multipart_upload(
        Bucket="exchange", Key="key", UploadId=upload, MultipartUpload=parts
    )

    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    bodies = [json.loads(message["Body"]) for message in messages]
    names = sorted(body["Records"][0]["eventName"] for body in bodies if "Records" in body)
    assert names == ["ObjectCreated:CompleteMultipartUpload", "ObjectCreated:Put"]


@mock_aws
def test_moto_still_tells_before_the_metadata_is_stored() -> None:
    """Once moto notifies after the object is complete, delete HoldNotifications."""
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="exchange")
    bucket = s3_backends[LOCAL_ACCOUNT]["aws"].buckets["exchange"]
    seen: list[dict[str, str]] = []

    class Configuration:
        """Looks at the object when moto asks whom to tell."""

        queue: tuple[()] = ()
        topic: tuple[()] = ()
        event_bridge = None

        @property
        def cloud_function(self) -> tuple[()]:
            seen.append(dict(bucket.keys["key"].metadata))
            return ()

    bucket.notification_configuration = Configuration()

    s3.put_object(Bucket="exchange", Key="key", Body=b"", Metadata={"recipients": "bob"})

    assert "x-amz-meta-recipients" not in seen[0]
