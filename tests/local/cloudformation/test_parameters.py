"""Parameters are enforced, with CloudFormation's own sentences."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.local.cloudformation import parameters
from deploy.local.cloudformation.errors import ValidationError

_TEXT = {"Type": "String"}


def _given(**values: str) -> list[dict[str, str]]:
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]


@pytest.mark.parametrize(
    ("rule", "value", "message"),
    [
        ({"AllowedPattern": "^[a-z]+$"}, "A", "Parameter 'P' must match pattern ^[a-z]+$"),
        ({"AllowedPattern": "[a-z]"}, "ab", "Parameter 'P' must match pattern [a-z]"),
        ({"AllowedValues": ["a", "b"]}, "c", "Parameter 'P' must be one of AllowedValues"),
        ({"MinLength": 2}, "a", "Parameter 'P' must contain at least 2 characters"),
        ({"MaxLength": 2}, "abc", "Parameter 'P' must contain at most 2 characters"),
        ({"Type": "Number"}, "many", "Parameter 'P' must be a number."),
        (
            {"Type": "Number", "MinValue": 60},
            "59",
            "Parameter 'P' must be a number not less than 60",
        ),
        (
            {"Type": "Number", "MaxValue": 6},
            "7",
            "Parameter 'P' must be a number not greater than 6",
        ),
        (
            {"Type": "CommaDelimitedList", "AllowedPattern": "[a-z]+"},
            "a,B",
            "Each value of parameter 'P' must match pattern [a-z]+",
        ),
        (
            {"AllowedPattern": "[a-z]+", "ConstraintDescription": "Type small letters."},
            "A",
            "Parameter P failed to satisfy constraint: Type small letters.",
        ),
    ],
)
def test_a_value_that_breaks_a_rule(rule: dict[str, Any], value: str, message: str) -> None:
    """A value is refused with the rule it breaks, or with the template's own sentence for it."""
    with pytest.raises(ValidationError) as refused:
        parameters.resolve({"P": {**_TEXT, **rule}}, _given(P=value), {})

    assert str(refused.value) == message


def test_missing_values() -> None:
    """All parameters without a value are named at once."""
    with pytest.raises(ValidationError) as refused:
        parameters.resolve({"A": _TEXT, "B": _TEXT, "C": {**_TEXT, "Default": ""}}, [], {})

    assert str(refused.value) == "Parameters: [A, B] must have values"


def test_unknown_parameters() -> None:
    """A value for a parameter that the template does not have is refused."""
    with pytest.raises(ValidationError) as refused:
        parameters.resolve({"A": _TEXT}, _given(A="a", Aa="b"), {})

    assert str(refused.value) == "Parameters: [Aa] do not exist in the template"


def test_what_is_not_given_is_the_default_even_on_update() -> None:
    """The previous value is used when it is asked for, else the template's default."""
    declared = {"Kept": {**_TEXT, "Default": "d"}, "Reset": {**_TEXT, "Default": "d"}}
    previous = {"Kept": "before", "Reset": "before"}

    values = parameters.resolve(
        declared, [{"ParameterKey": "Kept", "UsePreviousValue": True}], previous
    )

    assert values == {"Kept": "before", "Reset": "d"}


def test_no_previous_value() -> None:
    """Asking for a previous value that there is not is refused."""
    with pytest.raises(ValidationError) as refused:
        parameters.resolve({"A": _TEXT}, [{"ParameterKey": "A", "UsePreviousValue": True}], {})

    assert "not in the previous template" in str(refused.value)


def test_hidden_values() -> None:
    """A NoEcho parameter shows that it has a value, but not which."""
    shown = parameters.shown({"Secret": "x"}, {"Secret": {**_TEXT, "NoEcho": True}})

    assert shown == [{"ParameterKey": "Secret", "ParameterValue": "****"}]
