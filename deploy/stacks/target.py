"""Decides what a stack is to become: its template and the value of each parameter. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy.deployment import GENERATOR, Deployment, Stack
from deploy.errors import ConfigurationError
from deploy.package.artifacts import Artifact
from deploy.stacks.lookup import DEPLOYMENT_TAG, StackState
from deploy.stacks.optional import TOLD_OF_THE_PORTAL, unused_parameters, why_unused
from deploy.stacks.templates import Resource, Template, load_template
from deploy.wording import enumerated


@dataclass(frozen=True)
class StackTarget:
    """A stack as it is to be. `values` are given anew; `kept` keep the value they have.

    `previous` are the values of all its parameters until now. With `reverts_drift` CloudFormation
    compares it with what is really there.
    """

    stack_name: str
    template: Template
    values: Mapping[str, str]
    kept: tuple[str, ...]
    tags: Mapping[str, str]
    creates: bool
    role_arn: str | None = None
    previous: Mapping[str, str] = field(default_factory=dict)
    reverts_drift: bool = False

    @property
    def iam_resources(self) -> tuple[Resource, ...]:
        """Those that it has with its values, for CloudFormation wants them acknowledged."""
        made = set(self.template.resources_made_with({**self.previous, **self.values}))
        return tuple(one for one in self.template.iam_resources if one in made)


def stack_target(
    deployment: Deployment, stack: Stack, code: Artifact, existing: StackState | None
) -> StackTarget:
    """What `stack` is to become. `existing` is None when it is to be created.

    A parameter that is not given keeps its value on an update; its default is for a creation, and
    for a parameter that is new, unless another stack of the deployment has a value for it. A new
    stack gets the tags and the role of the others, too.
    """
    template = load_template(stack.template)
    previous = existing.parameters if existing else {}
    told = TOLD_OF_THE_PORTAL if stack is GENERATOR else frozenset()
    own = previous.keys() - told
    of_other_stacks = {
        name: value for name, value in deployment.deployed_parameters.items() if name not in own
    }
    given = {
        **of_other_stacks,
        **deployment.parameters,
        **_supplied_parameters(deployment, stack, code),
    }
    values = {name: given[name] for name in template.parameters if name in given}
    return StackTarget(
        stack_name=deployment.stack_name(stack),
        template=template,
        values=values,
        kept=tuple(name for name in template.parameters if name in own and name not in values),
        tags={
            **(existing.tags if existing else deployment.deployed_tags),
            **deployment.tags,
            DEPLOYMENT_TAG: deployment.name,
        },
        creates=existing is None,
        role_arn=deployment.role_arn or (None if existing else deployment.deployed_role_arn),
        previous=previous,
    )


def check_parameters(deployment: Deployment, existing: Mapping[str, StackState | None]) -> None:
    """Raise ConfigurationError, naming every parameter that has no value from anywhere.

    A parameter that concerns nobody is refused, too: whoever gave it expects something of it.
    """
    for name, stack in unused_parameters(deployment):
        raise ConfigurationError(" ".join(why_unused(deployment, name, stack)))
    missing: list[str] = []
    for stack in deployment.stacks:
        missing += _missing_parameters(deployment, stack, existing.get(stack.kind))
    missing = list(dict.fromkeys(missing))
    if missing:
        raise ConfigurationError(
            f"No value is given for {enumerated(missing)}; run `{deployment.command('init')}`, "
            f"write to [{deployment.name}] in s3link.toml, or add --set {missing[0]}=…"
        )


def _missing_parameters(
    deployment: Deployment, stack: Stack, existing: StackState | None
) -> list[str]:
    nowhere = Artifact("", "")
    supplied = _supplied_parameters(deployment, stack, nowhere)
    kept = (
        existing.parameters if existing and not existing.is_dead else deployment.deployed_parameters
    )
    return [
        name
        for name, parameter in load_template(stack.template).parameters.items()
        if parameter.default is None
        and not any(name in source for source in (supplied, deployment.parameters, kept))
    ]


def _supplied_parameters(deployment: Deployment, stack: Stack, code: Artifact) -> dict[str, str]:
    """What the tool itself knows: names of other stacks, of the deployment, and of the zip."""
    names = {other.kind: deployment.stack_name(other) for other in deployment.stacks}
    supplied = {parameter: names.get(kind, "") for parameter, kind in stack.builds_on.items()}
    if stack.carries_code:
        supplied |= {
            "DeploymentName": deployment.name,
            "CodeBucketName": code.bucket,
            "CodeKey": code.key,
        }
    return supplied
