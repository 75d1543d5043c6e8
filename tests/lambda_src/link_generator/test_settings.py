"""The function's environment, read once."""

from __future__ import annotations

import pytest
from function.errors import SettingsError
from link_generator.settings import Settings

from tests.lambda_src.fakes import ENVIRONMENT, settings


def test_the_environment_is_read() -> None:
    """Every parameter has its place, in the type that the code needs."""
    configured = settings()

    assert configured.bucket == "example-files"
    assert str(configured.envelope.address) == "files@example.com"
    assert [str(address) for address in configured.recipients.default] == ["team@example.com"]
    assert (configured.days_to_live, configured.link_seconds) == (1, 18000)
    assert configured.envelope.configuration_set == "s3link-sender-mails"
    assert configured.envelope.template == "s3link-sender-download"


@pytest.mark.parametrize("authorized", ["", " ", ","])
def test_without_authorized_recipients_the_default_ones_are_authorised(authorized: str) -> None:
    """And nobody else of their domain."""
    configured = settings(AuthorizedRecipients=authorized, EmailRecipient="a@x.org,b@y.org")

    assert configured.recipients.authorized.addresses == {"a@x.org", "b@y.org"}
    assert not configured.recipients.authorized.domains


@pytest.mark.parametrize("name", sorted(set(ENVIRONMENT) - {"AuthorizedRecipients"}))
def test_a_missing_parameter_is_named(name: str) -> None:
    """With what to do about it."""
    environment = {key: value for key, value in ENVIRONMENT.items() if key != name}

    with pytest.raises(SettingsError, match=f"has no {name}; deploy the stack again"):
        Settings.from_environment(environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EmailSender", "Files <files@example.com>"),
        ("EmailSender", "files@example.com, other@example.com"),
        ("EmailRecipient", "team"),
        ("EmailRecipient", "team@example.com, bob"),
        ("EmailRecipient", "@example.com"),
        ("EmailRecipient", ","),
        ("AuthorizedRecipients", "bob"),
        ("AuthorizedRecipients", "@"),
        ("AuthorizedRecipients", "@*"),
        ("AuthorizedRecipients", "*@example.com,@localhost"),
        ("AuthorizedRecipients", "@bob@example.com"),
        ("ExchangableObjectsTTL", "0"),
        ("ExchangableObjectsTTL", "-1"),
        ("ExchangableObjectsTTL", "one"),
        ("LinkExpirationPeriod", "1.5"),
        ("LinkExpirationPeriod", "²"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    """LinkGenerator does not start with a setting that it would have to guess."""
    with pytest.raises(SettingsError, match=f"^{name} "):
        settings(**{name: value})
