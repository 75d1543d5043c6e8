"""What `aws login` leaves on a machine is enough for s3link."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.server import EmbeddedAws
from tests.deploy.operator import Operator

SESSION = "arn:aws:iam::123456789012:user/ann"


def logged_in(home: Path, until: datetime) -> None:
    """The file as the aws client writes it, with keys that the embedded AWS accepts."""
    cache = home / ".aws/login/cache"
    cache.mkdir(parents=True)
    token = {
        "accessToken": {
            "accessKeyId": LOCAL_ACCESS_KEY,
            "secretAccessKey": LOCAL_SECRET_KEY,
            "sessionToken": "token",
            "accountId": "123456789012",
            "expiresAt": f"{until:%Y-%m-%dT%H:%M:%SZ}",
        },
        "refreshToken": "verysecret",
        "clientId": "arn:aws:signin:::devtools/same-device",
        "dpopKey": "-----BEGIN EC PRIVATE KEY-----\nverysecret\n-----END EC PRIVATE KEY-----",
    }
    (cache / f"{sha256(SESSION.encode()).hexdigest()}.json").write_text(json.dumps(token))


def profile_for(operator: Operator, aws: EmbeddedAws) -> None:
    (operator.config.parent / ".aws/config").write_text(
        f"[profile ops]\nlogin_session = {SESSION}\nendpoint_url = {aws.endpoint}\n"
    )


def test_a_session_is_used(embedded_aws: EmbeddedAws, operator: Operator) -> None:
    """Nothing but s3link's own dependencies is needed for it."""
    logged_in(operator.config.parent, datetime.now(UTC) + timedelta(hours=1))
    profile_for(operator, embedded_aws)

    ran = operator.s3link("status --profile ops")

    assert ran.error.startswith('Nothing is deployed under the name "s3link"')


def test_a_session_that_cannot_be_renewed(embedded_aws: EmbeddedAws, operator: Operator) -> None:
    """The sentence has the next command, and nothing of the file's."""
    logged_in(operator.config.parent, datetime.now(UTC) - timedelta(hours=1))
    profile_for(operator, embedded_aws)

    ran = operator.s3link("status --profile ops")

    assert ran.error == (
        'The session of profile "ops" in ~/.aws/config has ended; run `aws login --profile ops`, '
        "then repeat the command."
    )
