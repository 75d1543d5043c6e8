"""The command line. Each command is a module of `commands`, imported only when it runs.

A command parses, calls one function of `deploy`, and reports. Errors become one sentence here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import TextIOWrapper
from itertools import pairwise
from typing import Any

import click

from deploy import __version__
from deploy.console import Console
from deploy.interruption import treat_signals_as_ctrl_c
from deploy.wording import nearest

# The order of a deployment's life, and of the help text.
COMMANDS = {
    "init": "Ask the few questions and write s3link.toml.",
    "doctor": "Check everything that a deployment needs, before deploying.",
    "plan": "Show what a deploy would change, and change nothing.",
    "deploy": "Package the code and apply the templates.",
    "list": "List all deployments of the account and region.",
    "status": "Show what needs doing, and how it stands otherwise.",
    "send": "Upload files so that their recipients get a link.",
    "deliveries": "Show who was told of which file, and what became of the mail.",
    "links": "List, revoke, extend or resend links of the portal.",
    "delete": "Delete files for good, so that their links stop working.",
    "dlq": "Show, replay or drop the events that could not be announced.",
    "members": "Invite members, publish versions for them, read the survey.",
    "logs": "Read LinkGenerator's log.",
    "destroy": "Remove a deployment and everything in it.",
    "local": "Run the whole thing on this machine, until Ctrl-C.",
    "demo": "Send files all the way on this machine and compare the bytes.",
}


class LazyGroup(click.Group):
    """Lists commands from COMMANDS and imports a command's module only to run it.

    Wrong usage of any of them passes here, so here it becomes the document that --output json
    promises: the option may stand behind the mistake, so it is looked for in what was typed.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.obj = _asks_for_json(args)
        with _usage_errors_as_document(ctx.obj):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _usage_errors_as_document(ctx.obj):
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"deploy.cli.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as exc:  # click looks among the commands that are imported
            near = nearest(exc.command_name, COMMANDS)
            raise click.NoSuchCommand(
                exc.command_name, possibilities=[near] if near else [], ctx=ctx
            ) from exc

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _asks_for_json(typed: list[str]) -> bool:
    words = typed[: typed.index("--")] if "--" in typed else typed
    chosen = [word.partition("=")[2] for word in words if word.startswith("--output=")]
    chosen += [after for word, after in pairwise(words) if word == "--output"]
    return "json" in chosen


@contextmanager
def _usage_errors_as_document(wanted: bool) -> Iterator[None]:
    """Print a click.UsageError as the one document, too; click tells it on stderr and exits."""
    try:
        yield
    except click.UsageError as exc:
        if wanted:
            Console("json").result({"error": exc.format_message()}, "")
        raise


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="s3link", message="%(prog)s %(version)s")
def cli() -> None:
    """Drop a file into an S3 bucket; the right people get a link they can trust, by e-mail.

    \b
    s3link init
    s3link deploy
    s3link send report.pdf --to bob@example.com
    """


def main() -> None:
    """Run the program and exit: 0 done, 1 failed with one sentence, 2 wrong usage."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as stderr is anyway
    treat_signals_as_ctrl_c()
    cli.main(args=sys.argv[1:], prog_name="s3link")
