"""Which stacks a deployment has: the two that every one has, those chosen, and those that exist."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.deployment import GENERATOR, PORTAL, PROGRAMS, SENDER, Deployment
from deploy.errors import ConfigurationError
from deploy.package.artifacts import Artifact
from deploy.stacks.lookup import StackState
from deploy.stacks.optional import with_existing_stacks
from deploy.stacks.target import check_parameters, stack_target

GIVEN = {
    "AdminAlarmEMail": "admin@example.com",
    "EmailSender": "links@example.com",
    "EmailRecipient": "bob@example.com",
}
DEPLOYMENT = Deployment("s3link", "123456789012", "eu-west-1", GIVEN)
WITH_PORTAL = replace(DEPLOYMENT, optional_kinds=frozenset({"portal"}))
WITH_PROGRAMS = replace(DEPLOYMENT, optional_kinds=frozenset({"programs"}))
WITH_BOTH = replace(DEPLOYMENT, optional_kinds=frozenset({"portal", "programs"}))
WITHOUT_PORTAL = replace(DEPLOYMENT, dropped=frozenset({"portal"}))
NOWHERE = Artifact("", "")


def state(kind: str, status: str = "CREATE_COMPLETE", **parameters: str) -> StackState:
    return StackState(f"s3link-{kind}", kind, status, "", parameters, {}, {}, is_protected=False)


@pytest.mark.parametrize(
    ("deployment", "existing", "kinds"),
    [
        (DEPLOYMENT, [], ["sender", "generator"]),
        (WITH_PORTAL, [], ["sender", "portal", "generator"]),
        (WITH_PROGRAMS, [], ["sender", "generator", "programs"]),
        (WITH_BOTH, [], ["sender", "portal", "generator", "programs"]),
        (WITHOUT_PORTAL, ["programs"], ["sender", "generator", "programs"]),
        (DEPLOYMENT, ["portal"], ["sender", "portal", "generator"]),
        (WITHOUT_PORTAL, ["portal"], ["sender", "generator"]),
        (WITHOUT_PORTAL, [], ["sender", "generator"]),
    ],
)
def test_an_optional_stack_is_there_when_chosen_or_standing(
    deployment: Deployment, existing: list[str], kinds: list[str]
) -> None:
    """One that exists is kept, whoever forgets to name it, unless it is to go."""
    found = {kind: state(kind) for kind in existing}

    assert [stack.kind for stack in with_existing_stacks(deployment, found).stacks] == kinds


def test_a_portal_that_failed_at_first_still_counts() -> None:
    """The sentence of the failure says to deploy again, and that has to try it again."""
    found = {"portal": state("portal", "ROLLBACK_COMPLETE")}

    assert with_existing_stacks(DEPLOYMENT, found).has(PORTAL)


def test_a_portal_that_was_only_planned_does_not_count() -> None:
    """Its plan broke off, and nobody has ever asked for it to be made."""
    found = {"portal": state("portal", "REVIEW_IN_PROGRESS")}

    assert not with_existing_stacks(DEPLOYMENT, found).has(PORTAL)
    assert with_existing_stacks(WITH_PORTAL, found).has(PORTAL)


@pytest.mark.parametrize(("deployment", "name"), [(WITH_PORTAL, "s3link-portal"), (DEPLOYMENT, "")])
def test_the_generator_knows_the_portal_by_its_name(deployment: Deployment, name: str) -> None:
    """An empty one means direct links, also where there was a portal before."""
    before = state("generator", PortalStackName="s3link-portal")

    assert stack_target(deployment, GENERATOR, NOWHERE, before).values["PortalStackName"] == name


def test_a_stack_that_is_added_takes_what_the_others_have() -> None:
    """A file that stays for a week has links for a week, though nobody says so again."""
    found = {
        "generator": state("generator", ExchangableObjectsTTL="7", EmailSender="a@example.com")
    }
    asked = replace(WITH_BOTH, parameters={"EmailSender": "links@example.com"})

    portal = stack_target(with_existing_stacks(asked, found), PORTAL, NOWHERE, None)
    programs = stack_target(with_existing_stacks(asked, found), PROGRAMS, NOWHERE, None)

    assert programs.values["ExchangableObjectsTTL"] == "7"
    assert portal.values["EmailSender"] == "links@example.com"
    assert "MaxDownloads" not in portal.values


def test_a_parameter_that_an_update_adds_takes_what_the_others_have() -> None:
    """Mails say how often the portal lets a link work, though nobody says it to the generator."""
    found = {
        "portal": state("portal", MaxDownloads="1"),
        "generator": state("generator", ExchangableObjectsTTL="7"),
    }
    asked = with_existing_stacks(replace(WITH_PORTAL, parameters={}), found)

    generator = stack_target(asked, GENERATOR, NOWHERE, found["generator"])

    assert generator.values["MaxDownloads"] == "1"
    assert "ExchangableObjectsTTL" in generator.kept


def test_the_generator_says_what_holds_at_the_portal() -> None:
    """Also after an update of which only the portal's half came to pass."""
    found = {
        "portal": state("portal", MaxDownloads="1"),
        "generator": state("generator", MaxDownloads="5"),
    }
    asked = with_existing_stacks(replace(WITH_PORTAL, parameters={}), found)

    generator = stack_target(asked, GENERATOR, NOWHERE, found["generator"])
    portal = stack_target(asked, PORTAL, NOWHERE, found["portal"])

    assert asked.deployed_parameters["MaxDownloads"] == "1"
    assert generator.values["MaxDownloads"] == "1"
    assert "MaxDownloads" in portal.kept


def test_a_new_portal_has_no_limit_from_the_one_before() -> None:
    """The generator keeps none, once there is no portal."""
    found = {"generator": state("generator", MaxDownloads="1")}
    alone = with_existing_stacks(replace(DEPLOYMENT, parameters={}), found)
    again = with_existing_stacks(replace(WITH_PORTAL, parameters={}), found)

    generator = stack_target(alone, GENERATOR, NOWHERE, found["generator"])
    portal = stack_target(again, PORTAL, NOWHERE, None)

    assert "MaxDownloads" not in {*generator.kept, *generator.values}
    assert "MaxDownloads" not in portal.values


def test_the_api_for_programs_knows_the_others_by_their_names() -> None:
    """It is applied last, and takes the bucket from the generator."""
    values = stack_target(WITH_PROGRAMS, PROGRAMS, NOWHERE, None).values

    assert values["SenderStackName"] == "s3link-sender"
    assert values["GeneratorStackName"] == "s3link-generator"


def test_what_the_others_have_need_not_be_given() -> None:
    """A portal is added to a deployment without its s3link.toml, too."""
    found = {
        "sender": state("sender", AdminAlarmEMail="admin@example.com"),
        "generator": state(
            "generator", EmailSender="links@example.com", EmailRecipient="bob@example.com"
        ),
    }

    check_parameters(with_existing_stacks(replace(WITH_PORTAL, parameters={}), found), found)


def test_what_is_missing_for_two_stacks_is_named_once() -> None:
    """Portal and generator ask for the same addresses."""
    asked = replace(WITH_PORTAL, parameters={"AdminAlarmEMail": "admin@example.com"})

    with pytest.raises(ConfigurationError, match="given for EmailSender and EmailRecipient;"):
        check_parameters(asked, {})


@pytest.mark.parametrize(
    ("deployment", "sentence"),
    [
        (
            DEPLOYMENT,
            "MaxDownloads is a parameter of the portal, and the deployment has none: it needs "
            '--with portal. Add that, or with = ["portal"] to s3link.toml, or remove MaxDownloads.',
        ),
        (
            WITHOUT_PORTAL,
            "MaxDownloads is a parameter of the portal, which is to be removed. "
            "Remove MaxDownloads.",
        ),
    ],
)
def test_a_parameter_that_concerns_nobody_is_refused(deployment: Deployment, sentence: str) -> None:
    """Whoever limits downloads would believe them limited."""
    asked = replace(deployment, parameters={**GIVEN, "MaxDownloads": "1"})

    with pytest.raises(ConfigurationError) as refused:
        check_parameters(asked, {})

    assert str(refused.value) == sentence


def test_commands_that_choose_name_the_choice_again() -> None:
    """`s3link doctor` without it would look at another deployment than the one refused."""
    asked = replace(
        DEPLOYMENT, stack_options=("--with", "portal"), place_options=("--region", "eu-west-1")
    )

    assert asked.command("doctor") == "s3link doctor --with portal --region eu-west-1"
    assert asked.command("dlq list") == "s3link dlq list --region eu-west-1"


def test_a_stack_that_is_added_later_gets_the_tags_and_the_role_of_the_others() -> None:
    """What is given now goes before; a stack that is there keeps its own."""
    role, given = "arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/two"
    sender = replace(state("sender"), tags={"Team": "files", "Stage": "test"}, role_arn=role)
    found = {"sender": sender, "generator": None, "portal": None}
    code = Artifact("artifacts", "lambda/0.zip")

    deployment = with_existing_stacks(replace(WITH_PORTAL, tags={"Stage": "live"}), found)
    new = stack_target(deployment, PORTAL, code, None)
    old = stack_target(deployment, SENDER, code, sender)
    told = stack_target(replace(deployment, role_arn=given), PORTAL, code, None)

    assert new.tags == {"Team": "files", "Stage": "live", "s3link:deployment": "s3link"}
    assert (new.role_arn, old.role_arn, told.role_arn) == (role, None, given)
