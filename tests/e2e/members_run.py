"""Everything that can happen to a members area: invited, signed in, downloaded, answered, reset,
signed out, removed, refused, out of order.

Whatever opens something, and whatever members have said, is kept in `Given`, so that it can be
looked for where it must not be.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from deploy.local.inbox.mailbox import MAILBOX
from tests.e2e.deployed import Deployed
from tests.local.apis import Reply, ask
from tests.signing_in import Login, Tokens, Visit
from tests.waiting import until

NOTES = "The back door is behind the waterfall"
OPINION = "Nobody should hear that I dislike the dragon"
MEMBER, ADMIN_MEMBER = "ann@example.com", "eva@example.com"
VERSION = "1.4.0"
PASSWORDS = ("wrong horse battery", "correct horse battery", "another horse battery")
# The passwords and codes of the mails to members (cloudformation/members_area.yaml).
_MAILED = re.compile(r"font-family:Consolas,Menlo,monospace;\">([^<]+)</p>")


@dataclass
class Given:
    """What was handed out, by mail, by the login and by the area."""

    tokens: list[Tokens] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)

    def keep(self, tokens: Tokens) -> Tokens:
        self.tokens.append(tokens)
        return tokens

    def download(self, reply: Reply) -> bytes:
        """What a signed URL gives."""
        assert reply.status == 200, reply
        self.urls.append(reply.document["url"])
        return ask(reply.document["url"]).body

    @property
    def secrets(self) -> set[str]:
        """Each part that opens something by itself: a token's signature as well as the whole."""
        tokens = {
            secret
            for one in self.tokens
            for secret in (one.code, one.refresh, one.access, one.identity)
        }
        signatures = {one.rpartition(".")[2] for one in tokens if one.count(".") == 2}
        queries = [parse_qs(urlsplit(url).query) for url in self.urls]
        parts = {
            query[name][0]
            for query in queries
            for name in ("X-Amz-Signature", "X-Amz-Security-Token")
        }
        mailed = {one for address in (MEMBER, ADMIN_MEMBER) for one in mailed_to(address)}
        return {*tokens, *signatures, *parts, *mailed, *PASSWORDS}


def mailed_to(address: str) -> list[str]:
    """The passwords and codes that somebody was mailed, in turn."""
    mails = [mail.html for mail in MAILBOX.mails() if address in mail.recipients]
    return [unescape(found) for html in mails for found in _MAILED.findall(html)]


def everything_happens(deployed: Deployed, directory: Path) -> Given:
    given = Given()
    deployed.confirm_alarms()
    environment = deployed.account.client("lambda").get_function_configuration(
        FunctionName=deployed.names["Members"]
    )["Environment"]["Variables"]
    login = Login.of(environment)
    _publish(deployed, directory)
    _invite(deployed)
    member = _sign_in(login, given)
    _use(member, given)
    _ask_wrongly(member, given)
    _faults(deployed, login, given)
    _reset_and_remove(deployed, login, given)
    _look_around(deployed)
    return given


def _publish(deployed: Deployed, directory: Path) -> None:
    file, notes = directory / "my game (final).zip", directory / "NOTES.md"
    file.write_bytes(b"The bytes of the game")
    notes.write_text(NOTES)
    ran = deployed.s3link(f"members publish '{file}' --version {VERSION} --notes '{notes}'")
    assert ran.exit_code == 0, ran.stderr


def _invite(deployed: Deployed) -> None:
    for line in (f"members invite {MEMBER}", f"members invite {ADMIN_MEMBER} --admin"):
        ran = deployed.s3link(line)
        assert ran.exit_code == 0, ran.stderr
        deployed.s3link(f"{line} --debug")
    until(lambda: mailed_to(MEMBER) and mailed_to(ADMIN_MEMBER))


def _sign_in(login: Login, given: Given) -> Visit:
    """The first time, the next time, and with new tokens for old ones."""
    [temporary] = mailed_to(MEMBER)
    _, page = login.type_password(MEMBER, PASSWORDS[0])
    assert page.status == 200
    given.keep(login.sign_in(MEMBER, temporary, PASSWORDS[1]))
    tokens = given.keep(login.sign_in(MEMBER, PASSWORDS[1]))
    fresh = login.refresh(tokens).document
    given.keep(Tokens(fresh["access_token"], fresh["id_token"], fresh["refresh_token"], "no code"))
    return Visit(login.area, fresh["access_token"])


def _use(member: Visit, given: Given) -> None:
    """The list, a download, the survey and what was answered."""
    [version] = member.get("/artifacts").document["versions"]
    assert version["notes"] == NOTES
    assert given.download(member.get(f"/artifacts/{VERSION}")) == b"The bytes of the game"
    assert _answer(member) == 200
    kept = member.get(f"/survey?version={VERSION}").document["answers"]
    assert kept["comment"] == OPINION


def _answer(member: Visit, **more: Any) -> int:
    answers = {"rating": 2, "comment": OPINION}
    return member.post("/survey", {"version": VERSION, "answers": answers, **more}).status


def _ask_wrongly(member: Visit, given: Given) -> None:
    """Credentials and opinions in every wrong place; and who may not."""
    tokens = given.tokens[0]
    for name in (member.token, OPINION, given.urls[0]):
        query = urlencode({"next": name, "version": name, "file": name})
        for path in ("/artifacts", "/survey", f"/artifacts/{VERSION}", "/survey/answers"):
            assert member.get(f"{path}?{query}").status in (400, 403, 404)
    assert _answer(member, token=member.token) == 400
    assert member.post("/survey", {"version": OPINION, "answers": {}}).status == 404
    assert member.post("/survey", {"version": VERSION, "answers": {OPINION: OPINION}}).status == 400
    assert member.get("/survey/answers").status == 403
    ask(f"{member.area}/?code={tokens.code}&state=x&access_token={tokens.access}")
    for token in (tokens.identity, f"{member.token[:-4]}AAAA", tokens.refresh, "x"):
        assert Visit(member.area, token).get("/artifacts").status in (401, 403)


def _faults(deployed: Deployed, login: Login, given: Given) -> None:
    """Each service is out of order for a moment."""
    member = Visit(login.area, given.keep(login.sign_in(MEMBER, PASSWORDS[1])).access)
    services = deployed.aws.services
    for service in ("s3", "dynamodb"):
        services.stop(service)
        for path in ("/artifacts", f"/artifacts/{VERSION}", f"/survey?version={VERSION}"):
            assert member.get(path).status == 503
        assert _answer(member) == 503
        services.start(service)
    services.stop("cognito-idp")
    assert _answer(member) == 200
    ask(f"{login.area}/")
    services.start("cognito-idp")
    until(lambda: any("MembersApiErrors" in one.subject for one in deployed.admins_mails))
    assert member.post("/sign-out").status == 200
    assert member.get("/artifacts").status == 401


def _reset_and_remove(deployed: Deployed, login: Login, given: Given) -> None:
    """A wrong password, a new one by a mailed code, an admin who reads, and one who goes."""
    before = len(mailed_to(MEMBER))
    deployed.s3link(f"members reset {MEMBER} --debug")
    until(lambda: len(mailed_to(MEMBER)) > before)
    login.choose_password(MEMBER, PASSWORDS[2], lambda: mailed_to(MEMBER)[-1])
    # What was signed out before was all that this member had signed in during the same second.
    second = int(time.time())
    until(lambda: int(time.time()) > second)
    tokens = given.keep(login.sign_in(MEMBER, PASSWORDS[2]))
    login.revoke(tokens)
    [temporary] = mailed_to(ADMIN_MEMBER)
    eva = given.keep(login.sign_in(ADMIN_MEMBER, temporary, PASSWORDS[1]))
    for kind in ("json", "csv"):
        reply = Visit(login.area, eva.access).get(f"/survey/answers?format={kind}")
        assert OPINION in reply.body.decode()
    ran = deployed.s3link(f"members remove {MEMBER} --yes --debug")
    assert ran.exit_code == 0, ran.stderr
    assert Visit(login.area, tokens.access).get("/artifacts").status == 401


def _look_around(deployed: Deployed) -> None:
    """Whatever an operator looks at, but the answers, which are shown to be read."""
    for line in (
        "status",
        "members list",
        "members versions --output json",
        "members survey show",
        "logs --members",
        "logs --members --output json",
        "plan",
        "doctor --debug",
        f"members withdraw {VERSION} --yes",
    ):
        deployed.s3link(line)
