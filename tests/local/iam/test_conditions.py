"""The conditions of policies, as AWS documents them."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.local.iam.policies import UnreadablePolicyError, holds

CONTEXT = {
    "ses:fromaddress": "Files@example.com",
    "aws:securetransport": "true",
    "aws:sourcearn": "arn:aws:sns:eu-west-1:123456789012:alarms",
    "s3:signatureage": "600000",
    "dynamodb:leadingkeys": ("a", "b"),
}
FROM, AGE, ARN, KEYS = "ses:FromAddress", "s3:signatureAge", "aws:SourceArn", "dynamodb:LeadingKeys"
ABSENT = "aws:Absent"

HOLDING: list[tuple[str, str, Any]] = [
    ("StringEquals", FROM, "Files@example.com"),
    ("StringEquals", FROM, ["other", "Files@example.com"]),
    ("StringEqualsIgnoreCase", FROM, "files@EXAMPLE.com"),
    ("StringEqualsIgnoreCaseIfExists", FROM, "files@EXAMPLE.com"),
    ("StringEqualsIfExists", ABSENT, "anything"),
    ("StringNotEquals", FROM, ["x", "y"]),
    ("StringNotEquals", ABSENT, "x"),
    ("StringLike", FROM, "Files@*.c?m"),
    ("StringNotLike", FROM, "Mails@*"),
    ("ArnLike", ARN, "arn:aws:sns:*:123456789012:al*"),
    ("ArnEquals", ARN, "arn:aws:sns:eu-west-1:123456789012:alarm?"),
    ("ArnNotLike", ARN, "arn:aws:sqs:*:*:*"),
    ("Bool", "aws:SecureTransport", "true"),
    ("Bool", "aws:SecureTransport", True),
    ("BoolIfExists", ABSENT, "true"),
    ("NumericGreaterThan", AGE, 599999),
    ("NumericGreaterThanEquals", AGE, "600000"),
    ("NumericLessThan", AGE, 600001),
    ("NumericLessThanEquals", AGE, 600000),
    ("NumericEquals", AGE, "6e5"),
    ("NumericNotEquals", AGE, 1),
    ("ForAllValues:StringEquals", KEYS, ["a", "b", "c"]),
    ("ForAllValues:StringEquals", ABSENT, "a"),
    ("ForAnyValue:StringEquals", KEYS, ["b", "z"]),
    ("ForAnyValue:StringNotEquals", KEYS, ["a"]),
    ("Null", ABSENT, "true"),
    ("Null", FROM, "false"),
    ("Null", FROM, False),
]
FAILING: list[tuple[str, str, Any]] = [
    ("StringEquals", FROM, "files@example.com"),
    ("StringEquals", ABSENT, "x"),
    ("StringEqualsIgnoreCaseIfExists", FROM, "mails@example.com"),
    ("StringNotEquals", FROM, ["x", "Files@example.com"]),
    ("StringLike", FROM, "[Ff]iles@example.com"),
    ("ArnLike", ARN, "arn:aws:sns:*:alarms"),
    ("ArnLike", ABSENT, "*"),
    ("Bool", "aws:SecureTransport", "false"),
    ("Bool", ABSENT, "false"),
    ("NumericGreaterThan", AGE, 600000),
    ("NumericGreaterThan", ABSENT, 0),
    ("NumericLessThan", AGE, 600000),
    ("NumericEquals", FROM, 1),
    ("ForAllValues:StringEquals", KEYS, "a"),
    ("ForAnyValue:StringEquals", KEYS, "z"),
    ("ForAnyValue:StringEquals", ABSENT, "z"),
    ("Null", FROM, "true"),
    ("Null", ABSENT, "false"),
]
UNREADABLE: list[tuple[str, str, Any, str]] = [
    ("IpAddress", "aws:SourceIp", "10.0.0.0/8", "the condition IpAddress."),
    ("DateLessThan", "aws:CurrentTime", "2026-01-01", "the condition DateLessThan."),
    ("ForSomeValues:StringEquals", KEYS, "a", "the condition ForSomeValues:StringEquals."),
    ("BoolNot", FROM, "true", "the condition BoolNot."),
    ("NumericNotGreaterThan", AGE, 1, "the condition NumericNotGreaterThan."),
    ("StringEquals", FROM, "${aws:username}", "the variable in ${aws:username}."),
]


@pytest.mark.parametrize(("operator", "key", "wanted"), HOLDING)
def test_condition_holds(operator: str, key: str, wanted: Any) -> None:
    """Keys are found in whatever case a policy writes them."""
    assert holds({operator: {key: wanted}}, CONTEXT)


@pytest.mark.parametrize(("operator", "key", "wanted"), FAILING)
def test_condition_does_not_hold(operator: str, key: str, wanted: Any) -> None:
    """What a request does not say is not as a condition wants it."""
    assert not holds({operator: {key: wanted}}, CONTEXT)


@pytest.mark.parametrize(("operator", "key", "wanted", "what"), UNREADABLE)
def test_what_cannot_be_read_is_told(operator: str, key: str, wanted: Any, what: str) -> None:
    """It is never taken for true, nor for false: a Deny would be lost."""
    with pytest.raises(UnreadablePolicyError) as raised:
        holds({operator: {key: wanted}}, CONTEXT)

    assert str(raised.value) == f"The embedded AWS does not know {what}"


def test_all_conditions_have_to_hold() -> None:
    """Operators, and keys below one operator, are joined by "and"."""
    sender, young = {FROM: "Files@*"}, {AGE: 700000}

    assert holds({"StringLike": sender, "NumericLessThan": young}, CONTEXT)
    assert not holds({"StringLike": sender, "NumericGreaterThan": young}, CONTEXT)
    assert not holds({"StringLike": {**sender, ARN: "x"}}, CONTEXT)
