"""S3's access logs without the requests that CloudFormation makes.

moto writes a log line while the request runs, AWS hours later. A stack that deletes a bucket and
the bucket of its access logs would fail each time, because of the lines about the deletion.
"""

from __future__ import annotations

from typing import Any

from moto.s3 import models


class S3Backend(models.S3Backend):
    def log_incoming_request(self, request: Any, bucket_name: str) -> None:
        if request.from_wsgi_server:
            super().log_incoming_request(request, bucket_name)
