"""Policies as the embedded AWS reads them, those of identities and those of resources."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.local.iam.policies import Request, UnreadablePolicyError, Verdict, verdict

READ = Request("s3:GetObject", "arn:aws:s3:::files/a", {}, frozenset({"arn:aws:iam::1:role/r"}))
ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::files/*"}
DENY = {**ALLOW, "Effect": "Deny"}


def said(*statements: dict[str, Any], request: Request = READ) -> Verdict:
    return verdict([{"Statement": list(statements)}], request)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({}, Verdict.ALLOWED),
        ({"Action": "S3:getobject"}, Verdict.ALLOWED),
        ({"Action": ["s3:Put*", "s3:Get*"]}, Verdict.ALLOWED),
        ({"Action": "s3:GetObjectVersion"}, Verdict.SILENT),
        ({"Resource": "arn:aws:s3:::Files/*"}, Verdict.SILENT),
        ({"Resource": "arn:aws:s3:::[f]iles/*"}, Verdict.SILENT),
        ({"Resource": ["arn:aws:s3:::other", "*"]}, Verdict.ALLOWED),
        ({"Condition": {"Null": {"aws:MultiFactorAuthAge": "true"}}}, Verdict.ALLOWED),
        ({"Condition": {"Null": {"aws:MultiFactorAuthAge": "false"}}}, Verdict.SILENT),
        ({"Principal": "*"}, Verdict.ALLOWED),
        ({"Principal": {"AWS": ["arn:aws:iam::1:role/r"]}}, Verdict.ALLOWED),
        ({"Principal": {"AWS": "arn:aws:iam::1:role/other"}}, Verdict.SILENT),
        ({"Principal": {"Service": "s3.amazonaws.com"}}, Verdict.SILENT),
    ],
)
def test_a_statement_speaks_of_what_it_names(statement: dict[str, Any], expected: Verdict) -> None:
    """Actions in any case, resources exactly, wildcards where AWS has them."""
    assert said({**ALLOW, **statement}) is expected


def test_everything_but() -> None:
    """NotAction and NotResource speak of all that they do not name."""
    anything = {"Effect": "Allow", "NotAction": "s3:Put*", "NotResource": "arn:aws:s3:::secrets/*"}

    assert said(anything) is Verdict.ALLOWED
    assert said({**anything, "NotAction": "s3:Get*"}) is Verdict.SILENT
    assert said({**anything, "NotResource": "arn:aws:s3:::files/*"}) is Verdict.SILENT


def test_a_denial_counts_first() -> None:
    """In whatever policy it stands, and in whatever order."""
    assert said(ALLOW, DENY) is Verdict.DENIED
    assert said(DENY, ALLOW) is Verdict.DENIED
    assert verdict([{"Statement": ALLOW}, {"Statement": DENY}], READ) is Verdict.DENIED
    assert verdict([], READ) is Verdict.SILENT


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ({"NotPrincipal": {"AWS": "1"}}, "NotPrincipal."),
        ({"Resource": "arn:aws:s3:::files/${aws:username}"}, "the variable in "),
    ],
)
def test_what_cannot_be_read_is_told(statement: dict[str, Any], what: str) -> None:
    """Neither answer would be AWS's."""
    with pytest.raises(UnreadablePolicyError, match=what):
        said({**DENY, **statement})
