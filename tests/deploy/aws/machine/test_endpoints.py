"""Where s3link sends files and keys to: never in clear to another machine, unless it is told so."""

from __future__ import annotations

import pytest

from deploy.aws.machine.endpoints import check_endpoint
from deploy.aws.machine.named import Named
from deploy.errors import ConfigurationError
from tests.deploy.operator import Operator

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.mark.parametrize(
    ("line", "source"),
    [("", "endpoint_url in s3link.toml, [s3link]"), ("--endpoint-url {}", "--endpoint-url")],
)
def test_plain_http_to_another_machine_is_refused(
    operator: Operator, line: str, source: str
) -> None:
    """Nothing is sent there; the sentence names where the endpoint comes from."""
    address = "http://stack.example.com:4566"
    operator.environment.update(KEYS)
    operator.config.write_text(f'[s3link]\nregion = "eu-west-1"\nendpoint_url = "{address}"\n')

    ran = operator.s3link(f"doctor {line.format(address)}")

    assert ran.error == (
        f"{address} ({source}) is plain http to another machine, so files and their links would "
        "travel in clear; use https://, or, where nobody can listen, add --insecure-endpoint."
    )


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:5000",
        "http://127.8.8.8",
        "http://localhost:4566/",
        "http://s3.localhost:4566",
        "http://[::1]:5000",
        "https://stack.example.com",
    ],
)
def test_this_machine_and_tls_are_fine(endpoint: str) -> None:
    """Whoever can listen on this machine can read the files, too."""
    check_endpoint(Named(endpoint, "--endpoint-url"), insecure=False)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://stack.example.com",
        "http://10.0.0.1:4566",
        "http://localhost.example.com",
        "http://[2001:db8::1]:4566",
    ],
)
def test_another_machine_needs_the_option(endpoint: str) -> None:
    """For an emulator in a network where nobody can listen."""
    named = Named(endpoint, "--endpoint-url")

    with pytest.raises(ConfigurationError, match="add --insecure-endpoint"):
        check_endpoint(named, insecure=False)
    check_endpoint(named, insecure=True)


@pytest.mark.parametrize(
    "endpoint",
    ["localhost:5000", "ftp://127.0.0.1", "http://a b", "http://127.0.0.1/path", "http://"],
)
def test_what_is_no_endpoint(endpoint: str) -> None:
    """The option does not make one of it."""
    with pytest.raises(ConfigurationError, match="is not an endpoint"):
        check_endpoint(Named(endpoint, "AWS_ENDPOINT_URL"), insecure=True)


def test_a_password_in_an_endpoint_is_not_shown() -> None:
    """Not even in the sentence that refuses it."""
    with pytest.raises(ConfigurationError, match="has a user or password") as caught:
        check_endpoint(Named("http://ann:se/cret@127.0.0.1", "AWS_ENDPOINT_URL"), insecure=True)

    assert "cret" not in str(caught.value)


def test_init_writes_no_password_down(operator: Operator) -> None:
    """What no command would take is not put into the file either."""
    operator.config.unlink()

    ran = operator.s3link("init --yes --output json --endpoint-url http://ann:secret@127.0.0.1")

    assert ran.exit_code == 2
    assert "has a user or password in it" in ran.document["error"]
    assert "secret" not in ran.stdout + ran.stderr
    assert not operator.config.exists()
