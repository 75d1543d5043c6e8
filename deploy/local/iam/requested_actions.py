"""What AWS would ask IAM about a call: every action and resource that has to be allowed.

Known are the services that functions call. Of others, the operation on "*": only a statement
about every resource allows it.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from email import message_from_bytes
from email.utils import parseaddr
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.ses.models import ses_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.iam.policies import Request
from deploy.local.wire.requests import Call

_MAIL_PARTS = {"Template": "template", "ConfigurationSetName": "configuration-set"}

# The parts of transactions and batches are asked for like the calls that they stand for.
_TRANSACTION_PARTS = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
_EQUALITY = re.compile(r"([\w#.-]+)\s*=\s*(:\w+)")
_Keys = tuple[str, ...]


def requested(call: Call) -> Iterable[Request]:
    """What has to be allowed, all of it; the context is not complete yet."""
    return _SERVICES.get(call.service, _of_another)(call)


def _of_another(call: Call) -> Iterator[Request]:
    yield Request(call.action, "*")


def _of_cognito(call: Call) -> Iterator[Request]:
    pool = call.text("UserPoolId")
    yield Request(call.action, call.arn(f"userpool/{pool}") if pool else "*")


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
    yield Request(action, call.text("TopicArn") or call.text("TargetArn") or "*")


def _of_sqs(call: Call) -> Iterator[Request]:
    name = call.text("QueueUrl").rpartition("/")[2] or call.text("QueueName")
    yield Request(call.action.removesuffix("Batch"), call.arn(name) if name else "*")


def _of_sts(call: Call) -> Iterator[Request]:
    if call.operation != "GetCallerIdentity":  # nobody needs a permission to learn who they are
        yield Request(call.action, call.text("RoleArn") or "*")


def _of_dynamodb(call: Call) -> Iterator[Request]:
    match call.operation:
        case "TransactWriteItems" | "TransactGetItems":
            enclosing = {"dynamodb:enclosingoperation": call.operation}
            for item in call.parameters.get("TransactItems", []):
                for kind, part in item.items():
                    action = f"dynamodb:{_TRANSACTION_PARTS[kind]}"
                    yield _request(call, action, part, _leading_keys(call, part), enclosing)
        case "BatchWriteItem" | "BatchGetItem":
            for table, batch in call.parameters.get("RequestItems", {}).items():
                keys = tuple(
                    key
                    for part in _batch_parts(batch)
                    for key in _leading_keys(call, {**part, "TableName": table})
                )
                yield _request(call, call.action, {"TableName": table}, keys)
        case _ if "TableName" in call.parameters:
            keys = _leading_keys(call, call.parameters)
            yield _request(call, call.action, call.parameters, keys)
        case _:
            yield Request(call.action, "*")


def _request(
    call: Call,
    action: str,
    part: Mapping[str, Any],
    keys: _Keys,
    more: Mapping[str, str] | None = None,
) -> Request:
    table = str(part.get("TableName", ""))
    arn = table if table.startswith("arn:") else call.arn(f"table/{table}")
    if "IndexName" in part:
        arn = f"{arn}/index/{part['IndexName']}"
    context: dict[str, str | _Keys] = {**(more or {})}
    if keys:
        context["dynamodb:leadingkeys"] = keys
    return Request(action, arn, context)


def _batch_parts(batch: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(batch, dict):  # of a BatchGetItem
        yield from ({"Key": key} for key in batch.get("Keys", []))
    else:
        for write in batch:
            yield from write.values()


def _leading_keys(call: Call, part: Mapping[str, Any]) -> _Keys:
    """The values of the partition key that a part names; none when it is about the whole table."""
    attribute = _partition_key(call, part)
    if attribute is None:
        return ()
    item = part.get("Key") or part.get("Item") or {}
    value = item.get(attribute) or _queried(part, attribute)
    return tuple(str(each) for each in value.values()) if value else ()


def _partition_key(call: Call, part: Mapping[str, Any]) -> str | None:
    name = str(part.get("TableName", "")).rpartition("/")[2]
    table = dynamodb_backends[LOCAL_ACCOUNT][call.region].tables.get(name)
    if table is None:
        return None
    for index in table.all_indexes():
        if index.name == part.get("IndexName"):
            schema = index.schema
            return next(str(k["AttributeName"]) for k in schema if k["KeyType"] == "HASH")
    return str(table.hash_key_attr)


def _queried(part: Mapping[str, Any], attribute: str) -> Mapping[str, Any] | None:
    """The value in `#name = :value` of a query's key condition."""
    names = part.get("ExpressionAttributeNames", {})
    values: Mapping[str, Mapping[str, Any]] = part.get("ExpressionAttributeValues", {})
    for name, value in _EQUALITY.findall(part.get("KeyConditionExpression", "")):
        if names.get(name, name) == attribute:
            return values.get(value)
    return None


_SERVICES: dict[str, Callable[[Call], Iterator[Request]]] = {
    "cognito-idp": _of_cognito,
    "dynamodb": _of_dynamodb,
    "lambda": _of_lambda,
    "logs": _of_logs,
    "ses": _of_ses,
    "sns": _of_sns,
    "sqs": _of_sqs,
    "sts": _of_sts,
}
