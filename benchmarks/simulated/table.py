"""DynamoDB's table in memory, quick: each expression is read once, rows hold plain values.

Two transactions that touch one row at the same time end as they do in DynamoDB: the later one is
cancelled with TransactionConflict.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

Row = dict[str, Any]
_Condition = Callable[[Row, Mapping[str, str], Mapping[str, Any]], bool]

_CLAUSE = re.compile(r"(SET|REMOVE|ADD) (.*?)(?= SET | REMOVE | ADD |$)")
_KEPT = re.compile(r"if_not_exists\((#\w+), (:\w+)\)")
_WORDS = re.compile(
    r"(?P<absent>attribute_not_exists\((?P<name>#\w+)\))"
    r"|(?P<compared>(?P<left>#\w+) (?P<operator>=|<=|<) (?P<right>:\w+))"
    r"|(?P<word>AND|OR|[() ])"
)


class QuickTable:
    """What a DynamoDB client answers. `busy` says whether another call holds a row just now."""

    def __init__(self, busy: Callable[[str], bool] = lambda _key: False) -> None:
        self.rows: dict[str, Row] = {}
        self._busy = busy

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        updates = [item["Update"] for item in TransactItems]
        reasons = [self._reason(update) for update in updates]
        if any(reason["Code"] != "None" for reason in reasons):
            answer: Any = {
                "Error": {"Code": "TransactionCanceledException"},
                "CancellationReasons": reasons,
            }
            raise ClientError(answer, "TransactWriteItems")
        for update in updates:
            self._apply(update)
        return {}

    def update_item(self, **_parameters: Any) -> dict[str, Any]:
        raise NotImplementedError("LinkGenerator writes transactions only")

    def _reason(self, update: Mapping[str, Any]) -> dict[str, Any]:
        key = _plain(next(iter(update["Key"].values())))
        if self._busy(key):
            return {"Code": "TransactionConflict"}
        text = update.get("ConditionExpression")
        row = self.rows.get(key, {})
        if not text or _condition(text)(
            row, update["ExpressionAttributeNames"], update["ExpressionAttributeValues"]
        ):
            return {"Code": "None"}
        return {"Code": "ConditionalCheckFailed", **({"Item": _typed(row)} if row else {})}

    def _apply(self, update: Mapping[str, Any]) -> None:
        names, values = update["ExpressionAttributeNames"], update["ExpressionAttributeValues"]
        [(key_name, key)] = update["Key"].items()
        row = self.rows.setdefault(_plain(key), {key_name: _plain(key)})
        for verb, name, value in _steps(update["UpdateExpression"]):
            name = names[name]
            if verb == "SET":
                row[name] = _plain(values[value])
            elif verb == "KEEP":
                row.setdefault(name, _plain(values[value]))
            elif verb == "ADD":
                row[name] = row.get(name, 0) + _plain(values[value])
            else:
                row.pop(name, None)


@cache
def _steps(expression: str) -> list[tuple[str, str, str]]:
    """What an update does, in its order: verb, and placeholders of name and value."""
    steps = []
    for verb, body in _CLAUSE.findall(expression):
        for part in re.split(r", (?=#)", body):
            name, _, value = part.replace(" = ", " ").partition(" ")
            kept = _KEPT.fullmatch(value)
            steps.append(("KEEP", kept[1], kept[2]) if kept else (verb, name, value))
    return steps


@cache
def _condition(text: str) -> _Condition:
    """The condition as Python. An attribute that is not there compares with nothing."""
    source, end = "", 0
    for match in _WORDS.finditer(text):
        if match.start() != end:
            break
        end = match.end()
        if match["absent"]:
            source += f"(names['{match['name']}'] not in row)"
        elif match["compared"]:
            operator = "==" if match["operator"] == "=" else match["operator"]
            name = f"names['{match['left']}']"
            value = f"plain(values['{match['right']}'])"
            source += f"({name} in row and row[{name}] {operator} {value})"
        else:
            source += match["word"].lower()
    if end != len(text):
        raise ValueError(f"cannot read the condition {text!r}")
    compiled: _Condition = eval(f"lambda row, names, values: {source}", {"plain": _plain})  # noqa: S307 - built from the words above only
    return compiled


def _plain(value: Mapping[str, Any]) -> Any:
    [(kind, content)] = value.items()
    return int(content) if kind == "N" else content


def _typed(row: Row) -> dict[str, Any]:
    return {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in row.items()
    }
