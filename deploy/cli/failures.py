"""What is printed of an error: one sentence, or with --debug Python's traceback. No secret is."""

from __future__ import annotations

import traceback

from deploy.errors import S3LinkError

# What `s3link local` and `s3link demo` import and nobody needs who only deploys to AWS.
_LOCAL_EXTRA = ("moto", "werkzeug", "awslambdaric")


def sentence_of(exc: Exception) -> str:
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
    return (
        f"Unexpected {type(exc).__name__}: {masked(str(exc))}; run again with --debug and report "
        "it."
    )


def traceback_of(exc: Exception) -> str:
    """As Python prints it, but for what nobody may read on a screen or in a report."""
    from deploy.aws.masking import masked

    return masked("".join(traceback.format_exception(exc)).rstrip())
