"""--with and --without, which choose among the optional stacks."""

from __future__ import annotations

from collections.abc import Iterable

import click

from deploy.cli.types import NearChoice
from deploy.deployment import OPTIONAL_KINDS

WITH = click.option(
    "--with",
    "chosen",
    type=NearChoice(OPTIONAL_KINDS),
    multiple=True,
    help="Have this optional stack, too; one that exists is kept anyway.",
)
WITHOUT = click.option(
    "--without",
    "dropped",
    type=NearChoice(OPTIONAL_KINDS),
    multiple=True,
    help="Remove this optional stack, once nothing uses it any more.",
)
REVERT_DRIFT = click.option(
    "--revert-drift",
    "reverts_drift",
    is_flag=True,
    help="Also undo what was changed by hand, not only what was deleted.",
)


def check_choice(chosen: Iterable[str] | None, dropped: Iterable[str] | None) -> None:
    """Raise click.UsageError for a stack that is both wanted and to be removed."""
    for kind in set(chosen or ()) & set(dropped or ()):
        raise click.UsageError(f"Say either --with {kind} or --without {kind}, not both.")
