"""Several files that one mail announces, put as docs/shares.md says, by the real `aws` client and
by boto3, with roles that may do only what their policies say."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from deploy.local.inbox.mailbox import MAILBOX, Mail
from deploy.local.server import EmbeddedAws
from tests.e2e.conftest import RunningLocal
from tests.e2e.deployed import SENDER, Deployed
from tests.local.apis import ask
from tests.templates.mails import Reader
from tests.tools import AWSCLI, ROOT, RUN_LIMIT, installed
from tests.waiting import until

pytestmark = pytest.mark.slow

ID = "0a1b2c3d-e2e"
FILES = {
    "q3/report (final) + ü.pdf": b"The report",
    "q3/photos/a.jpg": bytes(range(256)),
    "bob@example.com/notes.txt": b"",
}
PEOPLE = ["ann@example.com", "bob@example.com"]


@pytest.fixture
def deployed(tmp_path: Path) -> Iterator[Deployed]:
    with EmbeddedAws(retry_delays=(0.05, 0.05)) as aws:
        yield Deployed(aws, tmp_path)


def put_files(deployed: Deployed) -> list[dict[str, Any]]:
    named = {"s3link-share": ID}
    return [
        {"key": key, "version": deployed.upload(key, content, **named), "size": len(content)}
        for key, content in FILES.items()
    ]


def put_manifest(deployed: Deployed, files: list[dict[str, Any]]) -> None:
    document = {"s3link": "share", "version": 1, "recipients": PEOPLE, "files": files}
    deployed.account.client("s3").put_object(
        Bucket=deployed.names["FileExchangeBucket"],
        Key=f".s3link/shares/{ID}.json",
        Body=json.dumps(document).encode(),
        ContentType="application/json",
        IfNoneMatch="*",
    )


def mails() -> list[Mail]:
    return [mail for mail in MAILBOX.mails() if mail.sender == SENDER]


def states(deployed: Deployed) -> list[tuple[str, str, str]]:
    ran = deployed.s3link("deliveries --output json")
    rows = ran.document["deliveries"]
    return sorted((row["recipient"], row["file"], row["state"]) for row in rows)


def test_a_share_is_one_mail_whose_links_give_the_same_bytes(deployed: Deployed) -> None:
    """For each recipient one, in HTML as in text; a file for somebody else's folder included."""
    files = put_files(deployed)
    until(lambda: deployed.s3link("logs").stdout.count("announced with the other files") == 3)
    assert mails() == []

    put_manifest(deployed, files)
    until(lambda: len(mails()) == 2)
    until(lambda: [state for *_, state in states(deployed)] == ["Delivered", "Delivered"])

    assert sorted(mail.recipients for mail in mails()) == [(one,) for one in PEOPLE]
    deliveries = set()
    for mail in mails():
        assert mail.subject == "Files for you: report (final) + ü.pdf and 2 more files"
        links = Reader(mail.html).links
        assert links == re.findall(r"^http\S+$", mail.text, re.MULTILINE)
        assert [ask(link).body for link in links] == list(FILES.values())
        deliveries.add(
            tuple(parse_qs(urlsplit(link).query)["x-s3link-delivery"][0] for link in links)
        )
        assert "Total size: 266 bytes" in mail.text
    assert all(len(set(one)) == 1 for one in deliveries)
    assert len(deliveries) == 2
    assert len(mails()) == 2


def test_the_portals_link_of_a_share_is_made(tmp_path: Path) -> None:
    """LinkGenerator's role may write what the row of a share has."""
    with EmbeddedAws(retry_delays=(0.05, 0.05)) as aws:
        deployed = Deployed(aws, tmp_path, ("portal",))
        put_manifest(deployed, put_files(deployed))
        until(lambda: len(mails()) == 2)
        listed = deployed.s3link("links list --output json").document["links"]
        text = mails()[0].text

    assert len(listed) == 2
    assert "Files:\n- report (final) + ü.pdf, 10 bytes, in q3\n- a.jpg, 256 bytes, in q3" in text
    assert len(re.findall(r"^http\S+/d/\S+$", text, re.MULTILINE)) == 1


def test_a_manifest_that_lies_mails_nobody(deployed: Deployed) -> None:
    """The event waits with its reason, and names the file."""
    files = put_files(deployed)
    files[1]["size"] += 1

    put_manifest(deployed, files)
    until(lambda: "has 256 bytes, and the manifest says 257" in deployed.s3link("dlq list").stdout)

    assert mails() == []
    assert states(deployed) == []


def test_the_commands_in_the_document_work(local: RunningLocal, tmp_path: Path) -> None:
    """As they stand there, but for the bucket's name."""
    [block] = re.findall(
        r"```\n(BUCKET=.*?)```", (ROOT / "docs/shares.md").read_text("utf-8"), re.DOTALL
    )
    (tmp_path / "report.pdf").write_bytes(b"The report")
    (tmp_path / "table.csv").write_bytes(b"a,b\n1,2\n")
    script = re.sub(r"^BUCKET=.*$", f"BUCKET={local.bucket}", block, count=1, flags=re.MULTILINE)
    client = installed(AWSCLI, "aws")
    environment = {**local.environment(), "AWS_ENDPOINT_URL": local.endpoint}
    environment["PATH"] = f"{client.parent}{os.pathsep}{environment['PATH']}"

    ran = subprocess.run(
        ["bash", "-euc", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_LIMIT,
    )

    assert ran.returncode == 0, ran.stderr
    for recipient in ("bob@example.com", "carol@example.com"):
        mail = local.wait_for_mail(
            lambda mail, to=[recipient]: mail["to"] == to and "table.csv" in mail["text"]
        )
        links = re.findall(r"^http\S+$", mail["text"], re.MULTILINE)
        assert "> As promised." in mail["text"]
        assert [ask(link).body for link in links] == [b"The report", b"a,b\n1,2\n"]
