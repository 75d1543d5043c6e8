"""A DynamoDB table in memory, for what the functions ask of it.

It reads their update and condition expressions, so that a wrong one fails here too; moto's
DynamoDB runs the same tests of the ledger and of the links beside it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

_plain = TypeDeserializer().deserialize
_CLAUSE = re.compile(r"(SET|REMOVE|ADD|DELETE) (.*?)(?= SET | REMOVE | ADD | DELETE |$)")
_FORMULA = re.compile(r"(True|False|and|or|[() ])+")
_OPERATORS = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_KEPT = re.compile(r"if_not_exists\((#\w+), (:\w+)\)")
_COUNTED = re.compile(r"if_not_exists\(([#\w.]+), (:\w+)\) \+ (:\w+)")
# An attribute, or one within a map.
_PATH = r"(#\w+(?:\.#\w+)?)"


class Table:
    """Rows by their id; `fails` makes calls end as told, before or after they have written."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.calls = 0
        self.page_rows = 1000
        self.while_writing: Callable[[], None] = lambda: None
        self._before: Iterator[Exception | None] = iter(())
        self._after: list[Exception | None] = []

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows with plain values, in the order in which they came."""
        return [plain_row(item) for item in self.items.values()]

    def fails(self, *codes: str | None) -> None:
        """The next calls fail with these codes and write nothing; None is one that works."""
        self._before = (_error(code) if code else None for code in codes)

    def cancels(self, *reasons: str) -> None:
        """The next transactions are cancelled, each for this reason."""
        self._before = (_cancelled([{"Code": reason}]) for reason in reasons)

    def answers_are_lost(self, *errors: Exception | None) -> None:
        """The next calls write, and then end like this."""
        self._after = list(errors)

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self._begin()
        updates = [item["Update"] for item in TransactItems]
        reasons = [self._reason(update) for update in updates]
        if any(reason["Code"] != "None" for reason in reasons):
            raise _cancelled(reasons)
        for update in updates:
            self._apply(update)
        self._end()
        return {}

    def update_item(self, **parameters: Any) -> dict[str, Any]:
        self._begin()
        reason = self._reason(parameters)
        if reason["Code"] != "None":
            code = {"Error": {"Code": "ConditionalCheckFailedException"}}
            raise ClientError({**code, "Item": reason.get("Item", {})}, "UpdateItem")  # type: ignore[typeddict-unknown-key, misc]
        self._apply(parameters)
        self._end()
        return {"Attributes": self.items[_key(parameters)]}

    def get_item(self, **parameters: Any) -> dict[str, Any]:
        self._begin()
        item = self.items.get(_key(parameters))
        return {"Item": dict(item)} if item else {}

    def query(self, **parameters: Any) -> dict[str, Any]:
        """The rows of an index, of LinksTable by when they were made; `page_rows` a call."""
        self._begin()
        names = {n[1:]: real for n, real in parameters["ExpressionAttributeNames"].items()}
        values = {n[1:]: _plain(v) for n, v in parameters["ExpressionAttributeValues"].items()}
        condition = parameters["KeyConditionExpression"]
        found = [
            dict(item)
            for item in self.items.values()
            if is_true(condition, names, values, plain_row(item))
        ]
        found.sort(
            key=lambda item: str(item.get("CreatedAt")), reverse=not parameters["ScanIndexForward"]
        )
        start = int(parameters.get("ExclusiveStartKey", {"n": {"N": "0"}})["n"]["N"])
        end = start + self.page_rows
        more = {"LastEvaluatedKey": {"n": {"N": str(end)}}} if end < len(found) else {}
        return {"Items": found[start:end], **more}

    def _begin(self) -> None:
        self.calls += 1
        self.while_writing()
        if error := next(self._before, None):
            raise error

    def _end(self) -> None:
        if self._after and (error := self._after.pop(0)):
            raise error

    def _reason(self, update: Mapping[str, Any]) -> dict[str, Any]:
        item = self.items.get(_key(update), {})
        if "ConditionExpression" not in update or _holds(update, item):
            return {"Code": "None"}
        told = {"Item": dict(item)} if item else {}
        return {"Code": "ConditionalCheckFailed", **told}

    def _apply(self, update: Mapping[str, Any]) -> None:
        names = update["ExpressionAttributeNames"]
        values = update.get("ExpressionAttributeValues", {})
        item = self.items.setdefault(_key(update), dict(update["Key"]))
        for verb, body in _CLAUSE.findall(update["UpdateExpression"]):
            for part in re.split(r", (?=#)", body):
                if verb == "SET":
                    name, value = part.split(" = ", 1)
                    if kept := _KEPT.fullmatch(value):
                        item.setdefault(names[kept[1]], values[kept[2]])
                        continue
                    within, last = _place(item, name, names)
                    if counted := _COUNTED.fullmatch(value):
                        assert counted[1] == name
                        before = int(within.get(last, values[counted[2]])["N"])
                        within[last] = {"N": str(before + int(values[counted[3]]["N"]))}
                    else:
                        within[last] = values[value]
                elif verb == "REMOVE":
                    item.pop(names[part], None)
                elif verb == "DELETE":
                    name, value = part.split(" ")
                    members = {*item.get(names[name], {"SS": []})["SS"]} - {*values[value]["SS"]}
                    item[names[name]] = {"SS": sorted(members)}
                    if not members:  # DynamoDB has no empty set
                        del item[names[name]]
                elif "SS" in values[part.split(" ")[1]]:
                    name, value = part.split(" ")
                    members = {*item.get(names[name], {"SS": []})["SS"], *values[value]["SS"]}
                    item[names[name]] = {"SS": sorted(members)}
                else:
                    name, value = part.split(" ")
                    before = int(item.get(names[name], {"N": "0"})["N"])
                    item[names[name]] = {"N": str(before + int(values[value]["N"]))}


def _place(item: dict[str, Any], path: str, names: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """Where a path leads: an attribute of the row, or of a map that is there already."""
    *maps, last = (names[part] for part in path.split("."))
    for name in maps:
        if "M" not in item.get(name, {}):
            raise _error("ValidationException")
        # What was read before does not change with it.
        item[name] = {"M": dict(item[name]["M"])}
        item = item[name]["M"]
    return item, last


def _holds(update: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    """The condition as Python: DynamoDB compares nothing with an attribute that is not there."""
    names = {name[1:]: real for name, real in update["ExpressionAttributeNames"].items()}
    values = {n[1:]: _plain(v) for n, v in update.get("ExpressionAttributeValues", {}).items()}
    row = plain_row(item)
    return is_true(update["ConditionExpression"], names, values, row)


def is_true(
    text: str, names: Mapping[str, str], values: Mapping[str, Any], row: Mapping[str, Any]
) -> bool:
    def of(path: str) -> Any:
        """What is there, if anything."""
        value: Any = row
        for part in path.split("."):
            value = value.get(names[part[1:]]) if isinstance(value, Mapping) else None
        return value

    text = re.sub(rf"attribute_not_exists\({_PATH}\)", lambda m: str(of(m[1]) is None), text)
    text = re.sub(rf"attribute_exists\({_PATH}\)", lambda m: str(of(m[1]) is not None), text)

    def compared(match: re.Match[str]) -> str:
        name, sign, other = match.groups()
        expected = values[other[1:]] if other.startswith(":") else of(other)
        actual = of(name)
        if actual is None or expected is None:
            return "False"
        return str(_OPERATORS[sign](actual, expected))

    text = re.sub(
        r"size\(#(\w+)\) < :(\w+)",
        lambda m: str(len(row.get(names[m[1]], ())) < values[m[2]]),
        text,
    )
    text = re.sub(rf"{_PATH} (=|<=|<|>=|>) ([:#]\w+)", compared, text)
    formula = text.replace(" AND ", " and ").replace(" OR ", " or ")
    if not _FORMULA.fullmatch(formula):
        raise ValueError(f"cannot read the condition {formula!r}")
    return bool(eval(formula))  # noqa: S307 - nothing but these words


def _key(update: Mapping[str, Any]) -> str:
    [value] = update["Key"].values()
    return str(value["S"])


def plain_row(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in item.items()}


def _cancelled(reasons: list[dict[str, Any]]) -> ClientError:
    answer: Any = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": reasons,
    }
    return ClientError(answer, "TransactWriteItems")


def _error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "TransactWriteItems")
