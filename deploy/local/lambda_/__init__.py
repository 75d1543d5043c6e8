"""Lambda in the embedded AWS: functions run as child processes, at once or asynchronously.

Knows nothing of who calls: S3, SNS, schedules and HTTP APIs come here, never the reverse, but for
dead letters, which go to SQS or SNS.
"""
