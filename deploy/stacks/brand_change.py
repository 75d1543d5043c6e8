"""Says in words what becomes of the brand that the functions' code carries. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.brand.brand import BRAND_KEYS
from deploy.deployment import STACKS, Deployment
from deploy.package.artifacts import Artifact, brand_of_key
from deploy.stacks.lookup import StackState
from deploy.wording import enumerated


def brand_change(
    deployment: Deployment, existing: Mapping[str, StackState | None], code: Artifact
) -> str:
    """Empty where it stays as it is, or where nothing is deployed yet."""
    states = [existing.get(stack.kind) for stack in STACKS if stack.carries_code]
    before = {
        brand_of_key(state.parameters.get("CodeKey", ""))
        for state in states
        if state and not state.is_dead
    }
    after = brand_of_key(code.key)
    if not before or before == {after}:
        return ""
    if not after:
        return (
            "The brand is taken away from pages and mails: s3link.toml has none of "
            f"{enumerated(BRAND_KEYS)} in [{deployment.name}]."
        )
    verb = "comes into" if before == {""} else "changes in"
    return f"The brand of {deployment.brand.source} {verb} pages and mails, with the code."
