"""The vocabulary of a deployment: its name, its stacks and their order. Pure data, no AWS calls."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.brand.brand import NO_BRAND, Brand

DEFAULT_NAME = "s3link"
DEFAULT_CONFIG = Path("s3link.toml")


@dataclass(frozen=True)
class Stack:
    """One template and how it hangs together with the others.

    `builds_on` maps a parameter of the template to the kind of the stack whose name it takes; of
    an optional stack that a deployment does without, the parameter is empty.
    """

    kind: str
    template: str
    builds_on: Mapping[str, str] = field(default_factory=dict)
    carries_code: bool = False
    optional: bool = False


SENDER = Stack("sender", "ses_email_sender.yaml")
PORTAL = Stack(
    "portal",
    "link_portal.yaml",
    builds_on={"SenderStackName": SENDER.kind},
    carries_code=True,
    optional=True,
)
GENERATOR = Stack(
    "generator",
    "lambda_link_generator.yaml",
    builds_on={"SenderStackName": SENDER.kind, "PortalStackName": PORTAL.kind},
    carries_code=True,
)

PROGRAMS = Stack(
    "programs",
    "programs_api.yaml",
    builds_on={
        "SenderStackName": SENDER.kind,
        "PortalStackName": PORTAL.kind,
        "GeneratorStackName": GENERATOR.kind,
    },
    carries_code=True,
    optional=True,
)

MEMBERS = Stack(
    "members",
    "members_area.yaml",
    builds_on={"SenderStackName": SENDER.kind},
    carries_code=True,
    optional=True,
)

# In the order they are applied; they are destroyed in reverse.
STACKS = (SENDER, PORTAL, GENERATOR, PROGRAMS, MEMBERS)
# What --with and --without, and `with` in s3link.toml, choose from.
OPTIONAL_KINDS = tuple(stack.kind for stack in STACKS if stack.optional)
# The commands that take --with, --without, --tag or --role-arn.
_VERBS_WITH_STACK_OPTIONS = frozenset({"deploy", "destroy", "doctor", "plan"})

# What the tool itself gives to a template; nobody sets these in s3link.toml or with --set.
SUPPLIED_PARAMETERS = frozenset(
    {"DeploymentName", "CodeBucketName", "CodeKey"}
    | {parameter for stack in STACKS for parameter in stack.builds_on}
)


@dataclass(frozen=True)
class Deployment:
    """Everything under one name in one account and region.

    `parameters` holds what the operator chose, by template parameter name, for all stacks;
    `place_options` the options with which the deployment was found, as they were typed.
    `optional_kinds` are the kinds of the optional stacks that it is to have, `dropped` of those
    that it is to lose; `stack_options` the options that said so on the command line.
    `deployed_parameters`, `deployed_tags` and `deployed_role_arn` are what its stacks have now: one
    that is added beside them takes what they share from there.
    `tags` go onto everything that is made; `role_arn` is the role with which CloudFormation works,
    instead of the operator's own rights. The `brand` is in the Lambda zip.
    """

    name: str
    account: str
    region: str
    parameters: Mapping[str, str]
    place_options: tuple[str, ...] = ()
    optional_kinds: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    stack_options: tuple[str, ...] = ()
    deployed_parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    role_arn: str | None = None
    brand: Brand = NO_BRAND
    deployed_tags: Mapping[str, str] = field(default_factory=dict)
    deployed_role_arn: str | None = None

    @property
    def stacks(self) -> tuple[Stack, ...]:
        """The stacks that it is to have, in the order they are applied."""
        return tuple(stack for stack in STACKS if self.has(stack))

    def has(self, stack: Stack) -> bool:
        return not stack.optional or stack.kind in self.optional_kinds

    def stack_name(self, stack: Stack) -> str:
        return stack_name(self.name, stack)

    def command(self, verb: str) -> str:
        """The line to type for this deployment, such as `s3link deploy --name test`."""
        stack_options = self.stack_options if verb.split()[0] in _VERBS_WITH_STACK_OPTIONS else ()
        return command_line(verb, self.name, (*stack_options, *self.place_options))

    @property
    def bucket_name(self) -> str:
        """FileExchangeBucketName as given, or `<deployment>-<account>-<region>`."""
        given = self.parameters.get("FileExchangeBucketName")
        return given or f"{self.name}-{self.account}-{self.region}"


def stack_name(deployment_name: str, stack: Stack) -> str:
    return f"{deployment_name}-{stack.kind}"


def command_line(verb: str, name: str, place_options: Sequence[str]) -> str:
    """The line to type for the deployment of this name; `place_options` are more options."""
    named = () if name == DEFAULT_NAME else ("--name", name)
    return f"s3link {verb} {shlex.join([*named, *place_options])}".rstrip()
