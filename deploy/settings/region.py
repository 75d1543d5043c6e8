"""The question for the region, and where a region comes from that nobody is asked for. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.aws.machine.named import Named
from deploy.stacks.parameters import Parameter


@dataclass(frozen=True)
class Region(Parameter):
    """The question for the region; one that nobody `known` has that name is mistyped."""

    name: str = "region"
    type: str = "String"
    description: str = "The AWS region to deploy to. SES must be offered there."
    allowed_pattern: str | None = r"[a-z]{2,4}(-[a-z]+)+-[0-9]+"
    constraint_description: str = "Type the name of a region, for example eu-west-1."
    known: frozenset[str] = frozenset()

    def problem(self, value: str) -> str | None:
        problem = super().problem(value)
        if problem or not self.known or value in self.known:
            return problem
        nearest = difflib.get_close_matches(value, sorted(self.known), n=1, cutoff=0)[0]
        return (
            f"boto3 knows no such region; did you mean {nearest}? If AWS has opened it since, "
            "upgrade boto3"
        )


def proposed_region(
    typed: Mapping[str, str], given: Mapping[str, str], usual: str | None, table: str
) -> Named | None:
    """The region that was `typed`, or is `given` by the `table`, or else the usual one."""
    if "region" in typed:
        return Named(typed["region"], "from --region", is_typed=True)
    if "region" in given:
        return Named(given["region"], f"from {table}")
    return Named(usual, "from your AWS settings") if usual else None
