"""Runs `s3link` as an operator does, in this process."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from deploy.aws.clients import Clients, connect_with_keys
from deploy.cli import cli
from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.server import EmbeddedAws

PARAMETERS = {
    "AdminAlarmEMail": "admin@example.com",
    "EmailSender": "links@example.com",
    "EmailRecipient": "bob@example.com",
}


_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def _texts(document: Any) -> Iterator[str]:
    """Every text in a document, however deep."""
    match document:
        case str():
            yield document
        case dict():
            yield from _texts(list(document.values()))
        case list():
            for each in document:
                yield from _texts(each)


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code, what it printed, and what it told beside."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def error(self) -> str:
        """The sentence with which it failed."""
        return self.stderr.rpartition("Error: ")[2].strip()

    @property
    def document(self) -> Any:
        """With --output json, stdout is exactly one document, its times all in one form."""
        document = json.loads(self.stdout)
        times = [text for text in _texts(document) if _TIME.match(text)]
        assert [text for text in times if not _RFC_3339.fullmatch(text)] == []
        return document


@dataclass(frozen=True)
class Operator:
    """A person with a shell, keys for an endpoint and a configuration file."""

    config: Path
    options: tuple[str, ...] = ()
    environment: dict[str, str | None] = field(default_factory=dict)

    def s3link(self, line: str, *files: Path, answers: str = "") -> Ran:
        """Run a line as it is typed after `s3link`, with `answers` on standard input."""
        arguments = [*shlex.split(line), *map(str, files), *self.options]
        environment = {"AWS_EC2_METADATA_DISABLED": "true", **self.environment}
        with chdir(self.config.parent):  # where s3link.toml is found by itself
            result: Result = CliRunner(env=environment).invoke(
                cli, arguments, input=answers, prog_name="s3link"
            )
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)


def clients_of_operator(aws: EmbeddedAws) -> Clients:
    """Clients of an operator whose domain SES may send from and to."""
    clients = connect_with_keys(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY, aws.region, aws.endpoint)
    clients.ses.verify_domain_dkim(Domain="example.com")
    return clients


def operator_at(clients: Clients, folder: Path) -> Operator:
    """An operator whose s3link.toml in this folder says all that is needed."""
    place = {"region": clients.region, "endpoint_url": clients.endpoint_url}
    lines = [f'{name} = "{value}"' for name, value in {**place, **PARAMETERS}.items()]
    config = folder / "s3link.toml"
    config.write_text("\n".join(["[s3link]", *lines]))
    keys = {"AWS_ACCESS_KEY_ID": LOCAL_ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": LOCAL_SECRET_KEY}
    return Operator(config, environment=keys)


def deployed_by(operator: Operator, options: str) -> Operator:
    """The operator, once `s3link deploy` with these options has succeeded."""
    ran = operator.s3link(f"deploy {options}")
    assert ran.exit_code == 0, ran.stderr
    return operator
