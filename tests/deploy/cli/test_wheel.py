"""s3link installed as a wheel, away from the repository and without what only tests need."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.deploy.operator import Operator
from tests.tools import PIP, ROOT, RUN_LIMIT, make_environment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed_away(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of programs of a new environment that has the wheel and its dependencies."""
    away = tmp_path_factory.mktemp("away")
    build = ["wheel", "--quiet", "--no-deps", "--wheel-dir", away / "dist", ROOT]
    subprocess.run([*PIP, *build], check=True, timeout=RUN_LIMIT)
    [wheel] = (away / "dist").glob("*.whl")
    make_environment(away / "venv", "--constraint", ROOT / "constraints.txt", wheel)
    return away / "venv/bin"


def run_away(programs: Path, operator: Operator, *line: str) -> subprocess.CompletedProcess[str]:
    """Type a line after `s3link` in a directory that holds nothing but s3link.toml."""
    return subprocess.run(
        [programs / "s3link", *line],
        cwd=operator.config.parent,
        env={"PATH": os.defpath, "HOME": "/nonexistent", "LANG": "C.UTF-8", **operator.environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_LIMIT,
    )


def test_a_wheel_deploys_the_same_as_the_repository(
    installed_away: Path, embedded_operator: Operator
) -> None:
    """Templates and Lambda sources are inside, and give the same zip: nothing to change."""
    embedded_operator.s3link("deploy")

    ran = run_away(installed_away, embedded_operator, "plan", "--exit-code")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-1] == "Nothing to change."


def test_a_wheel_deploys_where_nothing_is_yet(
    installed_away: Path, embedded_operator: Operator
) -> None:
    """The whole path works without moto, the tests' libraries or the repository."""
    ran = run_away(installed_away, embedded_operator, "deploy")

    assert ran.returncode == 0, ran.stderr
    assert "s3link-generator created" in ran.stdout


@pytest.mark.parametrize("command", ["local", "demo"])
def test_what_needs_the_embedded_aws_says_how_to_install_it(
    installed_away: Path, embedded_operator: Operator, command: str
) -> None:
    """moto is an extra, since nobody needs it to deploy to AWS."""
    file = [str(embedded_operator.config)] if command == "demo" else []

    ran = run_away(installed_away, embedded_operator, command, *file)

    assert ran.returncode == 1
    assert "run `pipx install --force '.[local]'` in a clone" in ran.stderr
    assert "Traceback" not in ran.stderr
