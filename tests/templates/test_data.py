"""What happens to data when a stack goes."""

from __future__ import annotations

import json

from tests.templates.reading import CFN_LINT_FACTS, Template, each_template

_LIST = CFN_LINT_FACTS / "StatefulResources.json"
# The types that hold data, as cfn-lint knows them.
HOLDS_DATA = set(json.loads(_LIST.read_text())["ResourceTypes"])


@each_template
def test_what_holds_data_says_what_becomes_of_it(template: Template) -> None:
    """Deleting or replacing a bucket, queue, table or log group is a decision in the file."""
    undecided = [
        name
        for name, resource in template.of_type(*HOLDS_DATA).items()
        if not {"DeletionPolicy", "UpdateReplacePolicy"} <= set(resource)
    ]

    assert undecided == []


@each_template
def test_deleting_data_carries_its_reason(template: Template) -> None:
    """Where data goes with the stack, the comment above says why that is right."""
    lines = template.lines
    decisions = [n for n, line in enumerate(lines) if line.strip() == "DeletionPolicy: Delete"]

    unexplained = [n + 1 for n in decisions if len(template.comment_above(n).split()) < 5]

    assert unexplained == []
