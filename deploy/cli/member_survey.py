"""`s3link members survey`: the questions that members are asked, and their answers."""

from __future__ import annotations

import click


@click.group()
def survey() -> None:
    """Show or set the survey's questions; read what members answered.

    \b
    s3link members survey show
    s3link members survey set survey.json
    s3link members survey answers --output csv
    """
