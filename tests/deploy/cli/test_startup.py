"""The command line is light to start: help needs neither AWS's library nor the embedded AWS."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from deploy.cli import COMMANDS
from tests.tools import RUN_LIMIT

HEAVY = {"boto3", "botocore", "moto", "rich", "yaml", "deploy.local.server"}
SCRIPT = """
import sys
from deploy.cli import main
sys.argv = ["s3link", *sys.argv[1:], "--help"]
try:
    main()
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [[], *([command] for command in COMMANDS)], ids=" ".join)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """Each of these would take longer to import than all the rest takes to run."""
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=RUN_LIMIT,
    )

    assert ran.stdout.startswith("Usage: s3link")
    assert HEAVY & set(ran.stderr.split()) == set()


def test_the_shell_completes_file_names_for_send() -> None:
    """What the shell asks for is answered with its own files."""
    asked = {
        "_S3LINK_COMPLETE": "bash_complete",
        "COMP_WORDS": "s3link send rep",
        "COMP_CWORD": "2",
    }
    script = "from deploy.cli import cli; cli(prog_name='s3link')"

    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        timeout=RUN_LIMIT,
        check=True,
    )

    assert ran.stdout == "file,rep\n"
