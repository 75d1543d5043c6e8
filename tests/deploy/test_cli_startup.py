"""The command line is light to start: help needs neither AWS's library nor the embedded AWS."""

from __future__ import annotations

import subprocess
import sys

import pytest

from deploy.cli import COMMANDS
from tests.tools import RUN_LIMIT

HEAVY = {"boto3", "botocore", "moto", "yaml", "deploy.local.server"}
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
