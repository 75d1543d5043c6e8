"""A deployment with the members area: its operator invites and publishes, its members sign in."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from moto.cognitoidp.models import cognitoidp_backends

from deploy.local import LOCAL_ACCOUNT
from deploy.local.as_member import Member, temporary_password
from deploy.local.cognito.pools import UserPool
from deploy.local.inbox.mailbox import MAILBOX, Mail
from deploy.local.server import EmbeddedAws
from tests.e2e.deployed import Deployed
from tests.local.apis import Reply, ask

INVITATION = "You are invited to the members area"


class Members(Deployed):
    """s3link with its members area."""

    def __init__(self, aws: EmbeddedAws, directory: Path, **parameters: str) -> None:
        super().__init__(aws, directory, ("members",), **parameters)
        self._directory = directory

    @property
    def url(self) -> str:
        """Where the area is, without a slash at the end."""
        api = self.account.client("apigatewayv2").get_api(ApiId=self.names["MembersApi"])
        return str(api["ApiEndpoint"])

    @property
    def pool(self) -> UserPool:
        """The pool itself, with its key."""
        pools = cognitoidp_backends[LOCAL_ACCOUNT][self.aws.region].user_pools
        pool: UserPool = pools[self.names["MembersPool"]]
        return pool

    def operate(self, line: str) -> str:
        """What an operator types, which succeeds; gives what is printed."""
        ran = self.s3link(line)
        assert ran.exit_code == 0, ran.stderr
        return ran.stdout

    def invite(self, address: str, *options: str) -> Mail:
        """Gives the invitation."""
        self.operate(" ".join(["members invite", address, *options]))
        [*_, mail] = [mail for mail in MAILBOX.mails() if mail.recipients == (address,)]
        assert mail.subject == INVITATION
        return mail

    def signed_in(self, address: str, *options: str) -> Member:
        """Somebody who was invited, and has signed in."""
        invitation, member = self.invite(address, *options), Member(self.url)
        member.sign_in(address, temporary_password(invitation.html))
        return member

    def publish(self, version: str, files: Mapping[str, bytes], notes: str = "") -> None:
        """Files by their names."""
        paths = [self._written(name, content) for name, content in files.items()]
        told = ["--notes", self._written("notes.txt", notes.encode())] if notes else []
        self.operate(shlex.join(["members", "publish", *paths, *told, "--version", version]))

    def _written(self, name: str, content: bytes) -> str:
        file = self._directory / name
        file.write_bytes(content)
        return str(file)

    def answers(self) -> list[dict[str, Any]]:
        """All that was answered, as the operator sees it."""
        document = json.loads(self.operate("members survey answers --output json"))
        answers: list[dict[str, Any]] = document["answers"]
        return answers

    def ask(self, route: str, token: str | None, document: Any = None) -> Reply:
        """A request such as "GET /artifacts", with a token or without."""
        method, _, path = route.partition(" ")
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        body = None if document is None else json.dumps(document).encode()
        return ask(f"{self.url}{path}", method, body, headers)

    @contextmanager
    def with_apps_for_all(self) -> Iterator[None]:
        """Inside the block everybody needs an authenticator app."""
        self.operate("deploy --set MembersMfa=on")
        try:
            yield
        finally:
            self.operate("deploy --set MembersMfa=off")
