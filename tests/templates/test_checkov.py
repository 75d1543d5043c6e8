"""checkov's findings are all answered: mended, or skipped with a reason in the template."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from typing import Any

import pytest

from tests.templates.reading import FOLDER, TEMPLATES
from tests.tools import CHECKOV, RUN_LIMIT, installed

# The findings that have an answer in a template. A new skip is a decision: it is made here too.
FUNCTIONS = {
    *("FateRecorder", "LinkGenerator", "LinkMailer", "Members", "NonceGate", "Portal", "Programs")
}
ANSWERED = {
    "CKV_AWS_18": {"ArtifactsBucketLogs", "FileExchangeBucketLogs"},
    "CKV_AWS_21": {"ArtifactsBucketLogs", "FileExchangeBucketLogs"},
    "CKV_AWS_26": {"CommonAlarmTopic", "MailEventsTopic"},
    "CKV_AWS_27": {"DeadLetterQueue", "PortalDeadLetterQueue"},
    "CKV_AWS_28": {"RequestCountsTable", "SignedOutTable"},
    "CKV_AWS_115": FUNCTIONS,
    "CKV_AWS_116": {"Members", "NonceGate", "Portal", "Programs"},
    "CKV_AWS_117": FUNCTIONS,
    "CKV_AWS_119": {
        "DeliveriesLedger",
        "GatheredFiles",
        "LinksTable",
        "NoncesTable",
        "RequestCountsTable",
        "SignedOutTable",
        "SurveyTable",
    },
    "CKV_AWS_158": {
        "FateRecorderLogGroup",
        "LinkGeneratorLogGroup",
        "MembersApiLogGroup",
        "MembersLogGroup",
        "PortalApiLogGroup",
        "PortalLogGroup",
        "ProgramsApiLogGroup",
        "ProgramsLogGroup",
    },
    "CKV_AWS_173": FUNCTIONS,
}
NOT_BY_DEFAULT = {"GatheredFiles"}


@cache
def report() -> dict[str, Any]:
    """What checkov says of all templates; it asks no server for anything."""
    program = installed(CHECKOV, "checkov")
    finished = subprocess.run(
        [
            program,
            *("--framework", "cloudformation"),
            *("--directory", "."),
            *("--output", "json"),
            *("--skip-download", "--compact"),
        ],
        # It writes the path of a template into what Ref stands for: a checkout where forty
        # characters of that path are letters and slashes would hold a "secret access key".
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_LIMIT,
    )
    answer: dict[str, Any] = json.loads(finished.stdout)
    return answer


def findings(kind: str) -> dict[str, set[str]]:
    """Logical IDs by the check that says something about them."""
    found: dict[str, set[str]] = {}
    for check in report()["results"][kind]:
        found.setdefault(check["check_id"], set()).add(check["resource"].rpartition(".")[2])
    return found


@pytest.mark.slow
def test_checkov_has_read_every_template() -> None:
    """The silence below means something: every file was checked, and most passed."""
    summary = report()["summary"]
    results = report()["results"]
    checks = results["passed_checks"] + results["skipped_checks"]
    read = {check["file_path"].lstrip("/") for check in checks}

    assert summary["parsing_errors"] == 0
    assert summary["passed"] >= 30
    assert read == {template.path.name for template in TEMPLATES}


@pytest.mark.slow
def test_checkov_finds_nothing_unanswered() -> None:
    """No check fails."""
    assert findings("failed_checks") == {}


@pytest.mark.slow
def test_checkov_skips_what_was_decided() -> None:
    """Each skip in a template really answers a finding; none is left over.

    Checkov looks at what there is with the parameters' defaults.
    """
    assert findings("skipped_checks") == {
        check: names - NOT_BY_DEFAULT for check, names in ANSWERED.items()
    }


def test_every_skip_has_a_reason() -> None:
    """A skip says in a sentence why the finding does not apply."""
    skips = [
        (name, skip)
        for template in TEMPLATES
        for name, resource in template.resources.items()
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    ]

    assert {(skip["id"], name) for name, skip in skips} == {
        (check, name) for check, names in ANSWERED.items() for name in names
    }
    assert all(len(s["comment"].split()) >= 8 and s["comment"].endswith(".") for _, s in skips)
