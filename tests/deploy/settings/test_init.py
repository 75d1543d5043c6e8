"""`s3link init`: the questions, the answers that are refused, and the file that comes out."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from deploy.deployment import OPTIONAL_KINDS
from deploy.settings.configuration import known_parameters, load_settings
from tests.deploy.operator import Operator

NOBODY = {name: "/nonexistent" for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")} | {
    name: "" for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE")
}
REQUIRED = (
    "--set AdminAlarmEMail=admin@example.com --set EmailSender=links@example.com "
    "--set EmailRecipient=bob@example.com"
)
# Enter is a no to each optional stack.
NO_MORE = "\n" * len(OPTIONAL_KINDS)
# name and region; then the optional stacks; then admin, sender, recipient, and what has a default
BEGINNING, REST = "\neu-west-1\n", "admin@example.com\nlinks@example.com\nbob@example.com\n\n\n\n"
ANSWERS = f"{BEGINNING}{NO_MORE}{REST}"


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    config = tmp_path / "s3link.toml"
    return Operator(config, ("--config", str(config)), NOBODY)


def test_the_answers_become_a_table(operator: Operator) -> None:
    """What is answered is what a deploy reads; Enter takes the template's default."""
    ran = operator.s3link("init", answers=ANSWERS)

    settings = load_settings(operator.config, "s3link", {})
    assert ran.exit_code == 0, ran.stderr
    assert settings.region == "eu-west-1"
    assert settings.parameters == {
        "AdminAlarmEMail": "admin@example.com",
        "EmailSender": "links@example.com",
        "EmailRecipient": "bob@example.com",
        "AuthorizedRecipients": "",
        "ExchangableObjectsTTL": "1",
        "LinkExpirationPeriod": "18000",
    }
    assert ran.stdout == (
        f"Wrote the table [s3link] to {operator.config}.\n"
        f"Next: s3link doctor --config {operator.config}, "
        f"then s3link deploy --config {operator.config}\n"
    )


def test_every_key_stands_below_what_it_means(operator: Operator) -> None:
    """The comment is the template's own description, on one line."""
    operator.s3link("init", answers=ANSWERS)

    lines = operator.config.read_text().splitlines()

    for name, parameter in known_parameters().items():
        written = [number for number, line in enumerate(lines) if line.startswith(f"{name} =")]
        assert [lines[number - 1] for number in written] in ([f"# {parameter.description}"], [])
    assert "ExchangableObjectsTTL = 1" in lines


def test_the_portal_is_written_down(operator: Operator) -> None:
    """And nobody is asked how long direct links work. Who writes it again with --yes keeps it."""
    ran = operator.s3link("init --with portal", answers=f"{BEGINNING}{NO_MORE[1:]}{REST}")
    again = operator.s3link("init --yes --set LogsTTL=30")

    settings = load_settings(operator.config, "s3link", {})
    assert (ran.exit_code, again.exit_code) == (0, 0), ran.stderr + again.stderr
    assert 'with = ["portal"]' in operator.config.read_text().splitlines()
    assert settings.optional_kinds == {"portal"}
    assert "LinkExpirationPeriod" not in settings.parameters
    assert settings.parameters["LogsTTL"] == "30"


def test_optional_stacks_are_offered(operator: Operator) -> None:
    """One question each, in which Enter is a no; what was named before is not asked again."""
    ran = operator.s3link("init --with portal", answers=f"{BEGINNING}\ny\n{REST}")

    settings = load_settings(operator.config, "s3link", {})
    assert ran.exit_code == 0, ran.stderr
    assert "Optional stacks; each can be added later, too.\n" in ran.stderr
    assert "Do you want the portal" not in ran.stderr
    assert (
        "Do you want the API for programs: uploads, downloads and one-time links over HTTPS? [y/N]"
    ) in ran.stderr
    assert (
        "Do you want the members area: invited people sign in, download releases, answer a survey?"
        " [y/N]"
    ) in ran.stderr
    assert 'with = ["members", "portal"]' in operator.config.read_text().splitlines()
    assert settings.optional_kinds == {"members", "portal"}
    assert "LinkExpirationPeriod" not in settings.parameters


@pytest.mark.parametrize(
    ("question", "wrong", "right"),
    [
        ("DeploymentName", "My Files", "my-files"),
        ("region", "Ireland", "eu-west-1"),
        ("AdminAlarmEMail", "admin", "admin@example.com"),
        ("EmailSender", "Links <links@example.com>", "links@example.com"),
        ("EmailRecipient", "bob@example.com;eve@example.com", "bob@example.com,eve@example.com"),
        ("AuthorizedRecipients", "everybody", "@example.com"),
        ("ExchangableObjectsTTL", "0", "7"),
        ("LinkExpirationPeriod", "86400", "3600"),
    ],
)
def test_a_wrong_answer_is_explained_and_asked_again(
    operator: Operator, question: str, wrong: str, right: str
) -> None:
    """The explanation is the ConstraintDescription of the template's parameter."""
    answers = {
        "DeploymentName": "s3link",
        "region": "eu-west-1",
        "optional stacks": NO_MORE.removesuffix("\n"),
        "AdminAlarmEMail": "admin@example.com",
        "EmailSender": "links@example.com",
        "EmailRecipient": "bob@example.com",
        "AuthorizedRecipients": "",
        "ExchangableObjectsTTL": "",
        "LinkExpirationPeriod": "",
    }
    answers[question] = f"{wrong}\n{right}"

    ran = operator.s3link("init", answers="\n".join(answers.values()) + "\n")

    known = known_parameters().get(question)
    reason = known.constraint_description.rstrip(".") if known else "for example"
    assert ran.exit_code == 0, ran.stderr
    assert ran.stderr.count("That cannot be used: ") == 1
    assert reason in ran.stderr
    [(name, table)] = tomllib.loads(operator.config.read_text()).items()
    assert right in {name, *map(str, table.values())}


def test_what_is_set_is_not_asked(operator: Operator) -> None:
    """--set answers in advance, for parameters beyond the questions too."""
    ran = operator.s3link(
        f"init --name s3link --region eu-west-1 {REQUIRED} --set LogsTTL=30",
        answers=f"{NO_MORE}\n\n\n",
    )

    assert ran.exit_code == 0, ran.stderr
    assert "EmailSender" not in ran.stderr
    assert "LogsTTL = 30" in operator.config.read_text()


def test_yes_asks_nothing(operator: Operator) -> None:
    """With --yes the command runs without anybody there, and writes what was set, no more.

    A default that is written down would undo what a deployment was given before.
    """
    ran = operator.s3link(f"init --yes --region eu-west-1 {REQUIRED} --output json")

    assert ran.exit_code == 0, ran.stderr
    assert ran.stderr == ""
    assert ran.document["config"] == str(operator.config)
    assert ran.document["deployment"] == "s3link"
    assert ran.document["region"] == "eu-west-1"
    assert set(ran.document["parameters"]) == {"AdminAlarmEMail", "EmailSender", "EmailRecipient"}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "init --yes --region eu-west-1 --set EmailSender=links@example.com",
            "--yes takes defaults, and there is none for AdminAlarmEMail, EmailRecipient; "
            "add --set AdminAlarmEMail=… --set EmailRecipient=…",
        ),
        (
            f"init --yes {REQUIRED}",
            "--yes takes defaults, and there is no region; add --region.",
        ),
        (
            "init --name s3link --region eu-west-1",
            "Nobody answered the question for AdminAlarmEMail; answer it at a terminal, or with "
            "--set AdminAlarmEMail=…; --yes takes defaults for all that is not given.",
        ),
        (
            "init",
            "Nobody answered the question for DeploymentName; answer it at a terminal, or with "
            "--name NAME; --yes takes defaults for all that is not given.",
        ),
        (
            "init --name s3link",
            "Nobody answered the question for region; answer it at a terminal, or with "
            "--region REGION; --yes takes defaults for all that is not given.",
        ),
        (
            f"init --yes --region eu-west-1 {REQUIRED} --set AuthorizedRecipients=@example.org",
            "Nothing was written: bob@example.com of EmailRecipient would get no links; add the "
            "address or its @domain to AuthorizedRecipients, or leave that empty.",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_one_sentence(
    operator: Operator, line: str, sentence: str
) -> None:
    """Nothing is written, and the sentence says what to add."""
    ran = operator.s3link(line)

    assert (ran.exit_code, ran.error) == (1, sentence)
    assert not operator.config.exists()


@pytest.mark.parametrize(
    ("region", "problem"),
    [
        ("Ireland", "Type the name of a region, for example eu-west-1."),
        (
            "eu-wset-1",
            "boto3 knows no such region; did you mean eu-west-1? If AWS has opened it since, "
            "upgrade boto3.",
        ),
    ],
)
@pytest.mark.parametrize(
    ("option", "table", "variable", "source", "exit_code"),
    [
        ("--region {}", "", "", "--region", 2),
        ("", 'region = "{}"', "", "{config}, [s3link]", 1),
        ("", "", "{}", "your AWS settings", 1),
        ("--region {}", 'region = "eu-west-1"', "eu-west-1", "--region", 2),
    ],
)
def test_a_region_that_is_none_is_told_with_its_place(
    operator: Operator,
    region: str,
    problem: str,
    option: str,
    table: str,
    variable: str,
    source: str,
    exit_code: int,
) -> None:
    """Typed, from the table that is kept, or as the AWS tools are set up."""
    if table:
        operator.config.write_text(f"[s3link]\n{table.format(region)}\n")
    operator.environment["AWS_REGION"] = variable.format(region)

    ran = operator.s3link(f"init --yes {option.format(region)} {REQUIRED}")

    where = f"from {source.format(config=operator.config)}"
    assert (ran.exit_code, ran.error) == (
        exit_code,
        f'region: "{region}" ({where}) cannot be used: {problem}',
    )
    assert operator.config.exists() == bool(table)


def test_tags_are_counted_with_those_that_are_kept(operator: Operator) -> None:
    """AWS would take no more; nothing is written."""
    kept = ", ".join(f'Kept{number} = "x"' for number in range(30))
    operator.config.write_text(f"[s3link]\ntags = {{ {kept} }}\n")
    before = operator.config.read_text()
    typed = " ".join(f"--tag Typed{number}=x" for number in range(20))

    ran = operator.s3link(f"init --yes --region eu-west-1 {REQUIRED} {typed}")

    assert (ran.exit_code, ran.error) == (
        1,
        "50 tags are too many: AWS takes 50 on a bucket, one of which is s3link's.",
    )
    assert operator.config.read_text() == before


def test_another_deployment_is_appended(operator: Operator) -> None:
    """Other tables and their comments stay byte for byte."""
    before = '# ours\n[s3link]  # the real one\nEmailSender = "files@example.com"\n\n\n'
    operator.config.write_text(before)

    ran = operator.s3link(f"init --yes --name s3link-test --region eu-west-1 {REQUIRED}")

    assert ran.exit_code == 0, ran.stderr
    assert operator.config.read_text().startswith(before.rstrip() + "\n\n[s3link-test]\n")


def test_the_only_table_is_the_one_that_is_meant(operator: Operator) -> None:
    """Where no name is given: --yes renews it, and the question proposes it."""
    operator.s3link(f"init --yes --name files --region eu-west-1 {REQUIRED}")

    renewed = operator.s3link("init --yes --set LogsTTL=30 --output json")
    asked = operator.s3link("init", answers="\nn\n")

    assert renewed.document["deployment"] == "files"
    assert list(tomllib.loads(operator.config.read_text())) == ["files"]
    assert "DeploymentName [files]:" in asked.stderr
    assert "has a table [files] already. Replace it with all its keys?" in asked.stderr


def test_a_table_is_not_replaced_without_consent(operator: Operator) -> None:
    """No is the default, and the file stays as it was."""
    before = '[s3link]\nEmailSender = "files@example.com"\n'
    operator.config.write_text(before)

    ran = operator.s3link("init --name s3link", answers="\n")

    assert ran.exit_code == 1
    assert "Replace it with all its keys? [y/N]" in ran.stderr
    assert ran.error == (
        f"{operator.config} was left alone, because it has a table [s3link]; take another --name, "
        "or edit the file."
    )
    assert operator.config.read_text() == before


@pytest.mark.parametrize("header", ["[s3link]", '["s3link"]  # ours', " [ s3link ] "])
def test_with_consent_only_that_table_is_replaced(operator: Operator, header: str) -> None:
    """Comments above the table and above the next one stay where they are."""
    operator.config.write_text(
        f'# all of ours\n\n{header}\nEmailSender = "old@example.com"\nLogsTTL = 30\n'
        '\n# for trying things\n[s3link-test]\nEmailSender = "test@example.com"\n'
    )

    ran = operator.s3link(f"init --yes --region eu-west-1 {REQUIRED}")

    text = operator.config.read_text()
    assert ran.exit_code == 0, ran.stderr
    assert text.startswith('# all of ours\n\n[s3link]\nregion = "eu-west-1"\n')
    assert text.endswith(
        '\n\n# for trying things\n[s3link-test]\nEmailSender = "test@example.com"\n'
    )
    assert "old@example.com" not in text


def test_yes_keeps_what_stands_there(operator: Operator) -> None:
    """Nobody agreed to lose it; only what is given anew changes."""
    operator.config.write_text(
        '[s3link]\nregion = "eu-west-1"\nprofile = "work"\nLogsTTL = 30\n'
        'ExchangableObjectsTTL = 7\nAdminAlarmEMail = "admin@example.com"\n'
        'EmailSender = "old@example.com"\nEmailRecipient = ["bob@example.com"]\n'
    )

    ran = operator.s3link("init --yes --set EmailSender=new@example.com")

    settings = load_settings(operator.config, "s3link", {})
    assert ran.exit_code == 0, ran.stderr
    assert (settings.region, settings.profile) == ("eu-west-1", "work")
    assert settings.parameters["EmailSender"] == "new@example.com"
    assert settings.parameters["EmailRecipient"] == "bob@example.com"
    assert settings.parameters["ExchangableObjectsTTL"] == "7"
    assert settings.parameters["LogsTTL"] == "30"


def test_recipients_who_may_not_get_links_are_told_at_once(operator: Operator) -> None:
    """A deploy would refuse them; the question that can mend it is asked again."""
    answers = (
        f"{BEGINNING}{NO_MORE}admin@example.com\nlinks@example.com\nbob@example.com\n"
        "@example.org\n\n\n@example.com\n"
    )

    ran = operator.s3link("init", answers=answers)

    settings = load_settings(operator.config, "s3link", {})
    assert ran.exit_code == 0, ran.stderr
    assert (
        "That cannot be used: bob@example.com of EmailRecipient would get no links; add the "
        "address or its @domain to AuthorizedRecipients, or leave that empty."
    ) in ran.stderr
    assert settings.parameters["AuthorizedRecipients"] == "@example.com"


def test_a_table_in_another_form_is_left_to_its_author(operator: Operator) -> None:
    """An inline table cannot be replaced by lines, and a guess could break the file."""
    before = 's3link = { EmailSender = "files@example.com" }\n'
    operator.config.write_text(before)

    ran = operator.s3link(f"init --yes --region eu-west-1 {REQUIRED}")

    assert (ran.exit_code, ran.error) == (
        1,
        f"{operator.config} has the table [s3link] in a form that cannot be replaced; "
        "edit it by hand.",
    )
    assert operator.config.read_text() == before


def test_a_place_that_cannot_be_written_is_named(operator: Operator, tmp_path: Path) -> None:
    """The reason is the operating system's own."""
    config = tmp_path / "no such folder" / "s3link.toml"
    elsewhere = Operator(tmp_path / "s3link.toml", ("--config", str(config)), NOBODY)

    ran = elsewhere.s3link(f"init --yes --region eu-west-1 {REQUIRED}")

    assert (ran.exit_code, ran.error) == (
        1,
        f"{config} cannot be written: No such file or directory.",
    )


def test_where_to_deploy_is_written_too(operator: Operator) -> None:
    """A profile and an endpoint that were given need not be typed again."""
    operator.s3link(
        f"init --yes --region eu-west-1 --profile work --endpoint-url http://127.0.0.1:5000 "
        f"{REQUIRED}"
    )

    settings = load_settings(operator.config, "s3link", {})
    assert (settings.profile, settings.endpoint_url) == ("work", "http://127.0.0.1:5000")


ROLE = "arn:aws:iam::123456789012:role/cloudformation"


@pytest.mark.parametrize(
    "before",
    [
        "",
        '[s3link]\ntags = { Team = "a", Site = "b" }\n\n# theirs\n[other]\nLogsTTL = 30\n',
        '[s3link]\n[s3link.tags]\nTeam = "a"\nSite = "b"\n\n# theirs\n[other]\nLogsTTL = 30\n',
    ],
)
def test_tags_and_role_are_kept(operator: Operator, before: str) -> None:
    """In the table, in whichever form its author wrote them; nobody else's table is touched."""
    operator.config.write_text(before)

    ran = operator.s3link(
        f"init --yes --region eu-west-1 {REQUIRED} --tag 'Cost center=47/11' --tag Team=files "
        f"--role-arn {ROLE} --output json"
    )

    settings = load_settings(operator.config, "s3link", {})
    assert ran.exit_code == 0, ran.stderr
    site = {"Site": "b"} if before else {}
    assert settings.tags == {"Team": "files", "Cost center": "47/11", **site}
    assert ran.document["tags"] == settings.tags
    assert settings.role_arn == ran.document["role_arn"] == ROLE
    assert operator.config.read_text().endswith("# theirs\n[other]\nLogsTTL = 30\n") or not before


@pytest.mark.parametrize("line", ["init --yes --set LogsTTL=30", "init"])
def test_the_brand_is_kept(operator: Operator, line: str) -> None:
    """Nobody is asked for it, so whoever writes the table again does not lose it."""
    before = (
        '[s3link]\nregion = "eu-west-1"\nbrand_name = "Lighthouse \\"X\\""\n'
        'brand_color = ["#003366", "#7fb2ff"]\nbrand_logo = "logo.svg"\n'
        'AdminAlarmEMail = "admin@example.com"\nEmailSender = "links@example.com"\n'
        'EmailRecipient = "bob@example.com"\n'
    )
    operator.config.write_text(before)
    brand = load_settings(operator.config, "s3link", {}).brand

    ran = operator.s3link(line, answers=f"\ny\n{ANSWERS[1:]}")

    after = load_settings(operator.config, "s3link", {})
    assert ran.exit_code == 0, ran.stderr
    assert after.brand == brand
    assert after.parameters["EmailSender"] == "links@example.com"
