"""One code of an MFA device serves all commands until the role's session ends, as with `aws`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.server import EmbeddedAws
from tests.tools import AWSCLI, RUN_LIMIT, installed, started

pytestmark = pytest.mark.slow

S3LINK = [sys.executable, "-m", "deploy"]
DOCTOR = [*S3LINK, "doctor", "--profile", "ops"]
IN_A_TERMINAL = [sys.executable, "-c", "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]))"]
DEVICE = "arn:aws:iam::123456789012:mfa/ann"
# The role may do nothing, but it is the role that asks.
AS_THE_ROLE = ":assumed-role/ops/"


@pytest.fixture
def machine(embedded_aws: EmbeddedAws, tmp_path: Path) -> dict[str, str]:
    """The environment of an operator whose profile is a role with an MFA device."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text(
        f"[profile base]\naws_access_key_id = {LOCAL_ACCESS_KEY}\n"
        f"aws_secret_access_key = {LOCAL_SECRET_KEY}\n"
        "[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = base\n"
        f"mfa_serial = {DEVICE}\nregion = {embedded_aws.region}\n"
        f"endpoint_url = {embedded_aws.endpoint}\n"
    )
    others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**others, "HOME": str(tmp_path), "LANG": "C.UTF-8"}


def type_code(machine: Mapping[str, str], code: str = "123456") -> str:
    """Run `s3link doctor` in a terminal, answer the one question, and return what was printed."""
    with started([*IN_A_TERMINAL, *DOCTOR], env=machine, stdin=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdin
        printed = ""
        while f"Enter MFA code for {DEVICE}:" not in printed and process.poll() is None:
            printed += process.stdout.read(1)
        process.stdin.write(f"{code}\n")
        process.stdin.flush()
        return printed + process.stdout.read()


def run_without_terminal(
    machine: Mapping[str, str], *command: str | Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=machine,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_LIMIT,
    )


def test_the_second_command_asks_for_no_code(machine: dict[str, str]) -> None:
    """The session that the first one opened is used, even where nobody could be asked."""
    asked = type_code(machine)
    again = run_without_terminal(machine, *DOCTOR)

    assert AS_THE_ROLE in asked
    assert AS_THE_ROLE in again.stderr


def test_a_code_that_is_none_is_one_sentence(machine: dict[str, str]) -> None:
    """Seen before it is sent; the next command asks again."""
    printed = type_code(machine, "123")

    assert 'An MFA code for profile "ops" in ~/.aws/config has six digits; repeat the' in printed


def test_nobody_else_can_read_the_session(machine: dict[str, str]) -> None:
    """It is a secret key and a token."""
    type_code(machine)

    [kept] = (Path(machine["HOME"]) / ".aws/cli/cache").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_home_that_cannot_be_written_to_keeps_nothing(machine: dict[str, str]) -> None:
    """The code is asked for each time, as it would be without a place to keep sessions in."""
    (Path(machine["HOME"]) / ".aws/cli").write_text("in the way of a folder")

    assert AS_THE_ROLE in type_code(machine)


def test_without_a_terminal_the_code_is_not_waited_for(machine: dict[str, str]) -> None:
    """Nor is it taken from standard input, which may be the operator's data."""
    ran = run_without_terminal(machine, *DOCTOR)

    assert ran.returncode == 1
    assert ran.stderr.strip() == (
        f'Error: The role of profile "ops" in ~/.aws/config asks for the code of {DEVICE}, and '
        "there is no terminal to type it in; run `aws sts get-caller-identity --profile ops` in "
        "one: the session that it opens serves here, too, until it ends."
    )


def test_the_aws_client_uses_the_same_session(machine: dict[str, str]) -> None:
    """Same place, same name, same form: it asks for no code either."""
    type_code(machine)

    aws = installed(AWSCLI, "aws")
    ran = run_without_terminal(machine, aws, "sts", "get-caller-identity", "--profile", "ops")

    assert AS_THE_ROLE in ran.stdout, ran.stderr
