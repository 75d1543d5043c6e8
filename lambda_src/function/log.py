"""The logger of a function, and where a defect is, in words that may be logged.

What may not be logged, libraries do not log either.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import PurePath


def logger_of(function: str) -> logging.Logger:
    """A logger that tells what happened.

    At debug level, which a person may set for a function, libraries would log requests, and so
    links and mails: they tell warnings only.
    """
    logger = logging.getLogger(function)
    logger.setLevel(logging.INFO)
    for library in ("boto3", "botocore", "urllib3"):
        logging.getLogger(library).setLevel(logging.WARNING)
    return logger


def place_of(exc: Exception) -> str:
    """Names the line, not the exception's own words: those could quote a link or a note."""
    frame = traceback.extract_tb(exc.__traceback__)[-1]
    return f"{type(exc).__name__} in {PurePath(frame.filename).name}, line {frame.lineno}"
