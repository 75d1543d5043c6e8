"""The policies for operators in docs/, as they are pasted into IAM. Changes nothing."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.templates.reading import CFN_LINT_FACTS, as_list

DOCS = Path(__file__).resolve().parent.parent / "docs"


@dataclass(frozen=True)
class OperatorPolicy:
    """One of them, by what stands behind `operator-policy-` in its file's name."""

    name: str

    @property
    def path(self) -> Path:
        return DOCS / f"operator-policy-{self.name}.json"

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @cached_property
    def statements(self) -> list[dict[str, Any]]:
        return list(json.loads(self.text)["Statement"])

    @cached_property
    def actions(self) -> set[str]:
        return {action for one in self.statements for action in as_list(one["Action"])}

    def limited_to(self, actions: Collection[str]) -> str:
        """The policy as far as it is about these actions."""
        statements = [
            {**one, "Action": left}
            for one in self.statements
            if (left := [action for action in as_list(one["Action"]) if action in actions])
        ]
        return json.dumps({"Version": "2012-10-17", "Statement": statements or [_NOTHING]})


# A policy has at least one statement.
_NOTHING = {"Effect": "Allow", "Action": "none:Nothing", "Resource": "*"}

READ, WORK, DEPLOY = (OperatorPolicy(name) for name in ("read", "work", "deploy"))
CLOUDFORMATION = OperatorPolicy("cloudformation")
CLOUDFORMATION_OPTIONAL = OperatorPolicy("cloudformation-optional")
POLICIES = (READ, WORK, DEPLOY, CLOUDFORMATION, CLOUDFORMATION_OPTIONAL)


def actions_of_iam() -> Mapping[str, Mapping[str, Any]]:
    """What cfn-lint knows of IAM's actions, by `service:action` in small letters."""
    services = json.loads((CFN_LINT_FACTS / "Policies.json").read_text("utf-8"))
    return {
        f"{service}:{action}": {**facts, "ARNs": _arns(facts, known["Resources"])}
        for service, known in services.items()
        for action, facts in known["Actions"].items()
    }


def _arns(facts: Mapping[str, Any], resources: Mapping[str, Any]) -> list[str]:
    """How ARNs of what the action is about look; none where it is about everything."""
    names = (name.lower() for name in facts.get("Resources", ()))
    return [arn for name in names for arn in resources.get(name, {}).get("ARNFormats", ())]
