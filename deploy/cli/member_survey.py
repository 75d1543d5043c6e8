"""`s3link members survey`: the questions that members are asked, and their answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deploy.cli.member_types import KNOWN_VERSION, TEXT_FILE, area_of
from deploy.cli.options import Invocation, common_options, options_with_csv

if TYPE_CHECKING:
    from deploy.lambda_packages import Answered
    from deploy.members.survey import Survey


@click.group()
def survey() -> None:
    """Show or set the survey's questions; read what members answered.

    \b
    s3link members survey show
    s3link members survey set survey.json
    s3link members survey answers --output csv
    """


@survey.command()
@common_options
def show(invocation: Invocation) -> None:
    """Show what members are asked.

    As JSON it is a file that can be changed and set again.

    \b
    s3link members survey show
    s3link members survey show --output json > survey.json
    """
    from deploy.members.survey import read_survey

    found = read_survey(area_of(invocation))
    if found.is_default:
        invocation.console.progress("No questions are set: members are asked the usual ones.")
    _show(invocation, found)


@survey.command("set")
@click.argument("file", type=TEXT_FILE)
@common_options
def set_(invocation: Invocation, file: Path) -> None:
    """Check the questions in a file, and ask members these from now on.

    \b
    s3link members survey set survey.json
    """
    from deploy.members.survey import set_survey

    stored = set_survey(area_of(invocation), file)
    invocation.console.progress("Members are asked this from now on:")
    _show(invocation, stored)


@survey.command()
@click.option("--version", type=KNOWN_VERSION, help="Only what was answered about this version.")
@options_with_csv
def answers(invocation: Invocation, version: str | None) -> None:
    """Show what members answered, newest first. No cell of the CSV is a formula.

    \b
    s3link members survey answers --version 1.4.0
    s3link members survey answers --output csv > answers.csv
    """
    from deploy.lambda_packages import quoted
    from deploy.members.survey import answers_as_csv, read_answers
    from deploy.members.versions import require_version

    area = area_of(invocation)
    found = read_answers(area, version)
    if version and not found:  # what was answered stays when its version is withdrawn
        require_version(area, version)
    if invocation.output == "csv":
        text = answers_as_csv(area, found).rstrip("\r\n")
    else:
        about = f" about {quoted(version)}" if version else ""
        text = "\n".join(_lines(found)) or f"Nobody has answered{about} yet."
    invocation.console.result({"answers": [one.as_json() for one in found]}, text)


def _show(invocation: Invocation, shown: Survey) -> None:
    lines = []
    for number, question in enumerate(shown.questions.all, 1):
        required = ", required" if question.required else ""
        lines.append(f"{number}. {question.text} ({question.id}: {question.kind}{required})")
        lines += [f"   - {choice}" for choice in question.choices]
    invocation.console.result(shown.document(), "\n".join(lines))


def _lines(found: Iterable[Answered]) -> Iterator[str]:
    """The answers for reading; harmless on a terminal."""
    from deploy.lambda_packages import quoted
    from deploy.wording import moment

    for one in found:
        who = quoted(one.member or one.member_id)[1:-1]
        yield f"{who} about {quoted(one.version)}, {moment(one.answered_at)}"
        for question, answer in sorted(one.answers.items()):
            value = answer if isinstance(answer, int) else quoted(answer)
            yield f"  {quoted(question)[1:-1]}: {value}"
