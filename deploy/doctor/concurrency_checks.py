"""Checks that Lambda would reserve what is asked for: it refuses to leave too little to others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from deploy.deployment import GENERATOR, MEMBERS, PORTAL, PROGRAMS, Deployment, Stack
from deploy.doctor.findings import Finding
from deploy.doctor.stack_checks import Existing

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

# Lambda, PutFunctionConcurrency: "as long as you leave at least 100 simultaneous executions
# unreserved for functions that aren't configured with a per-function limit".
_LEFT_TO_OTHERS = 100
# Of each stack: the parameter, and how many functions reserve so much.
RESERVING: tuple[tuple[Stack, str, int], ...] = (
    (GENERATOR, "MaxConcurrentMails", 1),
    (PORTAL, "MaxConcurrentRequests", 2),
    (PROGRAMS, "MaxConcurrentRequests", 2),
    (MEMBERS, "MaxConcurrentRequests", 1),
)


def concurrency(clients: Clients, deployment: Deployment, existing: Existing) -> Iterator[Finding]:
    """Whether the account has so many concurrent executions; without a limit nothing is asked."""
    wanted = {
        name: sum(
            functions * int(float(deployment.parameters[name]))
            for stack, parameter, functions in RESERVING
            if parameter == name and deployment.has(stack)
        )
        for name in ("MaxConcurrentMails", "MaxConcurrentRequests")
    }
    total = sum(wanted.values())
    if not total:
        return
    limit = clients.awslambda.get_account_settings()["AccountLimit"]
    free = limit["UnreservedConcurrentExecutions"] + _reserved_now(existing)
    most = max(0, free - _LEFT_TO_OTHERS)
    named = " and ".join(f"{name}={deployment.parameters[name]}" for name in wanted if wanted[name])
    if total <= most:
        yield Finding(
            "concurrency",
            "ok",
            f"{named}: {total:,} concurrent executions of {most:,} that can be reserved.",
        )
        return
    yield Finding(
        "concurrency",
        "error",
        f"{named}: that would reserve {total:,} of the account's {limit['ConcurrentExecutions']:,} "
        f"concurrent executions, and {most:,} can be reserved: Lambda leaves {_LEFT_TO_OTHERS} to "
        "functions that reserve none.",
        "Lower it, or set 0 for no limit; or ask AWS for a higher limit (Service Quotas, AWS "
        "Lambda, Concurrent executions).",
    )


def _reserved_now(existing: Existing) -> int:
    """What the deployment's own functions have reserved, which a deploy gives back or takes on."""
    reserved = 0
    for stack, parameter, functions in RESERVING:
        state = existing[stack.kind]
        if state and not state.is_dead:
            reserved += functions * int(float(state.parameters.get(parameter, "0")))
    return reserved
