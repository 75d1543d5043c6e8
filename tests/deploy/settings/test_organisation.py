"""Which tags and which role are taken, as AWS takes them."""

from __future__ import annotations

import pytest

from deploy.errors import ConfigurationError
from deploy.settings.organisation import check_count, role_problem, tag_problem

LENGTHS = "a tag has a name of 1 to 128 characters and a value of 1 to 256"
LETTERS = "use letters, digits, spaces and . : / = + - _ @"
OWN = "names beginning with aws: or s3link: are AWS's and s3link's own"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("Team", "files", None),
        ("Kostenstelle", "Größe 4711", None),
        ("a.b:c/d=e+f-g_h@i", "x", None),
        ("n" * 128, "v" * 256, None),
        ("n" * 129, "v", LENGTHS),
        ("n", "v" * 257, LENGTHS),
        ("", "v", LENGTHS),
        ("n", "", LENGTHS),
        ("a;b", "v", LETTERS),
        ("a", "x,y", LETTERS),
        ("aws:x", "v", OWN),
        ("AWS:x", "v", OWN),
        ("s3link:deployment", "v", OWN),
    ],
)
def test_tags(name: str, value: str, problem: str | None) -> None:
    """The rules that CloudFormation, IAM and S3 have in common."""
    assert tag_problem(name, value) == problem


def test_so_many_tags_fit_on_a_bucket() -> None:
    """S3 takes fifty, and one is s3link's own."""
    check_count({f"Tag{number}": "x" for number in range(49)})

    with pytest.raises(ConfigurationError, match=r"^50 tags are too many: "):
        check_count({f"Tag{number}": "x" for number in range(50)})


@pytest.mark.parametrize(
    ("arn", "is_taken"),
    [
        ("arn:aws:iam::123456789012:role/cloudformation", True),
        ("arn:aws-us-gov:iam::123456789012:role/team/cloudformation", True),
        ("arn:aws:iam::123456789012:user/ann", False),
        ("arn:aws:sts::123456789012:assumed-role/cloudformation/ann", False),
        ("cloudformation", False),
    ],
)
def test_roles(arn: str, is_taken: bool) -> None:
    """An ARN of a role; a session's would be refused only in the middle of a deploy."""
    assert (role_problem(arn) is None) == is_taken
