"""DynamoDB under many callers at once: calls wait for each other, and transactions are whole.

moto copies whole tables for a transaction, without a lock: twins crash or undo what others wrote
meanwhile. It also forgets the token that makes a repeated transaction harmless.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Mapping, Sequence
from threading import RLock
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb import models, responses
from moto.dynamodb import urls as moto_urls
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import (
    ConditionalCheckFailed,
    DynamodbException,
    MultipleTransactionsException,
    TooManyTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
)

_TRANSACTION_LIMIT = 100  # operations, DynamoDB's limit
_TOKEN_LIFE = 600.0  # seconds that DynamoDB remembers a ClientRequestToken

_ERRORS = "com.amazonaws.dynamodb.v20120810#"


class IdempotentParameterMismatch(DynamodbException):
    """A ClientRequestToken came a second time, with another transaction."""

    def __init__(self) -> None:
        super().__init__(
            f"{_ERRORS}IdempotentParameterMismatchException",
            "The request uses the same client token as a previous, but non-identical request.",
        )


class DynamoBackend(models.DynamoDBBackend):
    """moto's DynamoDB with transactions of its own. Use it under `lock`."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lock = RLock()
        # By ClientRequestToken: what the transaction was, and when it was done.
        self._done: dict[str, tuple[str, float]] = {}

    @property
    def _url_module(self) -> Any:
        return _Urls

    def is_done(self, token: str, items: Sequence[Mapping[str, Any]]) -> bool:
        """Whether this very transaction was written already; another one's token is an error."""
        done, since = self._done.get(token, ("", -math.inf))
        if time.monotonic() - since > _TOKEN_LIFE:
            return False
        if done != repr(items):
            raise IdempotentParameterMismatch
        return True

    def remember(self, token: str, items: Sequence[Mapping[str, Any]]) -> None:
        now = time.monotonic()
        self._done = {
            known: (done, since)
            for known, (done, since) in self._done.items()
            if now - since <= _TOKEN_LIFE
        }
        self._done[token] = (repr(items), now)

    def transact_write_items(self, transact_items: Sequence[Mapping[str, Any]]) -> None:
        if len(transact_items) > _TRANSACTION_LIMIT:
            raise TooManyTransactionsException
        operations = [_Operation(self, item) for item in transact_items]
        if len({operation.identity for operation in operations}) < len(operations):
            raise MultipleTransactionsException
        reasons = [operation.refusal() for operation in operations]
        if any(code for code, _, _ in reasons):
            raise TransactionCanceledException(reasons)
        try:
            for operation in operations:
                operation.write()
        except Exception:
            for operation in operations:
                operation.undo()
            raise


class _Operation:
    """One part of a transaction, and the item as it was before."""

    def __init__(self, backend: DynamoBackend, item: Mapping[str, Any]) -> None:
        if len(item) != 1:
            raise TransactWriteSingleOpException
        [(self._kind, self._given)] = item.items()
        self._backend = backend
        self._table = backend.get_table(self._given["TableName"])
        self._key = {
            name: value
            for name, value in self._given.get("Key", self._given.get("Item", {})).items()
            if "Key" in self._given or name in self._table.table_key_attrs
        }
        self._before = copy.deepcopy(backend.get_item(self._table.name, self._key))

    @property
    def identity(self) -> tuple[str, str]:
        return self._table.name, repr(sorted(self._key.items()))

    def refusal(self) -> tuple[str | None, str | None, Any]:
        """Why its condition does not hold: code, message and, when asked for, the item."""
        condition = get_filter_expression(
            self._given.get("ConditionExpression"), *self._names_and_values
        )
        if condition.expr(self._before):
            return None, None, None
        wanted = self._given.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        item = self._before.to_json()["Attributes"] if wanted and self._before else None
        return "ConditionalCheckFailed", ConditionalCheckFailed().message, item

    def write(self) -> None:
        names, values = self._names_and_values
        if self._kind == "Put":
            self._backend.put_item(self._table.name, self._given["Item"], overwrite=True)
        elif self._kind == "Delete":
            self._backend.delete_item(self._table.name, self._key)
        elif self._kind == "Update":
            expression = self._given["UpdateExpression"]
            self._backend.update_item(
                self._table.name,
                self._key,
                update_expression=expression,
                expression_attribute_names=names,
                expression_attribute_values=values,
            )

    def undo(self) -> None:
        self._backend.delete_item(self._table.name, self._key)
        if self._before:
            attributes = self._before.to_json()["Attributes"]
            self._backend.put_item(self._table.name, attributes, overwrite=True)

    @property
    def _names_and_values(self) -> tuple[dict[str, Any], dict[str, Any]]:
        given = self._given
        return (
            given.get("ExpressionAttributeNames") or {},
            given.get("ExpressionAttributeValues") or {},
        )


class DynamoResponse(responses.DynamoHandler):
    """moto's DynamoDB API, one call after another."""

    def call_action(self) -> Any:
        with self.dynamodb_backend.lock:
            return super().call_action()

    def transact_write_items(self) -> ActionResult:
        token, items = self.body.get("ClientRequestToken"), self.body["TransactItems"]
        backend = self.dynamodb_backend
        if token and backend.is_done(token, items):
            return ActionResult({})
        answer = super().transact_write_items()
        if token:
            backend.remember(token, items)
        return answer


class _Urls:
    """Where moto finds a service's routes."""

    url_bases = moto_urls.url_bases
    url_paths: Mapping[str, Any] = {"{0}/": DynamoResponse.dispatch}
