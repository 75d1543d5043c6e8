"""What an operator of the portal stack can type."""

from __future__ import annotations

import pytest

from deploy.stacks.templates import load_template
from tests.templates.reading import PORTAL


@pytest.mark.parametrize(
    ("name", "value", "is_taken"),
    [
        ("MaxDownloads", "0", True),
        ("MaxDownloads", "1", True),
        ("MaxDownloads", "-1", False),
        ("MaxDownloads", "once", False),
        ("DownloadGracePeriod", "0", True),
        ("DownloadGracePeriod", "86400", True),
        ("DownloadGracePeriod", "86401", False),
        ("MaxExtension", "0", True),
        ("MaxExtension", "365", True),
        ("MaxExtension", "3651", False),
        ("ConfirmRecipient", "true", True),
        ("ConfirmRecipient", "yes", False),
        ("NotifyOnDownload", "sender", True),
        ("NotifyOnDownload", "bob@example.com", False),
        ("SendReminders", "false", True),
        ("SendReminders", "no", False),
        ("MaxRequestedMailsPerDay", "100", True),
        ("MaxRequestedMailsPerDay", "1000000", True),
        ("MaxRequestedMailsPerDay", "0", False),
        ("AllowedOrigins", "", True),
        ("AllowedOrigins", "https://example.com", True),
        ("AllowedOrigins", "https://example.com:8443,https://www.example.org", True),
        ("AllowedOrigins", "*", False),
        ("AllowedOrigins", "null", False),
        ("AllowedOrigins", "http://example.com", False),
        ("AllowedOrigins", "https://example.com/", False),
        ("AllowedOrigins", "https://*.example.com", False),
        ("AllowedOrigins", "https://EXAMPLE.com", False),  # browsers send small letters
    ],
)
def test_what_can_be_typed(name: str, value: str, is_taken: bool) -> None:
    """The bounds take what works on AWS, and answer the rest with the template's sentence."""
    parameter = load_template(PORTAL.path.name).parameters[name]

    problem = parameter.problem(value)

    sentence = " ".join(PORTAL.parameters[name]["ConstraintDescription"].split()).rstrip(".")
    assert problem == (None if is_taken else sentence)
