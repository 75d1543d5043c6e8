"""cfn-lint has nothing to say, and nothing is hidden from it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.templates.reading import Template, each_template
from tests.tools import RUN_LIMIT

pytestmark = pytest.mark.slow

# Regions where people send mail from, old and new: a property must exist in all of them.
REGIONS = ["us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-1", "us-gov-west-1"]
CFN_LINT = Path(sys.executable).parent / "cfn-lint"


@each_template
def test_cfn_lint_finds_nothing(template: Template) -> None:
    """Not one error, warning or piece of information, with the checks that are off by default."""
    finished = subprocess.run(
        [CFN_LINT, template.path, "--include-checks", "I", "--regions", *REGIONS],
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_LIMIT,
    )

    assert (finished.stdout, finished.stderr, finished.returncode) == ("", "", 0)


@each_template
def test_no_finding_is_ignored(template: Template) -> None:
    """Nothing in the file tells cfn-lint to look away."""
    assert "cfn-lint" not in template.text
