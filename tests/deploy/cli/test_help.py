"""What `--help` says in a terminal of the usual width."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from deploy.cli import cli


def groups(group: click.Group, path: tuple[str, ...] = ("s3link",)) -> Iterator[tuple[str, ...]]:
    """The group itself, and all below it, as they are typed."""
    yield path
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from groups(command, (*path, name))


@pytest.mark.parametrize("path", list(groups(cli)), ids=" ".join)
def test_no_summary_is_cut(path: tuple[str, ...]) -> None:
    """Each command of a group is summed up in a whole sentence."""
    context = click.Context(cli, info_name="s3link", terminal_width=80)
    command: click.Command | None = cli
    for name in path[1:]:
        assert isinstance(command, click.Group)
        command = command.get_command(context, name)
        assert command
        context = click.Context(command, parent=context, info_name=name, terminal_width=80)
    assert isinstance(command, click.Group)

    summaries = context.get_help().split("Commands:")[1]

    assert len(summaries.splitlines()) > len(command.list_commands(context))
    assert "..." not in summaries
