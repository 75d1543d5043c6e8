"""The one place where an error becomes a sentence, or with --debug Python's traceback.

No secret is printed.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import click

from deploy.console import Console
from deploy.errors import S3LinkError

# What `s3link local` and `s3link demo` import and nobody needs who only deploys to AWS.
_LOCAL_EXTRA = ("moto", "werkzeug", "awslambdaric")


@contextmanager
def ending_with_a_sentence(console: Console, debug: bool) -> Iterator[None]:
    """Any S3LinkError, and the AWS errors that every command can meet, ends the program with one
    sentence and exit code 1; a traceback is shown with `debug` only."""
    try:
        yield
    # A reader that closes the pipe (`| head`) is click's to handle.
    except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
        raise
    except (KeyboardInterrupt, click.Abort):
        console.error("Stopped.")
        sys.exit(130)
    except Exception as exc:
        if debug:
            console.progress(traceback_of(exc))
            console.failed(sentence_of(exc, debug))
        else:
            console.error(sentence_of(exc))
        sys.exit(exc.exit_code if isinstance(exc, S3LinkError) else 1)


def sentence_of(exc: Exception, debug: bool = False) -> str:
    """What failed, on what, and what to do next."""
    if isinstance(exc, S3LinkError):
        return str(exc)
    if isinstance(exc, ModuleNotFoundError) and exc.name in _LOCAL_EXTRA:
        return (
            f"This command needs {exc.name}, which comes with the extra `local`; run "
            "`pipx install --force '.[local]'` in a clone of s3link's repository."
        )
    from deploy.aws.explain import explain, explain_missing
    from deploy.aws.masking import masked

    explained = explain(exc) or explain_missing(exc)
    if explained:
        return str(explained)
    advice = "report it" if debug else "run again with --debug and report it"
    return f"Unexpected {type(exc).__name__}: {masked(str(exc))}; {advice}."


def traceback_of(exc: Exception) -> str:
    """As Python prints it, but for what nobody may read on a screen or in a report."""
    from deploy.aws.masking import masked

    return masked("".join(traceback.format_exception(exc)).rstrip())
