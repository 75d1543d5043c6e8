"""Puts the embedded AWS's own services in the place of moto's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import moto.backends
from moto.awslambda.models import lambda_backends
from moto.cognitoidp.models import cognitoidp_backends
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.scheduler.models import scheduler_backends
from moto.ses.models import ses_backends
from moto.sesv2.models import sesv2_backends
from moto.sns.models import sns_backends

from deploy.local.cloudformation.backend import CloudFormationBackend
from deploy.local.cloudformation.registry import Registry
from deploy.local.cloudformation.responses import backends
from deploy.local.cognito.backend import CognitoBackend
from deploy.local.dynamodb.backend import DynamoBackend
from deploy.local.inbox.mailbox import MAILBOX
from deploy.local.lambda_.backend import LambdaBackend
from deploy.local.replacement import replaced
from deploy.local.resource_types import TYPES
from deploy.local.s3.gaps import S3Backend
from deploy.local.scheduler.backend import SchedulerBackend
from deploy.local.ses.backend import SesBackend
from deploy.local.ses.backend_v2 import SesV2Backend
from deploy.local.ses.send_rate import SEND_RATE
from deploy.local.sns.backend import SnsBackend

_OWN: tuple[tuple[Any, type], ...] = (
    (cognitoidp_backends, CognitoBackend),
    (dynamodb_backends, DynamoBackend),
    (lambda_backends, LambdaBackend),
    (s3_backends, S3Backend),
    (scheduler_backends, SchedulerBackend),
    (ses_backends, SesBackend),
    (sesv2_backends, SesV2Backend),
    (sns_backends, SnsBackend),
)

_moto_backend = moto.backends.get_backend


@contextmanager
def installed(endpoint: str = "") -> Iterator[None]:
    """Inside the block the services of `_OWN` and CloudFormation are s3link's own, and empty.

    `endpoint` is where the links in SNS's own mails lead. Afterwards everything is moto's again.
    """
    MAILBOX.clear()
    MAILBOX.endpoint = endpoint
    SEND_RATE.limit(None)
    with ExitStack() as replacing:
        replacing.enter_context(replaced(moto.backends, "get_backend", _get_backend))
        registry = Registry(TYPES)
        replacing.enter_context(replaced(CloudFormationBackend, "registry", registry))
        for services, own in _OWN:
            _empty(services)
            replacing.enter_context(replaced(services, "backend", own))
            replacing.callback(_empty, services)
        yield


def _empty(services: Any) -> None:
    """Forget everything: what the objects of one class keep would live on beside the other's."""
    for account in services.values():
        account.reset()
    services.clear()


def _get_backend(name: Any) -> Any:
    # Asking moto for its own would import every service that its CloudFormation knows: 1.3 s.
    return backends if name == "cloudformation" else _moto_backend(name)
