"""The two things done with a deployment as a whole: planning it and deploying it.

Both propose the same change sets, stack by stack: a plan withdraws them, a deploy executes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from deploy.assets import LAMBDA_SOURCES
from deploy.aws.polling import PATIENT, Poll
from deploy.deployment import STACKS, Deployment
from deploy.doctor.checks import require_no_errors, run_checks
from deploy.package import artifacts
from deploy.package.lambda_zip import build_zip
from deploy.removal import optional_stacks
from deploy.stacks import apply, optional
from deploy.stacks.apply import Run, StackOutcome
from deploy.stacks.plan import plan_stack
from deploy.stacks.preview import Plan
from deploy.stacks.target import check_complete
from deploy.watching.status import read_subscriptions

if TYPE_CHECKING:
    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.stacks.recovery import Consent


@dataclass(frozen=True)
class Outcome:
    """A deployment as it stands after a deploy; who is `unconfirmed` gets no alarms yet."""

    deployment: Deployment
    stacks: tuple[StackOutcome, ...]
    unconfirmed: tuple[str, ...] = ()

    @property
    def outputs(self) -> Mapping[str, str]:
        """The outputs of all stacks together."""
        return {name: value for stack in self.stacks for name, value in stack.outputs.items()}

    @property
    def next_steps(self) -> tuple[str, ...]:
        """What is left to the operator."""
        steps = [
            f"Confirm the alarm subscription: AWS has sent a mail to {address}."
            for address in self.unconfirmed
        ]
        bucket = self.outputs["FileExchangeBucketName"]
        command = self.deployment.command("send report.pdf")
        steps.append(f"Upload a file: {command}, or aws s3 cp report.pdf s3://{bucket}/")
        portal = self.outputs.get("PortalUrl")
        if portal:
            steps.append(f"Tell recipients where they can ask for their links: {portal}/")
        api = self.outputs.get("ProgramsApiUrl")
        if api:
            steps.append(f"Allow programs to call {api} (execute-api:Invoke).")
        steps += [sentence for stack in self.stacks for sentence in stack.left]
        return tuple(steps)

    def as_dict(self) -> dict[str, Any]:
        return {
            "deployment": self.deployment.name,
            "account": self.deployment.account,
            "region": self.deployment.region,
            "stacks": [
                {"stack_name": stack.stack_name, "action": stack.action, "outputs": stack.outputs}
                for stack in self.stacks
            ],
            "next_steps": self.next_steps,
        }

    def as_text(self) -> str:
        lines = []
        for stack in self.stacks:
            lines.append(f"{stack.stack_name} {stack.action}")
            lines += [f"  {name}: {value}" for name, value in stack.outputs.items()]
        return "\n".join([*lines, "", "Next:", *(f"  {step}" for step in self.next_steps)])


def plan(clients: Clients, deployment: Deployment, poll: Poll = PATIENT) -> Plan:
    """What a deploy would do. Changes nothing and leaves nothing behind."""
    existing = optional.find_all(clients, deployment)
    deployment = optional.settled(deployment, existing)
    check_complete(deployment, existing)
    code = artifacts.artifact(clients, build_zip(LAMBDA_SOURCES))
    return Plan(
        deployment=deployment.name,
        account=deployment.account,
        region=deployment.region,
        stacks=(
            *(
                plan_stack(clients, deployment, stack, code, existing, poll)
                for stack in deployment.stacks
            ),
            *optional_stacks.plan_removals(clients, deployment, existing),
        ),
    )


def deploy(
    clients: Clients,
    deployment: Deployment,
    console: Console,
    consent: Consent = lambda question: False,
    protect: bool | None = None,
    poll: Poll = PATIENT,
) -> Outcome:
    """Check, package, upload, and apply each stack in order; then delete what is dropped.

    `consent` is asked before a dead stack is deleted, a bucket replaced or a stack dropped;
    `protect` switches the stacks' termination protection, None leaves it.
    """
    run = Run(clients, deployment, console, consent, poll)
    console.progress(
        f"Deploying {deployment.name} to account {deployment.account}, region {deployment.region}."
    )
    existing = {stack.kind: apply.wait_until_idle(run, stack) for stack in STACKS}
    run = replace(run, deployment=optional.settled(deployment, existing))
    check_complete(run.deployment, existing)
    _check(run)
    going = optional_stacks.agreed(run, existing, protect)
    code = artifacts.store(clients, build_zip(LAMBDA_SOURCES))
    console.progress(f"The Lambda code is at s3://{code.bucket}/{code.key}.")
    with optional_stacks.telling_what_is_left(run, going):
        applied = tuple(apply.apply_stack(run, stack, code) for stack in run.deployment.stacks)
        if protect is not None:
            apply.protect_stacks(run, applied, protect)
        gone = tuple(optional_stacks.remove(run, state) for state in going)
    return Outcome(run.deployment, (*applied, *gone), _unconfirmed(clients, applied[0]))


def _check(run: Run) -> None:
    """Raise CheckError when something stands in the way; show what may yet cause trouble."""
    findings = run_checks(run.clients, run.deployment)
    require_no_errors(findings, run.deployment)
    for finding in findings:
        if finding.level == "warning" and finding.check != "stacks":  # of those, apply will speak
            run.console.warn(f"{finding.sentence} {finding.fix}".strip())


def _unconfirmed(clients: Clients, sender: StackOutcome) -> tuple[str, ...]:
    """Who has not confirmed the alarm subscription; a deploy that is done is not spoilt by this."""
    try:
        told = list(read_subscriptions(clients, sender.outputs["CommonAlarmTopicArn"]))
    except (ClientError, BotoCoreError):
        return ()
    return tuple(one.endpoint for one in told if not one.confirmed)
