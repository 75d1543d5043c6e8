"""Everything that can happen to a portal and to the API for programs beside it: opened, clicked,
asked, revoked, called, out of order.

Whatever opens something is kept in `Handed`, so that it can be looked for where it must not be.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.iam.credentials import Keys
from deploy.local.inbox.mailbox import MAILBOX
from tests.e2e.portal import FORM, Portal, follow, press
from tests.local.apis import Reply, ask, signed
from tests.waiting import until

NOTE = "The pass phrase is swordfish"
PROGRAM = Keys(LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY)
_TOKEN = re.compile(r"/d/([\w-]{43})|[?&]nonce=([\w-]{43})")


class WithPrograms(Portal):
    """s3link with all its stacks."""

    stacks = ("portal", "programs")

    @property
    def api(self) -> str:
        """Where programs call."""
        client = self.account.client("apigatewayv2")
        return str(client.get_api(ApiId=self.names["ProgramsApi"])["ApiEndpoint"])


@dataclass
class Handed:
    """What was handed out, and the errors that waited in PortalDeadLetterQueue."""

    texts: list[str] = field(default_factory=list)
    letters: str = ""

    def keep(self, reply: Reply) -> Reply:
        """An answer with a credential in its body or its Location."""
        self.texts += [reply.body.decode(errors="replace"), reply.header("location") or ""]
        return reply

    @property
    def tokens(self) -> set[str]:
        """Of mails and nonces, whole."""
        mails = [f"{mail.text} {mail.html}" for mail in MAILBOX.mails()]
        found = _TOKEN.findall(" ".join([*mails, *self.texts]))
        return {one for pair in found for one in pair if one}

    @property
    def signatures(self) -> set[str]:
        """Of every URL that was signed for somebody."""
        urls = re.findall(r"https?://[^\s\"\\]+", " ".join(self.texts))
        queries = [parse_qs(urlsplit(url).query) for url in urls]
        return {one for query in queries for one in query.get("X-Amz-Signature", [])}


def everything_happens(portal: WithPrograms) -> Handed:
    handed = Handed()
    portal.confirm_alarms()
    _open_and_click(portal, handed)
    _ask(portal)
    _remind_and_resend(portal)
    _confirm(portal)
    _programs(portal, handed)
    _faults(portal, handed)
    _look_around(portal)
    return handed


def _open_and_click(portal: Portal, handed: Handed) -> None:
    """A link that is scanned, clicked, tried again and used up; guesses; what ends a link."""
    once = portal.share("once.pdf", note=NOTE, max_downloads="1")
    for method in ("HEAD", "GET", "GET"):
        assert ask(once.link, method).status == 200
    assert follow(handed.keep(press(once.link))).status == 200
    handed.keep(press(once.link))
    portal.change_row(once.id, GraceUntil=1)
    assert press(once.link).status == 410
    token = once.link.rpartition("/")[2]
    for guess in (token[:-1], f"{token[:-2]}AA", token.swapcase(), f"{token}?x={token}", ".."):
        assert press(f"{portal.url}/d/{guess}").status in (404, 410)
    over = portal.share("over.pdf", note=NOTE)
    portal.change_row(over.id, ExpiresAt=1)
    gone = portal.share("gone.pdf", note=NOTE)
    portal.remove(gone.key, gone.version)
    back = portal.share("back.pdf", note=NOTE)
    assert portal.s3link(f"links revoke {back.id} --yes").exit_code == 0
    assert [press(one.link).status for one in (over, gone, back)] == [410] * 3


def _ask(portal: Portal) -> None:
    """Links that are asked for, by whoever may, from wherever."""
    shared = portal.share("asked.pdf", note=NOTE)
    own = {**FORM, "Origin": portal.url}
    for address, headers in (
        (shared.recipient, own),
        ("stranger@example.com", own),
        ("eve@evil.example", own),
        ("no address", own),
        (shared.recipient, {**FORM, "Origin": "https://evil.example"}),
    ):
        body = urlencode({"email": address, "file": shared.key}).encode()
        ask(f"{portal.url}/request-link", "POST", body, headers)
    portal.mail_to(shared.recipient, 2)


def _remind_and_resend(portal: Portal) -> None:
    late = portal.share("late.pdf", note=NOTE)
    portal.change_row(late.id, RemindAt=1)
    [schedule] = portal.aws.schedules.describe()
    portal.aws.schedules.run(schedule["name"])
    portal.mail_to(late.recipient, 2)
    portal.s3link(f"links extend {late.id} --by 1h --yes")
    portal.s3link(f"links resend {late.id} --yes --debug")
    portal.mail_to(late.recipient, 3)


def _confirm(portal: Portal) -> None:
    """A link that asks who is there, until it is locked."""
    asking = portal.share("asking.pdf", note=NOTE)
    set_environment(portal, "Portal", ConfirmRecipient="true")
    assert ask(asking.link).status == 200
    answers = [
        press(asking.link, address=address).status for address in ("x", *["a@b.example"] * 6)
    ]
    assert answers[0] == 400 and answers[-1] == 429
    set_environment(portal, "Portal", ConfirmRecipient="false")


def set_environment(portal: Portal, function: str, **changes: str) -> None:
    """Change a function's parameters behind CloudFormation's back."""
    client, name = portal.account.client("lambda"), portal.names[function]
    usual = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    client.update_function_configuration(
        FunctionName=name, Environment={"Variables": {**usual, **changes}}
    )


def call(portal: WithPrograms, target: str, body: dict[str, Any] | None = None) -> Reply:
    """One of the routes for programs; signed."""
    url, method = f"{portal.api}{target}", "POST" if body else "GET"
    content = json.dumps(body).encode() if body else None
    return ask(url, method, content, signed(url, PROGRAM, method, content))


def presigned(portal: WithPrograms, **parameters: object) -> Reply:
    return call(portal, f"/presigned-url?{urlencode(parameters, quote_via=quote)}")


def one_time_link(portal: WithPrograms, key: str) -> Reply:
    given = {"bucket_name": portal.names["FileExchangeBucket"], "object_name": key}
    return call(portal, "/generate-url", given)


def _programs(portal: WithPrograms, handed: Handed) -> None:
    """Up and down, in one piece and in parts, once and once more, and all that is refused."""
    key, asked = "up.pdf", {"contentLength": 5, "note": NOTE}
    up = handed.keep(presigned(portal, operation="upload", fileKey=key, **asked)).document
    assert ask(up["url"], "PUT", b"bytes", up["headers"]).status == 200
    down = handed.keep(presigned(portal, operation="download", fileKey=key)).document
    assert ask(down["url"]).body == b"bytes"
    parts = handed.keep(
        presigned(portal, operation="upload", fileKey="big.pdf", contentLength=10, parts=1)
    ).document
    tag = ask(parts["urls"][0], "PUT", b"x" * 10).header("etag")
    completed = {**parts["complete"]["body"], "parts": [{"partNumber": 1, "eTag": tag}]}
    assert call(portal, "/complete-upload", completed).status == 200
    link = handed.keep(one_time_link(portal, key)).document["url"]
    assert follow(handed.keep(ask(link))).body == b"bytes"
    assert [ask(one).status for one in (link, f"{link}A", link[:-3], f"{link}&x=1")] == [403] * 4
    for parameters in ({}, {"operation": "upload"}, {"operation": "download", "fileKey": link}):
        assert presigned(portal, **parameters).status in (400, 404)
    assert ask(f"{portal.api}/presigned-url").status == 403
    assert one_time_link(portal, "no such file").status == 404


def _faults(portal: WithPrograms, handed: Handed) -> None:
    """Each service is out of order for a moment; what was given up waits, and is replayed."""
    shared = portal.share("fault.pdf", note=NOTE)
    link = handed.keep(one_time_link(portal, shared.key)).document["url"]
    services = portal.aws.services
    services.stop("s3")
    assert press(shared.link).status == 503
    assert presigned(portal, operation="download", fileKey=shared.key).status == 503
    services.start("s3")
    services.stop("dynamodb")
    assert (press(shared.link).status, ask(link).status) == (503, 500)
    assert one_time_link(portal, shared.key).status == 503
    services.start("dynamodb")
    services.stop("ses")
    body = urlencode({"email": shared.recipient}).encode()
    ask(f"{portal.url}/request-link", "POST", body, {**FORM, "Origin": portal.url})
    portal.s3link(f"links resend {shared.id} --yes")
    until(lambda: portal.dead_letters("PortalDeadLetterQueue") != "[]")
    until(lambda: any("PortalDeadLetterQueue" in one.subject for one in portal.admins_mails))
    handed.letters = portal.dead_letters("PortalDeadLetterQueue")
    portal.s3link("dlq list --debug")
    services.start("ses")
    portal.s3link("dlq redrive --all")
    portal.mail_to(shared.recipient, 2)


def _look_around(portal: Portal) -> None:
    """Whatever an operator looks at."""
    for line in (
        "status",
        "links list",
        "links list --output json",
        "logs --portal",
        "logs --portal --output json",
        "logs --programs",
        "logs --programs --output json",
        "deliveries --output json",
        "plan",
        "doctor --debug",
    ):
        portal.s3link(line)
