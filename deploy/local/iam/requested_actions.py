"""What AWS would ask IAM about a call: every action and resource that has to be allowed.

Known are the services that functions and the tool call. Of others, the operation on "*": only a
statement about every resource allows it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from email import message_from_bytes
from email.utils import parseaddr

from moto.cognitoidp.models import cognitoidp_backends
from moto.ses.models import ses_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.iam.policies import Request
from deploy.local.iam.requested_dynamodb import requested_of_dynamodb
from deploy.local.wire.requests import Call

_MAIL_PARTS = {"Template": "template", "ConfigurationSetName": "configuration-set"}


def requested(call: Call) -> Iterable[Request]:
    """What has to be allowed, all of it; the context is not complete yet."""
    return _SERVICES.get(call.service, _of_another)(call)


def _of_another(call: Call) -> Iterator[Request]:
    yield Request(call.action, "*")


def _of_acm(call: Call) -> Iterator[Request]:
    yield Request(call.action, call.text("CertificateArn") or "*")


def _of_apigateway(call: Call) -> Iterator[Request]:
    """API Gateway's actions are methods, its resources paths without the version of its API."""
    method, _, path = call.operation.partition(" /v2")
    arn = f"arn:aws:apigateway:{call.region}::{path}"
    yield Request(f"apigateway:{method}", arn) if path else Request(call.action, "*")


def _of_cloudformation(call: Call) -> Iterator[Request]:
    """About a stack, or about all. Whoever names a role hands it to CloudFormation."""
    name = call.text("StackName") or call.text("ChangeSetName")
    stack = name if name.startswith("arn:") else call.arn(f"stack/{name}/*")
    yield Request(call.action, stack if name else "*")
    role = call.text("RoleARN")
    if role:
        to_cloudformation = {"iam:passedtoservice": "cloudformation.amazonaws.com"}
        yield Request("iam:PassRole", role, to_cloudformation)


def _of_cloudwatch(call: Call) -> Iterator[Request]:
    name = call.text("DashboardName")
    arn = f"arn:aws:cloudwatch::{LOCAL_ACCOUNT}:dashboard/{name}"
    yield Request(call.action, arn if name else "*")


def _of_cognito(call: Call) -> Iterator[Request]:
    """About a pool, whose tags conditions may ask for."""
    name = call.text("UserPoolId")
    pool = cognitoidp_backends[LOCAL_ACCOUNT][call.region].user_pools.get(name)
    tags = pool.extended_config.get("UserPoolTags", {}) if pool else {}
    context = {f"aws:resourcetag/{key.lower()}": value for key, value in tags.items()}
    yield Request(call.action, call.arn(f"userpool/{name}") if name else "*", context)


def _of_iam(call: Call) -> Iterator[Request]:
    role = call.text("RoleName")
    yield Request(call.action, f"arn:aws:iam::{LOCAL_ACCOUNT}:role/{role}" if role else "*")


def _of_lambda(call: Call) -> Iterator[Request]:
    name = call.text("FunctionName")
    action = "lambda:InvokeFunction" if call.operation.startswith("Invoke") else call.action
    arn = name if name.startswith("arn:") else call.arn(f"function:{name}")
    yield Request(action, arn if name else "*")


def _of_logs(call: Call) -> Iterator[Request]:
    group, stream = call.text("logGroupName"), call.text("logStreamName")
    yield Request(call.action, log_arn(call.region, group, stream) if group else "*")


def log_arn(region: str, group: str, stream: str = "") -> str:
    """CloudWatch Logs asks for the stream even where there is none."""
    return f"arn:aws:logs:{region}:{LOCAL_ACCOUNT}:log-group:{group}:log-stream:{stream}"


def _of_route53(call: Call) -> Iterator[Request]:
    zone = call.text("HostedZoneId") or call.text("Id")
    yield Request(call.action, f"arn:aws:route53:::hostedzone/{zone}" if zone else "*")


def _of_scheduler(call: Call) -> Iterator[Request]:
    """About a schedule or a group. Whoever names a role hands it to EventBridge Scheduler."""
    name = call.text("Name")
    group = call.text("GroupName") or call.text("groupName") or "default"
    about_group = call.operation.endswith("ScheduleGroup")
    arn = call.arn(f"schedule-group/{name}" if about_group else f"schedule/{group}/{name}")
    yield Request(call.action, arn if name else "*")
    target = call.parameters.get("Target")
    if isinstance(target, dict) and target.get("RoleArn"):
        to_scheduler = {"iam:passedtoservice": "scheduler.amazonaws.com"}
        yield Request("iam:PassRole", str(target["RoleArn"]), to_scheduler)


def _of_ses(call: Call) -> Iterator[Request]:
    """SES asks about everything that a mail is made with, each time with its sender."""
    source = call.text("Source") or _from_of_raw_mail(call)
    name, sender = parseaddr(source)
    if not sender:
        yield from _of_another(call)
        return
    context = {"ses:fromaddress": sender, "ses:fromdisplayname": name}
    yield Request(call.action, call.arn(f"identity/{_identity(call, sender)}"), context)
    for parameter, kind in _MAIL_PARTS.items():
        if call.text(parameter):
            yield Request(call.action, call.arn(f"{kind}/{call.text(parameter)}"), context)


def _from_of_raw_mail(call: Call) -> str:
    raw = base64.b64decode(call.text("RawMessage.Data"))
    return str(message_from_bytes(raw).get("From", ""))


def _identity(call: Call, sender: str) -> str:
    """The verified identity that a sender uses: the address, or the nearest domain above it."""
    identities = ses_backends[LOCAL_ACCOUNT][call.region].email_identities
    domain = sender.rpartition("@")[2].lower()
    labels = domain.split(".")
    domains = [".".join(labels[number:]) for number in range(len(labels))]
    return next((name for name in (sender, *domains) if name in identities), sender)


def _of_sns(call: Call) -> Iterator[Request]:
    action = "sns:Publish" if call.operation == "PublishBatch" else call.action
    subscription = call.text("SubscriptionArn")
    topic = call.text("TopicArn") or call.text("TargetArn") or subscription
    new = call.text("Name") if call.operation == "CreateTopic" else ""
    yield Request(action, topic or (call.arn(new) if new else "*"))


def _of_sqs(call: Call) -> Iterator[Request]:
    name = call.text("QueueUrl").rpartition("/")[2] or call.text("QueueName")
    yield Request(call.action.removesuffix("Batch"), call.arn(name) if name else "*")


def _of_sts(call: Call) -> Iterator[Request]:
    if call.operation != "GetCallerIdentity":  # nobody needs a permission to learn who they are
        yield Request(call.action, call.text("RoleArn") or "*")


_SERVICES: dict[str, Callable[[Call], Iterator[Request]]] = {
    "acm": _of_acm,
    "apigateway": _of_apigateway,
    "cloudformation": _of_cloudformation,
    "cloudwatch": _of_cloudwatch,
    "cognito-idp": _of_cognito,
    "dynamodb": requested_of_dynamodb,
    "iam": _of_iam,
    "lambda": _of_lambda,
    "logs": _of_logs,
    "route53": _of_route53,
    "scheduler": _of_scheduler,
    "ses": _of_ses,
    "sns": _of_sns,
    "sqs": _of_sqs,
    "sts": _of_sts,
}
