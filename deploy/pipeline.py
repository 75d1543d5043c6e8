"""Plans and deploys a deployment: the page that reads like the commands `plan` and `deploy`.

A deploy takes these stages, in this order:

wait      take up what CloudFormation is still working on, and find the stacks that exist
check     refuse what cannot work, before anything is changed; `doctor` makes the same checks
confirm   ask about stacks that can only be deleted and created again, about the optional stacks
          that are dropped, as their data goes with them, about what held data, was deleted by
          hand, and would be made again without it, and about links that would stop working
review    ask about the permissions that change in stacks that exist
package   store the zip of the Lambda code in the artifacts bucket
apply     propose a change set for each stack, show it, execute it, and follow it to its end
protect   switch termination protection on or off, if asked to
remove    delete the dropped stacks, once nothing takes values from them any more
report    say what each stack has become, and what is left for the operator to do

A plan finds the stacks and proposes the same change sets, but withdraws each instead of executing
it. This module decides the order only; each stage is a function of the folder that does it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from deploy.assets import LAMBDA_SOURCES
from deploy.aws.explain import explain
from deploy.aws.polling import PATIENT, Poll, telling
from deploy.aws.side_by_side import Readers
from deploy.brand.carried import brand_file
from deploy.deployment import SENDER, Deployment
from deploy.doctor.checks import require_no_errors, run_checks
from deploy.doctor.domain_checks import cname_step
from deploy.package import artifacts
from deploy.package.lambda_zip import build_zip
from deploy.removal.mailed_links import confirm_new_address, with_lost_links
from deploy.removal.optional_stacks import (
    confirm_removals,
    plan_removals,
    remove_stack,
    warning_of_what_is_left,
)
from deploy.removal.waiting_files import confirm_end_of_gathering, with_waiting_files
from deploy.stacks.apply import StackOutcome, wait_until_all_idle
from deploy.stacks.apply_all import apply_stacks, protect_stacks
from deploy.stacks.brand_change import brand_change
from deploy.stacks.drift.losses import steps_after
from deploy.stacks.drift.missing import survey
from deploy.stacks.drift.reverting import confirm_losses, remake_topics
from deploy.stacks.lookup import find_stacks
from deploy.stacks.optional import with_existing_stacks
from deploy.stacks.plan import off_the_portal_meanwhile, plan_stack
from deploy.stacks.portal_changes import why_off_the_portal
from deploy.stacks.preview import Plan, Refusal
from deploy.stacks.recovery import confirm_recreations
from deploy.stacks.review import review
from deploy.stacks.run import Oversight, Run
from deploy.stacks.target import check_parameters
from deploy.watching.status import read_subscriptions

if TYPE_CHECKING:
    from concurrent.futures import Future

    from deploy.aws.clients import Clients
    from deploy.console import Console
    from deploy.package.artifacts import Artifact
    from deploy.package.lambda_zip import Package
    from deploy.stacks.lookup import Missing, StackState
    from deploy.stacks.run import Consent
    from deploy.watching.status import Subscription


@dataclass(frozen=True)
class Outcome:
    """A deployment as it stands after a deploy; who is `unconfirmed` gets no alarms yet.

    What is `remade` had been deleted by hand.
    """

    deployment: Deployment
    stacks: tuple[StackOutcome, ...]
    unconfirmed: tuple[str, ...] = ()
    remade: tuple[Missing, ...] = ()

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
        steps += steps_after(self.remade, self.deployment)
        bucket = self.outputs["FileExchangeBucketName"]
        command = self.deployment.command("send report.pdf")
        steps.append(f"Upload a file: {command}, or aws s3 cp report.pdf s3://{bucket}/")
        portal = self.outputs.get("PortalUrl")
        if portal:
            steps += self._record_elsewhere()
            steps.append(f"Tell recipients where they can ask for their links: {portal}/")
        api = self.outputs.get("ProgramsApiUrl")
        if api:
            steps.append(f"Allow programs to call {api} (execute-api:Invoke).")
        area = self.outputs.get("MembersUrl")
        if area:
            invite = self.deployment.command("members invite ADDRESS")
            publish = self.deployment.command("members publish FILE --version 1.0.0")
            steps.append(f"Invite members, who sign in at {area}/: {invite}")
            steps.append(f"Publish a version for them: {publish}")
        steps += [sentence for stack in self.stacks for sentence in stack.left_behind]
        return tuple(steps)

    def _record_elsewhere(self) -> Iterator[str]:
        """Of a domain name whose zone Route 53 has not."""
        given = {**self.deployment.deployed_parameters, **self.deployment.parameters}
        target = self.outputs.get("PortalDomainTarget")
        if target and not given.get("HostedZoneId"):
            yield cname_step(given["PortalDomainName"], target)

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

    def as_text(self, is_verbose: bool = False) -> str:
        """Each stack with the outputs that changed, or with all of them."""
        lines = []
        for stack in self.stacks:
            lines.append(f"{stack.stack_name} {stack.action}")
            shown = stack.outputs if is_verbose else stack.changed_outputs
            lines += [f"  {name}: {value}" for name, value in shown.items()]
        return "\n".join([*lines, "", "Next:", *(f"  {step}" for step in self.next_steps)])


def plan(
    clients: Clients, deployment: Deployment, poll: Poll = PATIENT, reverts_drift: bool = False
) -> Plan:
    """What a deploy would do. Changes nothing and leaves nothing behind."""
    existing = find_stacks(clients, deployment)
    deployment = with_existing_stacks(deployment, existing)
    check_parameters(deployment, existing)
    missing = survey(clients, _kept(deployment, existing)).missing
    code = artifacts.artifact(clients, _package(deployment))
    planned = [
        plan_stack(clients, deployment, stack, code, existing, poll, missing, reverts_drift)
        for stack in deployment.stacks
    ]
    if why := why_off_the_portal(deployment, existing, missing):
        planned = [off_the_portal_meanwhile(one, deployment, why) for one in planned]
    planned = list(with_lost_links(planned, clients, deployment, existing))
    planned = list(with_waiting_files(planned, clients, deployment, existing))
    return Plan(
        deployment=deployment.name,
        account=deployment.account,
        region=deployment.region,
        stacks=(
            *planned,
            *plan_removals(clients, deployment, existing),
        ),
        brand=brand_change(deployment, existing, code),
    )


def refusals(clients: Clients, deployment: Deployment) -> tuple[Refusal, ...]:
    """Why a deploy would not even start."""
    return tuple(
        Refusal(finding.check, finding.sentence, finding.fix)
        for finding in run_checks(clients, deployment)
        if finding.level == "error"
    )


def deploy(
    clients: Clients,
    deployment: Deployment,
    console: Console,
    consent: Consent = lambda question: False,
    oversight: Oversight = Oversight.NOBODY,
    protect: bool | None = None,
    poll: Poll = PATIENT,
    reverts_drift: bool = False,
) -> Outcome:
    """Go through the stages above, and say how the deployment stands then.

    `consent` is asked before a dead stack is deleted, a bucket replaced or a stack dropped, and
    about permissions where `oversight` says so; `protect` switches the stacks' termination
    protection, None leaves it. `reverts_drift` undoes what was changed behind CloudFormation's
    back; what was deleted there comes back anyhow.
    """
    poll = telling(poll, console.progress)
    run = Run(clients, deployment, console, consent, poll, oversight, reverts_drift=reverts_drift)
    console.progress(
        f"Deploying {deployment.name} to account {deployment.account}, region {deployment.region}."
    )
    existing = wait_until_all_idle(run)
    run = replace(run, deployment=with_existing_stacks(deployment, existing))
    with Readers() as running:  # so that nobody waits for it
        looking = running.submit(survey, clients, _kept(run.deployment, existing))
        told = running.submit(_subscriptions, clients, existing[SENDER.kind])
        _check(run, existing)
    missing = looking.result().missing
    run = replace(run, missing=missing)
    run = confirm_recreations(run, existing)
    to_remove = confirm_removals(run, existing, protect)
    confirm_losses(run, run.missing)
    confirm_new_address(run, existing)
    confirm_end_of_gathering(run, existing)
    package = _package(deployment)
    run = review(run, artifacts.artifact(clients, package), existing)
    code = _store_code(run, package)
    _tell_of_brand(run, existing, code)
    run = replace(run, missing=remake_topics(run))
    with warning_of_what_is_left(run, to_remove):
        applied = apply_stacks(run, code, existing)
        if protect is not None:
            protect_stacks(run, applied, protect)
        removed = tuple(remove_stack(run, state) for state in to_remove)
    unconfirmed = _unconfirmed(run, applied[0], told)
    return Outcome(run.deployment, (*applied, *removed), unconfirmed, missing)


def _check(run: Run, existing: Mapping[str, StackState | None]) -> None:
    """Raise when something stands in the way; show what may yet cause trouble."""
    check_parameters(run.deployment, existing)
    findings = run_checks(run.clients, run.deployment, existing)
    require_no_errors(findings, run.deployment)
    for finding in findings:
        # Of the stacks, apply_stack speaks itself.
        if finding.level == "warning" and finding.check != "stacks":
            run.console.warn(f"{finding.sentence} {finding.fix}".strip())


def _package(deployment: Deployment) -> Package:
    return build_zip(LAMBDA_SOURCES, brand_file(deployment.brand))


def _tell_of_brand(run: Run, existing: Mapping[str, StackState | None], code: Artifact) -> None:
    """What becomes of the brand; a deploy without the file that has it takes it away."""
    said = brand_change(run.deployment, existing, code)
    if said:
        tell = run.console.progress if run.deployment.brand else run.console.warn
        tell(said)


def _store_code(run: Run, package: Package) -> Artifact:
    """Upload the Lambda code; what is there already is not uploaded again."""
    code = artifacts.store(run.clients, package, run.deployment.tags)
    run.console.progress(f"The Lambda code is at s3://{code.bucket}/{code.key}.")
    return code


def _kept(
    deployment: Deployment, existing: Mapping[str, StackState | None]
) -> Mapping[str, StackState | None]:
    """Those of the stacks that are not dropped."""
    return {stack.kind: existing.get(stack.kind) for stack in deployment.stacks}


def _subscriptions(clients: Clients, sender: StackState | None) -> list[Subscription]:
    """Who is to be told of alarms, as a sender stack has it."""
    topic = sender.outputs.get("CommonAlarmTopicArn") if sender else None
    return list(read_subscriptions(clients, topic)) if topic else []


def _unconfirmed(
    run: Run, sender: StackOutcome, before: Future[list[Subscription]]
) -> tuple[str, ...]:
    """Who has not confirmed the alarm subscription; a deploy that is done is not spoilt by this.

    An admin who has not confirmed, or whose subscription was ended, is asked anew, where
    CloudFormation has not just done so.
    """
    topic = sender.outputs["CommonAlarmTopicArn"]
    given = {**run.deployment.deployed_parameters, **run.deployment.parameters}
    admin = given["AdminAlarmEMail"]
    try:
        is_as_before = sender.action == "unchanged"
        subscriptions = (
            before.result() if is_as_before else list(read_subscriptions(run.clients, topic))
        )
        states = {one.endpoint.lower(): one.confirmed for one in subscriptions}
        is_new = admin.lower() not in states
        if is_new or (is_as_before and not states[admin.lower()]):
            run.clients.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=admin)
    except (ClientError, BotoCoreError) as exc:
        run.console.warn(f"Whether {admin} gets alarms cannot be told: {explain(exc) or exc}")
        return ()
    waiting = tuple(one.endpoint for one in subscriptions if not one.confirmed)
    return (admin, *waiting) if is_new else waiting
