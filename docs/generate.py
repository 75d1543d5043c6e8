"""Writes the generated parts of README.md and docs/*.md: command output, configuration table.

A part stands between `<!-- generated: WHAT -->` and `<!-- end generated -->`. WHAT is
`configuration`, `demo`, `regions`, or `$ ` and an s3link command. Run `make docs` after a change;
a test fails while the documents say something else than the program.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import boto3
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from deploy.deployment import STACKS, SUPPLIED_PARAMETERS
from deploy.stacks.parameters import Parameter
from deploy.stacks.templates import load_template

ROOT = Path(__file__).resolve().parent.parent
DEMO_FILE = "docs/samples/my report (final) + ü.pdf"
# cfn-lint has a file for each region that it knows.
_REGISTRY = files("cfnlint") / "data" / "schemas" / "providers"
_PART = re.compile(
    r"(?P<start><!-- generated: (?P<what>.+?) -->\n).*?(?P<end><!-- end generated -->)", re.DOTALL
)
# What is different in every run: durations, ports, signatures, dates.
_VARYING = re.compile(
    r"https?://127\.0\.0\.1\S*|\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b.*|[ ]*\d+\.\d+ s\b"
)
_EVENTS = re.compile(r"(?:^  \d\d:\d\d:\d\d \S+  .*\n)+", re.MULTILINE)
_HASH = re.compile(r"\b[0-9a-f]{64}\b")  # of the Lambda code, so of another one at every change
# Signed links are some 1,500 characters long, and credentials in spirit: documents show the start.
_LINK = re.compile(r"(https?://127\.0\.0\.1:\d+/\S{40})\S+")


def documents() -> Iterator[Path]:
    """Every document that may have generated parts."""
    yield ROOT / "README.md"
    yield from sorted((ROOT / "docs").glob("*.md"))


def regenerate(text: str) -> str:
    """The document with each generated part written anew."""

    def replace(part: re.Match[str]) -> str:
        return f"{part['start']}{_generate(part['what'])}\n{part['end']}"

    return _PART.sub(replace, text)


def without_varying(text: str) -> str:
    """The document with everything blanked that is different in every run."""
    return _VARYING.sub("…", text)


def _generate(what: str) -> str:
    if what.startswith("$ "):
        return _block(what, _run(shlex.split(what.removeprefix("$ "))[1:]))
    generators: dict[str, Callable[[], str]] = {
        "configuration": _configuration,
        "demo": _demo,
        "regions": _regions,
    }
    return generators[what]()


def _demo() -> str:
    """The demonstration, without the stacks' events and the end of the link."""
    output = _EVENTS.sub("  …\n", _run(["demo", DEMO_FILE]))
    output = _HASH.sub("<sha256>", _LINK.sub(r"\1…", output))
    return _block(f's3link demo "{DEMO_FILE}"', output)


def _block(first_line: str, output: str) -> str:
    prompt = first_line if first_line.startswith("$ ") else f"$ {first_line}"
    return f"```console\n{prompt}\n{output.rstrip()}\n```"


def _run(arguments: list[str]) -> str:
    """What a person sees in the terminal: stdout and stderr, in order."""
    ran = subprocess.run(
        [sys.executable, "-m", "deploy", *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "88", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return "\n".join(line.rstrip() for line in ran.stdout.splitlines())


def _regions() -> str:
    """Of each region that boto3 knows: whether all that the templates make can be made there.

    boto3 says where SES is, cfn-lint's copy of CloudFormation's registry which types there are.
    """
    session = boto3.Session()
    wanted = {
        resource.type
        for stack in STACKS
        for resource in load_template(stack.template).resources.values()
    }
    lines: dict[str, list[str]] = {"yes": [], "no types": [], "no SES": [], "not known": []}
    for partition in session.get_available_partitions():
        with_ses = session.get_available_regions("ses", partition)
        for region in session.get_available_regions("cloudformation", partition):
            if region not in with_ses:
                lines["no SES"].append(region)
            elif not (_REGISTRY / f"{region}.json").is_file():
                lines["not known"].append(region)
            elif wanted - set(PROVIDER_SCHEMA_MANAGER.get_resource_types(region)):
                lines["no types"].append(region)
            else:
                lines["yes"].append(region)
    words = {
        "yes": "Works",
        "no types": "SES is there, but CloudFormation has no types of SES",
        "no SES": "SES is not there",
        "not known": "SES is there; what CloudFormation has is not known",
    }
    rows = ["| | regions |", "|---|---|"]
    rows += [f"| {words[kind]} | {', '.join(found)} |" for kind, found in lines.items() if found]
    return "\n".join(rows)


def _configuration() -> str:
    rows = ["| name | means | default | bounds |", "|---|---|---|---|"]
    seen: set[str] = set()
    for stack in STACKS:
        for parameter in load_template(stack.template).parameters.values():
            if parameter.name not in SUPPLIED_PARAMETERS | seen:
                seen.add(parameter.name)
                rows.append(_row(parameter))
    return "\n".join(rows)


def _row(parameter: Parameter) -> str:
    cells = (
        f"`{parameter.name}`",
        _cell(parameter.description),
        _default(parameter),
        _bounds(parameter),
    )
    return f"| {' | '.join(cells)} |"


def _default(parameter: Parameter) -> str:
    if parameter.default is None:
        return "*required*"
    return f"`{parameter.default}`" if parameter.default else ""


def _bounds(parameter: Parameter) -> str:
    if parameter.allowed_values:
        return ", ".join(f"`{value}`" for value in parameter.allowed_values)
    if parameter.min_value is not None and parameter.max_value is not None:
        return f"{parameter.min_value:,.0f} to {parameter.max_value:,.0f}"
    return _cell(parameter.constraint_description)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    for document in documents():
        document.write_text(regenerate(document.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
