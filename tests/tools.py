"""Programs that the tests run but s3link does not depend on, each in an environment of its own.

They pin their own boto3 or botocore, so they must never share the project's environment.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

AWSCLI = "awscli==1.46.2"
CHECKOV = "checkov==3.3.30"


def installed(requirement: str, program: str) -> Path:
    """The path of `program`, installed from PyPI on first use into `.venv-<name>` of the repo."""
    environment = ROOT / f".venv-{requirement.partition('==')[0]}"
    stamp = environment / f"installed-{requirement}"
    if not stamp.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        subprocess.run(
            [environment / "bin/python", "-m", "pip", "install", "--quiet", requirement],
            check=True,
        )
        stamp.touch()
    return environment / "bin" / program
