"""What an operator of the programs stack can type."""

from __future__ import annotations

import pytest

from deploy.stacks.templates import load_template
from tests.templates.reading import PROGRAMS


@pytest.mark.parametrize(
    ("value", "is_taken"),
    [
        ("*", True),
        ("programs/*", True),
        ("programs/nightly/*", True),
        ("programs*", False),
        ("programs/", False),
        ("/programs/*", False),
        ("*/programs/*", False),
        ("", False),
    ],
)
def test_keys_that_can_be_typed(value: str, is_taken: bool) -> None:
    """A folder with a star, for that is how IAM and the functions read it alike."""
    parameter = load_template(PROGRAMS.path.name).parameters["ProgramsKeys"]

    problem = parameter.problem(value)

    sentence = " ".join(PROGRAMS.parameters["ProgramsKeys"]["ConstraintDescription"].split())
    assert problem == (None if is_taken else sentence.rstrip("."))
