"""An embedded AWS and an operator of it, for the tests that deploy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.aws.clients import Clients, connect_with_keys
from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.server import EmbeddedAws
from tests.deploy.operator import Operator

PARAMETERS = {
    "AdminAlarmEMail": "admin@example.com",
    "EmailSender": "links@example.com",
    "EmailRecipient": "bob@example.com",
}


@pytest.fixture
def embedded_aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as aws:
        yield aws


@pytest.fixture
def embedded_clients(embedded_aws: EmbeddedAws) -> Clients:
    """Clients of the operator, whose domain SES may send from and to."""
    clients = connect_with_keys(
        LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY, embedded_aws.region, embedded_aws.endpoint
    )
    clients.ses.verify_domain_identity(Domain="example.com")
    return clients


@pytest.fixture
def embedded_operator(embedded_clients: Clients, tmp_path: Path) -> Operator:
    """An operator whose s3link.toml says all that is needed."""
    config = tmp_path / "s3link.toml"
    lines = [f'{name} = "{value}"' for name, value in PARAMETERS.items()]
    config.write_text(
        "\n".join(
            [
                "[s3link]",
                f'region = "{embedded_clients.region}"',
                f'endpoint_url = "{embedded_clients.endpoint_url}"',
                *lines,
            ]
        )
    )
    keys = {"AWS_ACCESS_KEY_ID": LOCAL_ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": LOCAL_SECRET_KEY}
    return Operator(config, environment=keys)


@pytest.fixture
def deployed_operator(embedded_operator: Operator) -> Operator:
    """An operator who has deployed; files may go to everybody at example.com."""
    ran = embedded_operator.s3link("deploy --set AuthorizedRecipients=@example.com")
    assert ran.exit_code == 0, ran.stderr
    return embedded_operator
