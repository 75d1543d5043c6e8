"""What an organisation asks of whoever deploys: tags, and a role that CloudFormation works with.

The rules are AWS's own, so that a wrong value is refused before anything is changed. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from deploy.errors import ConfigurationError

TAGS_KEY = "tags"
ROLE_KEY = "role_arn"
# What all of CloudFormation, IAM and S3 take; s3link's own tag needs one of S3's 50.
_TAG = re.compile(r"[\w\s.:/=+@-]*")
_MOST_TAGS = 49
_LONGEST_NAME, _LONGEST_VALUE = 128, 256  # characters
_OWN_PREFIX = "s3link:"
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[!-~]+")


def tag_problem(name: str, value: str) -> str | None:
    """What is wrong with one tag; None when it can be used."""
    if not 1 <= len(name) <= _LONGEST_NAME or not 1 <= len(value) <= _LONGEST_VALUE:
        return (
            f"a tag has a name of 1 to {_LONGEST_NAME} characters and a value of 1 to "
            f"{_LONGEST_VALUE}"
        )
    if not (_TAG.fullmatch(name) and _TAG.fullmatch(value)):
        return "use letters, digits, spaces and . : / = + - _ @"
    if name.lower().startswith(("aws:", _OWN_PREFIX)):
        return f"names beginning with aws: or {_OWN_PREFIX} are AWS's and s3link's own"
    return None


def role_problem(value: str) -> str | None:
    """What is wrong with the role's ARN; None when it can be used."""
    if _ROLE.fullmatch(value):
        return None
    return "type the ARN of a role, for example arn:aws:iam::123456789012:role/cloudformation"


def count_problem(tags: Mapping[str, str]) -> str | None:
    """What is wrong with so many tags together; None when AWS takes them."""
    if len(tags) <= _MOST_TAGS:
        return None
    return f"{len(tags)} tags are too many: AWS takes 50 on a bucket, one of which is s3link's."


def check_count(tags: Mapping[str, str]) -> None:
    """Raise ConfigurationError for more tags than AWS takes, of file and options together."""
    problem = count_problem(tags)
    if problem:
        raise ConfigurationError(problem)


def tags_of(value: Any, source: str) -> dict[str, str]:
    """The table `tags` of a deployment. Raises ConfigurationError."""
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ConfigurationError(
            f"{TAGS_KEY} (from {source}) must be a table of texts, for example "
            'tags = { Team = "files" }.'
        )
    for name, text in value.items():
        problem = tag_problem(name, text)
        if problem:
            raise ConfigurationError(
                f'tags: "{name}={text}" (from {source}) cannot be used: {problem}.'
            )
    return dict(value)
