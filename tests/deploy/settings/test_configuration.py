"""s3link.toml and --set: what is taken, and the sentence for everything that is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.errors import ConfigurationError
from deploy.settings.configuration import Settings, known_parameters, load_settings

# The templates' own sentences, by parameter.
RULES = {name: known.constraint_description for name, known in known_parameters().items()}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "s3link.toml"


def sentence(config: Path, **overrides: str) -> str:
    with pytest.raises(ConfigurationError) as failure:
        load_settings(config, "s3link", overrides)
    return str(failure.value).replace(f"{config}", "s3link.toml")


def test_a_table_holds_the_parameters_and_the_place(config: Path) -> None:
    """Parameters go to the templates; region, profile and endpoint_url say where to deploy."""
    config.write_text(
        '[s3link]\nregion = "eu-west-1"\nprofile = "work"\nendpoint_url = "http://127.0.0.1:5000"\n'
        'EmailSender = "files@example.com"\nExchangableObjectsTTL = 3\n'
    )

    settings = load_settings(config, "s3link", {})

    assert settings == Settings(
        {"EmailSender": "files@example.com", "ExchangableObjectsTTL": "3"},
        profile="work",
        region="eu-west-1",
        endpoint_url="http://127.0.0.1:5000",
        source=f"{config}, [s3link]",
    )


def test_a_brand_is_no_parameter(config: Path) -> None:
    """Its logo is found beside the file, from wherever the tool is called."""
    config.write_text(
        '[s3link]\nbrand_name = "Lighthouse"\nbrand_color = ["#003366", "#7fb2ff"]\n'
        'brand_logo = "pictures/logo.svg"\n'
    )

    settings = load_settings(config, "s3link", {})

    assert settings.parameters == {}
    assert settings.brand.name == "Lighthouse"
    assert str(settings.brand.colours) == "#003366,#7fb2ff"
    assert settings.brand.logo == config.parent / "pictures/logo.svg"


def test_no_brand_is_no_brand(config: Path) -> None:
    config.write_text("[s3link]\n[other]\nbrand_name = 'Lighthouse'\n")

    assert not load_settings(config, "s3link", {}).brand


def test_each_deployment_reads_its_own_table(config: Path) -> None:
    """Several deployments live in one file, and a table nobody asked for is not judged."""
    config.write_text("[s3link]\nExchangableObjectsTTL = 3\n[s3link-test]\nnonsense = 1\n")

    assert load_settings(config, "s3link", {}).parameters == {"ExchangableObjectsTTL": "3"}


@pytest.mark.parametrize(
    ("written", "remark"),
    [
        ("[s3link]\n", ""),
        ("", ""),
        (
            "[s3lnik]\n[test]\n",
            "{config} has no table [s3link]; it has [s3lnik], [test]. Did you mean s3lnik?",
        ),
    ],
)
def test_a_table_of_another_name_is_remarked(config: Path, written: str, remark: str) -> None:
    """It may be the one that was meant; but a deployment may do without a table, too."""
    config.write_text(written)

    assert load_settings(config, "s3link", {}).remark == remark.format(config=config)


def test_a_byte_order_mark_is_no_fault(config: Path) -> None:
    """Editors on Windows begin a UTF-8 file with one."""
    config.write_text("[s3link]\nLogsTTL = 30\n", encoding="utf-8-sig")

    assert load_settings(config, "s3link", {}).parameters == {"LogsTTL": "30"}


def test_set_wins_over_the_file(config: Path) -> None:
    """What is typed now counts more than what was written then."""
    config.write_text("[s3link]\nExchangableObjectsTTL = 3\n")

    settings = load_settings(config, "s3link", {"ExchangableObjectsTTL": "7"})

    assert settings.parameters == {"ExchangableObjectsTTL": "7"}


@pytest.mark.parametrize(
    ("written", "parameters"),
    [
        (
            'EmailRecipient = ["bob@example.com", "carol@example.com"]',
            {"EmailRecipient": "bob@example.com,carol@example.com"},
        ),
        (
            'EmailRecipient = "bob@example.com, carol@example.com"',
            {"EmailRecipient": "bob@example.com, carol@example.com"},
        ),
        ("AuthorizedRecipients = []", {"AuthorizedRecipients": ""}),
        ("Dashboard = true", {"Dashboard": "true"}),
        ('Dashboard = "false"', {"Dashboard": "false"}),
        ("LinkExpirationPeriod = 21600", {"LinkExpirationPeriod": "21600"}),
    ],
)
def test_values_are_written_as_toml_has_them(
    config: Path, written: str, parameters: dict[str, str]
) -> None:
    """Lists, whole numbers and truth values need no quotes."""
    config.write_text(f"[s3link]\n{written}\n")

    assert load_settings(config, "s3link", {}).parameters == parameters


def test_no_file_is_fine_unless_it_was_named(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything can be given with --set; a file that was named must be there."""
    monkeypatch.chdir(config.parent)

    assert load_settings(None, "s3link", {}).parameters == {}
    assert sentence(config) == (
        "There is no configuration file s3link.toml; `s3link init --config s3link.toml` writes one."
    )


def test_s3link_toml_is_found_where_the_operator_stands(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --config, the file of the current directory is read."""
    config.write_text("[s3link]\nExchangableObjectsTTL = 3\n")
    monkeypatch.chdir(config.parent)

    assert load_settings(None, "s3link", {}).parameters == {"ExchangableObjectsTTL": "3"}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "[s3link]\nExchangeableObjectsTTL = 3",
            "There is no parameter ExchangeableObjectsTTL (from s3link.toml, [s3link]); "
            "did you mean ExchangableObjectsTTL?",
        ),
        (
            "[s3link]\nemailsender = 'a@example.com'",
            "There is no parameter emailsender (from s3link.toml, [s3link]); "
            "did you mean EmailSender?",
        ),
        (
            "[s3link]\nregoin = 'eu-west-1'",
            "There is no parameter regoin (from s3link.toml, [s3link]); did you mean region?",
        ),
        (
            "[s3link]\nwith = ['portl']",
            "with (from s3link.toml, [s3link]) is a list of optional stacks, and 'portl' is not one"
            "; known are portal, programs, members. Did you mean portal?",
        ),
        (
            "[s3link]\nwiht = ['portal']",
            "There is no parameter wiht (from s3link.toml, [s3link]); did you mean with?",
        ),
        (
            "[s3link]\nPortalStackName = 'x'",
            "PortalStackName (from s3link.toml, [s3link]) is set by s3link itself; remove it.",
        ),
        (
            "[s3link]\nCodeKey = 'x'",
            "CodeKey (from s3link.toml, [s3link]) is set by s3link itself; remove it.",
        ),
        (
            "[s3link]\nSenderStackName = 'x'",
            "SenderStackName (from s3link.toml, [s3link]) is set by s3link itself; remove it.",
        ),
        (
            f"[s3link]\n[{'x' * 29}]\nLogsTTL = 30",
            f"s3link.toml: the table [{'x' * 29}] cannot name a deployment. Use 2 to 28 "
            "lower-case letters, digits and hyphens, a letter first and no hyphen last, for "
            "example s3link, and none of S3's own beginnings (xn--…, sthree-…, amzn-s3-demo-…).",
        ),
        (
            "[s3link]\nbrand_colour = '#0b8f6a'",
            "There is no parameter brand_colour (from s3link.toml, [s3link]); did you mean "
            "brand_color?",
        ),
        (
            "[s3link]\nbrand_color = 'red'",
            'brand_color: "red" (from s3link.toml, [s3link]) cannot be used: type # and six '
            'hexadecimal digits, for example "#0b8f6a"; or two such for light and dark mode with a '
            "comma between them.",
        ),
        (
            "[s3link]\nbrand_name = ' '",
            'brand_name: " " (from s3link.toml, [s3link]) cannot be used: use up to 64 characters '
            "on one line, and no space at either end.",
        ),
        (
            "[s3link]\nbrand_name = 1.5",
            "brand_name (from s3link.toml, [s3link]) must be a text, a whole number, true, false "
            "or a list of texts.",
        ),
        (
            "[s3link]\nbrand_logo = 'logo.svg'",
            'brand_logo: "logo.svg" (from s3link.toml, [s3link]) cannot be used: it needs '
            "brand_name, for those who do not see it.",
        ),
        (
            "[s3link]\ntags = ['Team']",
            "tags (from s3link.toml, [s3link]) must be a table of texts, for example "
            'tags = {{ Team = "files" }}.',
        ),
        (
            "[s3link]\n[s3link.tags]\nTeam = 7",
            "tags (from s3link.toml, [s3link]) must be a table of texts, for example "
            'tags = {{ Team = "files" }}.',
        ),
        (
            "[s3link.tags]\n'aws:x' = 'a'",
            'tags: "aws:x=a" (from s3link.toml, [s3link]) cannot be used: names beginning with '
            "aws: or s3link: are AWS's and s3link's own.",
        ),
        (
            "[s3link.tags]\nTeam = ''",
            'tags: "Team=" (from s3link.toml, [s3link]) cannot be used: a tag has a name of 1 to '
            "128 characters and a value of 1 to 256.",
        ),
        (
            "[s3link.tags]\nTeam = 'a;b'",
            'tags: "Team=a;b" (from s3link.toml, [s3link]) cannot be used: use letters, digits, '
            "spaces and . : / = + - _ @.",
        ),
        (
            "[s3link]\nrole_arn = 'deployer'",
            'role_arn: "deployer" (from s3link.toml, [s3link]) cannot be used: type the ARN of a '
            "role, for example arn:aws:iam::123456789012:role/cloudformation.",
        ),
        (
            "EmailSender = 'a@example.com'",
            "s3link.toml: EmailSender stands outside a deployment's table; "
            "put it below a line [s3link].",
        ),
        (
            "[s3link]\nExchangableObjectsTTL = 1.5",
            "ExchangableObjectsTTL (from s3link.toml, [s3link]) must be a text, a whole number, "
            "true, false or a list of texts.",
        ),
        (
            "[s3link]\nEmailRecipient = [1]",
            "EmailRecipient (from s3link.toml, [s3link]) must be a text, a whole number, "
            "true, false or a list of texts.",
        ),
        (
            "[s3link]\nregion = 3",
            "region (from s3link.toml, [s3link]) must be a text that is not empty.",
        ),
        (
            "[s3link]\nprofile = ''",
            "profile (from s3link.toml, [s3link]) must be a text that is not empty.",
        ),
        (
            "[s3link]\n\nEmailSender = files@example.com",
            "s3link.toml is not valid TOML: Invalid value (at line 3, column 15).",
        ),
        (
            "[s3link]\nEmailSender = 'Files <files@example.com>'",
            'EmailSender: "Files <files@example.com>" (from s3link.toml, [s3link]) cannot be used: '
            "{EmailSender}",
        ),
        (
            "[s3link]\nEmailSender = ['a@example.com', 'b@example.com']",
            'EmailSender: "a@example.com,b@example.com" (from s3link.toml, [s3link]) cannot be '
            "used: {EmailSender}",
        ),
        (
            "[s3link]\nExchangableObjectsTTL = 0",
            'ExchangableObjectsTTL: "0" (from s3link.toml, [s3link]) cannot be used: '
            "{ExchangableObjectsTTL}",
        ),
    ],
)
def test_a_mistake_in_the_file_is_one_sentence(config: Path, written: str, said: str) -> None:
    """It names the value, where it stands, and what to write instead, as the template says it."""
    config.write_text(written)

    assert sentence(config) == said.format_map(RULES)


def test_a_mistake_in_set_says_that_it_was_set(config: Path) -> None:
    """The same rules hold on the command line, where there is no region or profile to set."""
    config.write_text("")

    assert sentence(config, EmailSender="files") == (
        'EmailSender: "files" (from --set) cannot be used: ' + RULES["EmailSender"]
    )
    assert sentence(config, regoin="eu-west-1").startswith(
        "There is no parameter regoin (from --set); known are AdminAlarmEMail, "
    )


def test_a_file_in_another_encoding_is_one_sentence(config: Path) -> None:
    """TOML is UTF-8; an editor on Windows may think otherwise."""
    config.write_bytes("[s3link]\n# Größe\n".encode("latin-1"))

    assert sentence(config) == "s3link.toml is not UTF-8 text; save it as UTF-8."


def test_a_folder_is_no_configuration_file(config: Path) -> None:
    """What cannot be read is named with the system's reason."""
    config.mkdir()

    assert sentence(config) == "s3link.toml cannot be read: Is a directory."


def test_a_direct_link_promises_at_most_six_hours(config: Path) -> None:
    """Longer is refused with the reason and the way out."""
    config.write_text("[s3link]\nLinkExpirationPeriod = 86400\n")

    assert sentence(config) == (
        "LinkExpirationPeriod: 86400 seconds (from s3link.toml, [s3link]) is too long: a direct "
        "link stops working when the session that signed it ends, so s3link promises at most "
        "21600 seconds (6 hours); for links that work for as long as their file stays "
        "(ExchangableObjectsTTL), deploy --with portal and leave LinkExpirationPeriod out."
    )


def test_with_the_portal_nobody_needs_a_longer_period(config: Path) -> None:
    """It concerns direct links only, of which there are none."""
    config.write_text('[s3link]\nwith = ["portal"]\nLinkExpirationPeriod = 86400\n')

    assert sentence(config) == (
        "LinkExpirationPeriod: 86400 seconds (from s3link.toml, [s3link]) is too long, and it "
        "concerns direct links only: links of the portal work for as long as their file stays "
        "(ExchangableObjectsTTL); leave LinkExpirationPeriod out."
    )


def test_the_portal_is_chosen_in_the_file_or_by_an_option(config: Path) -> None:
    """Either is enough."""
    config.write_text('[s3link]\nwith = ["portal"]\n[test]\n')

    assert load_settings(config, "s3link", {}).optional_kinds == {"portal"}
    assert load_settings(config, "test", {}).optional_kinds == frozenset()
    assert load_settings(config, "test", {}, chosen=["portal"]).optional_kinds == {"portal"}


def test_what_the_file_asks_for_cannot_be_removed(config: Path) -> None:
    """The next deploy would make it again."""
    config.write_text('[s3link]\nwith = ["portal"]\n')

    with pytest.raises(ConfigurationError) as refused:
        load_settings(config, "s3link", {}, dropped=["portal"])

    assert str(refused.value) == (
        f"with (from {config}, [s3link]) asks for the portal, which --without portal would remove; "
        'take "portal" out of it first.'
    )


def test_the_limit_is_the_templates_own(config: Path) -> None:
    """The sentence above and the bound that CloudFormation enforces are the same number."""
    assert known_parameters()["LinkExpirationPeriod"].max_value == 21_600


@pytest.mark.parametrize("value", ["", "0", "-5", "soon", "1.5e9"])
def test_an_expiration_that_is_no_span_of_time_is_refused(config: Path, value: str) -> None:
    """Anything but a whole number within the bounds gets the template's sentence."""
    config.write_text("")

    said = sentence(config, LinkExpirationPeriod=value)

    assert said.startswith(f'LinkExpirationPeriod: "{value}" (from --set) cannot be used: ')


def test_what_the_file_says_otherwise_is_known(tmp_path: Path) -> None:
    """A --set holds for one command; what the file says comes back with the next."""
    config = tmp_path / "s3link.toml"
    config.write_text('[s3link]\nExchangableObjectsTTL = 1\nEmailSender = "links@example.com"\n')
    typed = {"ExchangableObjectsTTL": "3", "EmailSender": "links@example.com", "LogsTTL": "30"}

    settings = load_settings(config, "s3link", typed)

    assert settings.overridden == {"ExchangableObjectsTTL": "1"}
    assert settings.parameters["ExchangableObjectsTTL"] == "3"
