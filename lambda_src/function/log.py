"""The logger of a function. What may not be logged, libraries do not log either."""

from __future__ import annotations

import logging


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
