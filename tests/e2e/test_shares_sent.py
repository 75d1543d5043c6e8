"""A share all the way: twelve files with awkward names in two folders, sent to two people."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.clicking import Downloaded, download, download_all
from deploy.local.inbox.mailbox import MAILBOX, Mail
from deploy.local.server import EmbeddedAws
from deploy.local.wire.replies import WsgiApp
from deploy.local.wire.requests import Environ
from tests.deploy.operator import Ran
from tests.e2e.deployed import Deployed
from tests.mails import link_in

pytestmark = pytest.mark.slow

PEOPLE = ("bob@example.com", "eve@example.com")
FOLDERS = {
    "photos 2026": (
        *("a report (final).pdf", "+&=%20#?.txt", "Ünïcödé ✓ 漢字.txt", "noname"),
        *("'quotes\" $HOME.sh", f"{'long' * 40}.bin", "empty.txt"),
    ),
    "offers/ a & b": ("a report (final).pdf", "semi;colon,comma.csv", "tar.tar.gz", "[x]{y}.json"),
    "offers": ("~tilde^.html",),
}
TITLE = "'quotes\" $HOME.sh and 11 more files"


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files below a folder, by where they lie."""
    return {
        f"{folder}/{name}": b"" if name == "empty.txt" else f"{folder}/{name}".encode() * 100
        for folder, names in FOLDERS.items()
        for name in names
    }


class Wire:
    """Between a sender and S3: while it `refuses` a file, S3 does."""

    refuses = ""

    def __call__(self, aws: WsgiApp) -> WsgiApp:
        def application(environ: Environ, start_response: Any) -> Any:
            is_put = environ["REQUEST_METHOD"] == "PUT"
            if is_put and self.refuses and environ["PATH_INFO"].endswith(self.refuses):
                start_response("403 Forbidden", [("Content-Type", "application/xml")])
                return [b"<Error><Code>AccessDenied</Code></Error>"]
            return aws(environ, start_response)

        return application


@pytest.fixture
def wire() -> Wire:
    return Wire()


def deployed_at(
    folder: Path, sent: dict[str, bytes], parts: tuple[str, ...], wire: Wire
) -> Iterator[Deployed]:
    for name, content in sent.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    with EmbeddedAws(retry_delays=(0, 0), wire=wire) as aws, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        yield Deployed(aws, folder, parts)


@pytest.fixture
def with_portal(tmp_path: Path, sent: dict[str, bytes], wire: Wire) -> Iterator[Deployed]:
    yield from deployed_at(tmp_path, sent, ("portal",), wire)


@pytest.fixture
def with_direct_links(tmp_path: Path, sent: dict[str, bytes], wire: Wire) -> Iterator[Deployed]:
    yield from deployed_at(tmp_path, sent, (), wire)


def send(deployed: Deployed, folder: Path, options: str = "") -> Ran:
    folders = " ".join(shlex.quote(str(folder / name)) for name in ("photos 2026", "offers"))
    return deployed.s3link(f"send --wait --to {','.join(PEOPLE)} {options} {folders}")


def only_mail_to(recipient: str) -> Mail:
    [mail] = [one for one in MAILBOX.mails() if one.recipients == (recipient,)]
    return mail


def same(given: list[Downloaded], sent: dict[str, bytes]) -> bool:
    """Each file once, under its own name, with the same bytes."""
    wanted = sorted((path.rpartition("/")[2], content) for path, content in sent.items())
    assert sorted((one.name, one.content) for one in given) == wanted
    return True


def test_each_gets_one_mail_to_a_page_with_all_files(
    with_portal: Deployed, tmp_path: Path, sent: dict[str, bytes]
) -> None:
    """And the operator finds the share by its title in every list, and takes it back by it."""
    told = send(with_portal, tmp_path).stdout

    assert re.fullmatch(
        r"Sent 12 files \(\d+\.\d kB\); one mail with a link goes to each of bob@example.com, "
        r"eve@example.com\.\n",
        told,
    )
    for recipient in PEOPLE:
        assert same(download_all(link_in(only_mail_to(recipient)), recipient), sent)
    deliveries = with_portal.s3link(f"deliveries --file {shlex.quote(TITLE)} --output json")
    assert [one["recipient"] for one in deliveries.document["deliveries"]][::-1] in (
        list(PEOPLE),
        list(PEOPLE)[::-1],
    )
    [link] = with_portal.s3link(
        f"links list --file {shlex.quote(TITLE)} --recipient eve@example.com --output json"
    ).document["links"]
    assert (link["name"], link["files"], link["downloads"]) == (TITLE, 12, 12)
    ran = with_portal.s3link(f"links revoke --yes --file {shlex.quote(TITLE)}")
    assert ran.stdout.count(f'("{TITLE}" for ') == 2


def test_the_senders_own_links_lead_to_the_same_page(
    with_portal: Deployed, tmp_path: Path, sent: dict[str, bytes]
) -> None:
    """One for each recipient of the share."""
    told = send(with_portal, tmp_path, "--print-links --max-downloads 2").stdout

    links = re.findall(r'^"(.+)" for (\S+): (\S+)$', told, re.MULTILINE)
    assert [(title, recipient) for title, recipient, _ in links] == [
        (TITLE, recipient) for recipient in PEOPLE
    ]
    assert same(download_all(links[0][2], PEOPLE[0]), sent)


def test_without_a_portal_the_mail_has_a_link_to_each(
    with_direct_links: Deployed, tmp_path: Path, sent: dict[str, bytes]
) -> None:
    """All in one."""
    told = send(with_direct_links, tmp_path).stdout

    assert told.endswith(f"one mail with a link to each goes to each of {', '.join(PEOPLE)}.\n")
    for recipient in PEOPLE:
        links = re.findall(r"https?://\S+", only_mail_to(recipient).text)
        assert same([download(link, recipient) for link in links], sent)


def test_a_send_that_broke_off_mails_once(
    with_direct_links: Deployed, tmp_path: Path, sent: dict[str, bytes], wire: Wire
) -> None:
    """What had arrived by then is in the same mail as the rest."""
    wire.refuses = "~tilde^.html"
    broke_off = send(with_direct_links, tmp_path)
    wire.refuses = ""

    finished = send(with_direct_links, tmp_path)

    assert broke_off.error.endswith(
        ": 11 of 12 files arrived and nobody was mailed; run the same command again: it sends only "
        "what is missing, and mails nobody twice."
    )
    assert "11 of 12 files were there from an earlier send.\n" in finished.stderr
    assert "Sent 12 files" in finished.stdout
    for recipient in PEOPLE:
        links = re.findall(r"https?://\S+", only_mail_to(recipient).text)
        assert same([download(link, recipient) for link in links], sent)
