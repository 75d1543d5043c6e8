"""Whether EventBridge Scheduler may assume the role of a schedule."""

from __future__ import annotations

import json

from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.iam.policies import lets_service, listed

_SERVICE = "scheduler.amazonaws.com"

NOT_TRUSTED = (
    "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
)


def trusts_schedules(role_arn: str, region: str, group: str) -> bool:
    """Whether the role lets the schedules of that group assume it."""
    try:
        role = iam_backends[LOCAL_ACCOUNT]["aws"].get_role_by_arn(role_arn)
    except NotFoundException:
        return False
    statements = listed(json.loads(role.assume_role_policy_document).get("Statement", []))
    # A trust policy does not say which role it is about.
    policy = {"Statement": [{"Resource": "*", **statement} for statement in statements]}
    source = f"arn:aws:scheduler:{region}:{LOCAL_ACCOUNT}:schedule-group/{group}"
    return lets_service(policy, _SERVICE, "sts:AssumeRole", role_arn, source, LOCAL_ACCOUNT)
