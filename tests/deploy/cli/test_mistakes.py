"""What an operator is told who types, configures or connects wrongly: one sentence, one code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.operator import Operator
from tests.tools import RUN_LIMIT

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
# Nothing listens on the discard port of this machine.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    config = tmp_path / "s3link.toml"
    config.write_text(f'[s3link]\nregion = "eu-west-1"\nendpoint_url = "{NOWHERE}"\n')
    nothing = {"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"}
    return Operator(config, environment={**KEYS, **nothing})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("plan --name Big", '"Big" cannot name a deployment. Use 2 to 28 lower-case letters'),
        (
            "plan --name sthree",
            "for example s3link, and none of S3's own beginnings (xn--…, sthree-…, "
            "amzn-s3-demo-…).",
        ),
        (f"plan --name {'x' * 29}", "Use 2 to 28 lower-case letters"),
        (
            "plan --tag Team",
            '"Team" cannot be a tag: it is not NAME=VALUE; for example Team=files.',
        ),
        (
            "deploy --tag s3link:deployment=x",
            "names beginning with aws: or s3link: are AWS's and s3link's own",
        ),
        ("deploy --tag A=1 --tag A=2", "A is given more than once."),
        (
            f"init {' '.join(f'--tag T{number}=x' for number in range(50))}",
            "50 tags are too many: AWS takes 50 on a bucket, one of which is s3link's.",
        ),
        ("deploy --role-arn deployer", '"deployer" is not a role: type the ARN of a role'),
        ("plan --set EmailSender", '"EmailSender" is not NAME=VALUE'),
        ("plan --output yaml", "'yaml' is not one of 'text', 'json'"),
        ("plan --exit-cod", "No such option"),
        ("deploy now", "Got unexpected extra argument (now)"),
        (
            "deploy --set LogsTTL=30 --set Dashboard=true --set LogsTTL=90",
            "LogsTTL is given more than once.",
        ),
        ("send ''", "an empty name is not a file; name a file, or a folder such as . (this one)."),
        (
            "plan --set EmailSendr=a@example.com",
            "There is no parameter EmailSendr (from --set); did you mean EmailSender?",
        ),
        ("plan --set CodeKey=x", "CodeKey (from --set) is set by s3link itself; remove it."),
        ("plan --set LogsTTL=2", 'LogsTTL: "2" (from --set) cannot be used: '),
        ("init --set LogsTTL=2", 'LogsTTL: "2" (from --set) cannot be used: '),
        ("deplyo", "No such command 'deplyo'. Did you mean 'deploy'?"),
        ("links extnd", "No such command 'extnd'. Did you mean 'extend'?"),
        ("plan --exit-cod", "No such option '--exit-cod'. Did you mean '--exit-code'?"),
        ("plan --output jsno", "'jsno' is not one of 'text', 'json'. Did you mean json?"),
        ("deploy --with potral", "Did you mean portal?"),
        ("links list --state usble", "Did you mean Usable?"),
    ],
)
def test_wrong_usage_is_exit_code_2(operator: Operator, line: str, said: str) -> None:
    """Nothing is read or called; the usage is shown with what was wrong."""
    ran = operator.s3link(line)

    assert ran.exit_code == 2
    assert said in ran.stderr
    assert ran.stdout == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("deplyo --output json", "No such command 'deplyo'"),
        ("--output json deploy", "No such option"),
        ("--output=json", "No such option"),
        ("links --output json", "No such option"),
        ("plan --exit-cod --output=json", "No such option"),
        ("links extend 4f2a9c01d3e7 --output json", "Say how far: --by, --until or --downloads."),
        ("deploy --with portal --without portal --output json", "Say either --with portal or"),
        ("logs --portal --members --output json", "Say only one of --portal, --programs"),
    ],
)
def test_wrong_usage_is_a_document_for_programs(operator: Operator, line: str, said: str) -> None:
    """However early the mistake is found: stdout is one document, stderr has the usage, too."""
    ran = operator.s3link(line)

    assert ran.exit_code == 2
    assert list(ran.document) == ["error"]
    assert ran.document["error"].startswith(said)
    assert said in ran.stderr


@pytest.mark.parametrize("line", ["deploy -- --output json", "deplyo --output text", "deplyo json"])
def test_wrong_usage_is_no_document_for_people(operator: Operator, line: str) -> None:
    """A file may be called as the option is."""
    ran = operator.s3link(line)

    assert ran.exit_code == 2
    assert ran.stdout == ""


@pytest.mark.parametrize(
    ("line", "environment", "sentence"),
    [
        (
            "plan",
            {},
            f"AWS could not be reached at {NOWHERE}/; check the network, the proxy, --region and "
            "--endpoint-url.",
        ),
        (
            "deploy",
            {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None},
            'No AWS credentials were found in the environment or profile "default" in '
            "/nonexistent; run `aws configure`, `aws sso login` or `aws login`, or add --profile.",
        ),
        (
            "deploy",
            {"AWS_SECRET_ACCESS_KEY": None},
            "The AWS credentials are incomplete: AWS_SECRET_ACCESS_KEY is not set; set it, or add "
            "--profile.",
        ),
        (
            "plan --profile nobody",
            {},
            'There is no AWS profile "nobody" (--profile) in /nonexistent or /nonexistent; see '
            "`aws configure list-profiles`.",
        ),
        (
            "plan",
            {"AWS_PROFILE": "nobody"},
            'There is no AWS profile "nobody" (AWS_PROFILE) in /nonexistent or /nonexistent; see '
            "`aws configure list-profiles`.",
        ),
        ("demo missing.pdf", {}, 'There is no file "missing.pdf"; check the name.'),
    ],
)
def test_what_cannot_be_done_is_exit_code_1(
    operator: Operator, line: str, environment: dict[str, str | None], sentence: str
) -> None:
    """One sentence on stderr, nothing on stdout, and no traceback."""
    operator.environment.update(environment)

    ran = operator.s3link(line)

    assert ran.exit_code == 1
    assert ran.stderr == f"Error: {sentence}\n"
    assert ran.stdout == ""


NO_REGION = "is not an AWS region; use one such as eu-west-1."
NOT_HERE = 'take a region of the partition "aws" that has SES, for example --region eu-west-1.'
NO_ENDPOINT = "is not an endpoint; use one such as http://127.0.0.1:5000."


@pytest.mark.parametrize(
    ("line", "environment", "written", "exit_code", "sentence"),
    [
        ("plan --region x_x", {}, {}, 2, f'"x_x" (--region) {NO_REGION}'),
        ("plan", {"AWS_REGION": "x_x"}, {"region": ""}, 2, f'"x_x" (AWS_REGION) {NO_REGION}'),
        (
            "plan",
            {},
            {"region": "x_x"},
            1,
            f'"x_x" (region in s3link.toml, [s3link]) {NO_REGION}',
        ),
        (
            "local --region x_x",
            {},
            {},
            2,
            f'The embedded AWS cannot be in "x_x" (--region); {NOT_HERE}',
        ),
        (
            "local",
            {},
            {"region": "x_x"},
            1,
            f'The embedded AWS cannot be in "x_x" (region in s3link.toml, [s3link]); {NOT_HERE}',
        ),
        (
            "plan --endpoint-url htp://x",
            {},
            {},
            2,
            f'"htp://x" (--endpoint-url) {NO_ENDPOINT}',
        ),
        ("init --endpoint-url htp://x", {}, {}, 2, f'"htp://x" (--endpoint-url) {NO_ENDPOINT}'),
        (
            "plan",
            {"AWS_ENDPOINT_URL_SNS": "htp://x"},
            {},
            2,
            f'"htp://x" (AWS_ENDPOINT_URL_SNS) {NO_ENDPOINT}',
        ),
        (
            "plan",
            {},
            {"endpoint_url": "htp://x"},
            1,
            f'"htp://x" (endpoint_url in s3link.toml, [s3link]) {NO_ENDPOINT}',
        ),
    ],
)
def test_a_wrong_place_is_wrong_usage_where_it_was_typed(
    operator: Operator,
    line: str,
    environment: dict[str, str | None],
    written: dict[str, str],
    exit_code: int,
    sentence: str,
) -> None:
    """As an option, or in the variable for it; in the file it is the file that is wrong."""
    place = {"region": "eu-west-1", "endpoint_url": NOWHERE, **written}
    lines = [f'{key} = "{value}"' for key, value in place.items() if value]
    operator.config.write_text("\n".join(["[s3link]", *lines]))
    operator.environment.update(environment)

    ran = operator.s3link(line)

    assert (ran.exit_code, ran.stderr) == (exit_code, f"Error: {sentence}\n")


def test_no_region_is_one_sentence(operator: Operator) -> None:
    """Neither the option, nor the file, nor the environment says where."""
    operator.config.write_text("[s3link]\n")

    ran = operator.s3link("plan")

    assert ran.exit_code == 1
    assert ran.error == (
        "No AWS region is set; add --region, or region to s3link.toml, or set AWS_REGION."
    )


def test_aws_region_says_where(operator: Operator) -> None:
    """As for version 2 of the aws client, although boto3 does not look at it."""
    operator.config.write_text("[s3link]\n")
    operator.environment["AWS_REGION"] = "eu west"

    ran = operator.s3link("plan")

    assert ran.exit_code == 2
    assert ran.error == '"eu west" (AWS_REGION) is not an AWS region; use one such as eu-west-1.'


def test_debug_shows_the_traceback(operator: Operator) -> None:
    """For whoever wants to know more than the sentence."""
    ran = subprocess.run(
        [sys.executable, "-m", "deploy", "plan", "--debug", "--config", operator.config],
        env={**os.environ, **operator.environment, "AWS_REGION": "nowhere!"},
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_LIMIT,
    )

    assert ran.returncode == 1
    assert "Traceback (most recent call last)" in ran.stderr


def test_debug_leaves_programs_their_document(operator: Operator) -> None:
    """The traceback is for people; what failed stands in the document."""
    operator.environment["AWS_REGION"] = "nowhere!"
    operator.config.write_text("[s3link]\n")

    ran = operator.s3link("plan --debug --output json")

    assert ran.exit_code == 2
    assert ran.document == {
        "error": '"nowhere!" (AWS_REGION) is not an AWS region; use one such as eu-west-1.'
    }
    assert ran.stderr.startswith("Traceback (most recent call last)")
