"""An operator who may do nothing at first, and is granted what each refusal names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from deploy.local.iam.credentials import Keys, assume
from deploy.local.iam.policies import like
from deploy.local.iam.requested_actions import requested
from deploy.local.iam.requested_s3 import read_s3_request
from deploy.local.server import EmbeddedAws
from deploy.local.wire.replies import WsgiApp
from deploy.local.wire.requests import Environ, access_key_of, read_call, service_of
from tests.deploy.operator import Operator, Ran
from tests.local.account import Account
from tests.operator_policies import OperatorPolicy
from tests.templates.reading import as_list

ROLE = "operator"
# What `doctor` says of resources that it may not look at.
_NOT_LOOKED_AT = "could not be looked at"
# What `doctor` and `dlq list` say of the part that they could not do.
_DONE_IN_PART = ("could not be checked", "cannot be told", _NOT_LOOKED_AT)


class Watch:
    """A wire that notes what the newcomer's requests ask IAM for: action and resource.

    While `expires_early`, their keys end with the first part of a file.
    """

    def __init__(self) -> None:
        self.access_key = ""
        self.asked: set[tuple[str, str]] = set()
        self.expires_early = False

    def __call__(self, aws: WsgiApp) -> WsgiApp:
        def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
            if access_key_of(environ) == self.access_key:
                if self.expires_early and "partNumber=2" in environ["QUERY_STRING"]:
                    return _expired(environ, start_response)
                self.asked |= set(_asked(environ))
            return aws(environ, start_response)

        return app


def _expired(environ: Environ, start_response: Any) -> Iterable[bytes]:
    environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    start_response("400 Bad Request", [("Content-Type", "application/xml")])
    return [b"<Error><Code>ExpiredToken</Code></Error>"]


def _asked(environ: Environ) -> Iterable[tuple[str, str]]:
    if service_of(environ) == "s3":
        s3 = read_s3_request(environ)
        return () if s3.is_for_no_bucket else s3.permissions()
    return ((one.action, one.resource) for one in requested(read_call(environ)))


class Newcomer:
    """Works under one policy, of which they get an action once a sentence has asked for it.

    `quiet` are actions whose lack a command tells in other words, or not at all: by command and
    action, with the words. `lookers` are commands that take what they may not look at as there;
    of that, `doctor` tells.
    """

    def __init__(
        self,
        aws: EmbeddedAws,
        watch: Watch,
        config: Path,
        policy: OperatorPolicy,
        quiet: Mapping[tuple[str, str], str],
        lookers: Collection[str],
    ) -> None:
        self.policy = policy
        self._lookers = lookers
        self._iam = Account(aws).client("iam")
        self._watch = watch
        self._quiet = quiet
        self.untold: list[tuple[str, set[str]]] = []
        self.told_quietly: set[tuple[str, str]] = set()
        self.typed: list[str] = []
        self._granted: set[str] = set()
        self._asked: set[tuple[str, str]] = set()
        self._keys = self._session(aws)
        cache = {"XDG_CACHE_HOME": str(config.parent / "cache")}
        self._operator = Operator(config, environment={**_environment(self._keys), **cache})

    def s3link(self, line: str, *files: Path) -> Ran:
        """Type a line, and again with what was missing, until it succeeds."""
        self.typed.append(line)
        while True:
            ran, missing = self._try(line, *files)
            if not missing:
                assert ran.exit_code == 0, (line, ran.stderr)
                return ran
            news = self._told(line, ran, missing) or self._told_by_doctor(line, missing)
            if not news:
                self.untold.append((line, missing))
                news = missing
            assert news <= self.policy.actions, f"{line} needs {news - self.policy.actions}"
            self._granted |= news

    def breaks_off(
        self, line: str, *files: Path, told: str = "is kept and need not be sent twice"
    ) -> None:
        """Type a line that sends a file in parts, of which the second never arrives."""
        self._watch.expires_early = True
        ran, _ = self._try(line, *files)
        self._watch.expires_early = False
        assert ran.exit_code == 1, (line, ran.stderr)
        assert told in ran.error

    def with_the_whole_policy(self, line: str) -> Ran:
        """Type a line that asks for more than the policy has."""
        self._granted = set(self.policy.actions)
        return self._try(line)[0]

    def _told(self, line: str, ran: Ran, missing: set[str]) -> set[str]:
        """Those of the missing actions whose lack the command has told."""
        command, said = line.split()[0], ran.stdout + ran.stderr
        quiet = {one for one in missing if self._quiet.get((command, one), "\0") in said}
        self.told_quietly |= {(command, one) for one in quiet}
        named = {one for one in missing if re.search(rf"{one}\b", said)}
        fails = ran.exit_code == 1 or any(words in said for words in _DONE_IN_PART)
        explains = "ask your administrator to allow it" in said or "does not let you" in said
        return named | quiet if fails and explains else quiet

    def _told_by_doctor(self, line: str, missing: set[str]) -> set[str]:
        """Those that `doctor` names, as nothing may be looked at without them.

        What doctor itself asks for is not what the line needs.
        """
        if line.split()[0] not in self._lookers:
            return set()
        said = self._operator.s3link("doctor").stdout.splitlines()
        sentence = next((one for one in said if _NOT_LOOKED_AT in one), "")
        return {one for one in missing if re.search(rf"{one}\b", sentence)}

    def _try(self, line: str, *files: Path) -> tuple[Ran, set[str]]:
        """What came of it, and the actions that were asked for in vain."""
        document = self.policy.limited_to(self._granted)
        self._iam.put_role_policy(RoleName=ROLE, PolicyName=ROLE, PolicyDocument=document)
        self._watch.access_key, self._watch.asked = self._keys.access_key_id, set()
        ran = self._operator.s3link(line, *files)
        self._asked |= self._watch.asked
        return ran, {action for action, _ in self._watch.asked} - self._granted

    def unused(self) -> set[tuple[str, str]]:
        """Actions and resources of the policy that nothing has asked for, by their statements."""
        found = set()
        for one in self.policy.statements:
            actions, resources = as_list(one["Action"]), as_list(one["Resource"])
            used = [
                (action, pattern)
                for action, resource in self._asked
                for pattern in resources
                if action in actions and like(resource, pattern)
            ]
            found |= {(one["Sid"], each) for each in actions if each not in dict(used)}
            asked = {pattern for _, pattern in used}
            found |= {(one["Sid"], each) for each in resources if each not in asked}
        return found

    def _session(self, aws: EmbeddedAws) -> Keys:
        """Of a role that has this policy alone."""
        if ROLE not in {role["RoleName"] for role in self._iam.list_roles()["Roles"]}:
            self._iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")
        return assume(self._iam.get_role(RoleName=ROLE)["Role"]["Arn"], "ann", aws.region)


def _environment(keys: Keys) -> dict[str, str | None]:
    return {
        "AWS_ACCESS_KEY_ID": keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
        "AWS_SESSION_TOKEN": keys.session_token,
    }
